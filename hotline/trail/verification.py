"""Compares the facts there are with the seals over them, page by page: memory does not grow with the log.

Each page is a short transaction of its own. After a fault it goes on from the seal as it stands, so that
one touched fact is one fault.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.event_log import IN_ORDER, Seal, as_row
from hotline.trail import chain, queries
from hotline.trail.chain import Breach, Fault
from hotline.trail.queries import Sealed

PAGE = 50  # seals
AT_ONCE = 2000  # facts on their way
SHOWN = 20  # faults kept


@dataclass
class Verdict:
    """What was found so far."""

    first: int
    last: Seal | None = None
    seals: int = 0
    facts: int = 0
    faults: int = 0
    shown: list[Fault] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults

    def blame(self, fault: Fault) -> None:
        self.faults += 1
        if len(self.shown) < SHOWN:
            self.shown.append(fault)


def verify(first: int = 1, *, noted: str = "", told: Callable[[Verdict], object] = lambda _: None) -> Verdict:
    """From this seal to the newest; `told` hears after each page. The seal before is taken as it stands.

    `noted` is an earlier head's hash: it has to be in the chain still.
    """
    verdict = Verdict(first)
    with transaction() as session:
        previous = session.get(Seal, first - 1)
        if noted and queries.seal_with_hash(session, noted) is None:
            verdict.blame(Fault(Breach.HEAD_GONE, 0))
    if previous is None and first > 1:
        verdict.blame(Fault(Breach.SEAL_MISSING, first - 1))
        return verdict
    while seals := _page(verdict, previous):
        previous = seals[-1]
        told(verdict)
    return verdict


def _page(verdict: Verdict, previous: Seal | None) -> Sequence[Seal]:
    with transaction() as session:
        beyond = Seal.number > previous.number if previous else Seal.number >= verdict.first
        seals = session.scalars(select(Seal).where(beyond).order_by(Seal.number).limit(PAGE)).all()
        for seal, facts in zip(seals, _facts_under(session, previous, seals), strict=True):
            _compare(verdict, previous, seal, facts)
            previous = seal
        return seals


def _facts_under(session: Session, previous: Seal | None, seals: Sequence[Seal]) -> list[list[Sealed]]:
    """For each seal the facts between the one before it and itself, as they are now."""
    found: list[list[Sealed]] = [[] for _ in seals]
    if seals:
        ends = [queries.place_of(seal) for seal in seals]
        wanted = queries.facts_after(previous).where(tuple_(*IN_ORDER) <= as_row(ends[-1]))
        for row in session.execute(wanted.execution_options(yield_per=AT_ONCE)):
            fact = Sealed.of(row)
            found[min(bisect_left(ends, fact.place), len(seals) - 1)].append(fact)
    return found


def _compare(verdict: Verdict, previous: Seal | None, seal: Seal, facts: Sequence[Sealed]) -> None:
    verdict.seals, verdict.last = verdict.seals + 1, seal
    verdict.facts += len(facts)
    expected = previous.number + 1 if previous else verdict.first
    if seal.number != expected:
        verdict.blame(Fault(Breach.SEAL_MISSING, expected))
        return
    digests = [fact.digest for fact in facts]
    total = (previous.total if previous else 0) + len(facts)
    if chain.marks_of(digests) != seal.marks:
        for fault in chain.touched(seal.number, [fact.place.event_id for fact in facts], digests, seal.marks):
            verdict.blame(fault)
    elif seal.total != total or queries.hash_of(previous, seal, digests) != seal.hash:
        verdict.blame(Fault(Breach.SEAL_ALTERED, seal.number))
