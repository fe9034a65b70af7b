"""The arithmetic of seals: a fact's digest, a seal's hash, and where facts differ from what was sealed."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

ORIGIN = bytes(32)  # what the first seal is chained to
MARK = 8


class Breach(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    HEAD_GONE = "head_gone"  # a head somebody noted is no longer in the chain


@dataclass(frozen=True)
class Fault:
    """`near` is the number of the fact; of a removed one that of the fact before it, 0 for none."""

    breach: Breach
    seal: int
    near: int = 0


def digest(canonical: str) -> bytes:
    return hashlib.sha256(canonical.encode()).digest()


def marks_of(digests: Sequence[bytes]) -> bytes:
    return b"".join(one[:MARK] for one in digests)


def seal_hash(previous: bytes, header: Sequence[object], digests: Sequence[bytes]) -> bytes:
    """sha256 over the hash before, the seal's own fields and the whole digest of each fact."""
    sealed = hashlib.sha256(previous + json.dumps(header).encode())
    sealed.update(b"".join(digests))
    return sealed.digest()


def touched(seal: int, ids: Sequence[int], digests: Sequence[bytes], marks: bytes) -> Iterator[Fault]:
    """The facts that are not what the marks say, each with what was done to it."""
    sealed = [marks[start : start + MARK] for start in range(0, len(marks), MARK)]
    there = [one[:MARK] for one in digests]
    matcher = SequenceMatcher(None, sealed, there, autojunk=False)
    for tag, sealed_from, sealed_to, from_, to in matcher.get_opcodes():
        if tag == "equal":
            continue
        before = ids[from_ - 1] if from_ else 0
        for was, id_ in zip_longest(sealed[sealed_from:sealed_to], ids[from_:to]):
            if was is None:
                yield Fault(Breach.ADDED, seal, id_)
            elif id_ is None:
                yield Fault(Breach.REMOVED, seal, before)
            else:
                yield Fault(Breach.CHANGED, seal, id_)
            before = id_ or before
