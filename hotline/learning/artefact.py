"""What was learnt, as bytes that are the same wherever and whenever they are written."""

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from hotline.catalogue.understanding.usage import Meaning, Usage
from hotline.embeddings import Vectors

Learnt = Mapping[str, Usage]
NUMBERS = np.dtype("<f4")


def written(learnt: Learnt) -> tuple[bytes, str]:
    """(compressed content, sha256 of the content)."""
    plain = {code: _plain(usage) for code, usage in learnt.items()}
    content = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return zlib.compress(content, 9), hashlib.sha256(content).hexdigest()


def read(artefact: bytes) -> dict[str, Usage]:
    return {code: _usage(plain) for code, plain in json.loads(zlib.decompress(artefact)).items()}


def numbers(total: Vectors) -> bytes:
    return total.astype(NUMBERS).tobytes()


def vector(written_: bytes) -> Vectors:
    return np.frombuffer(written_, dtype=NUMBERS).astype(np.float32)


def _plain(usage: Usage) -> dict[str, Any]:
    plain: dict[str, Any] = {"characters": usage.characters, "pinyin": usage.pinyin}
    if usage.meaning:
        total = base64.b64encode(numbers(usage.meaning.total)).decode()
        plain["meaning"] = [usage.meaning.model, usage.meaning.sentences, total]
    return plain


def _usage(plain: dict[str, Any]) -> Usage:
    meaning = None
    if "meaning" in plain:
        model, sentences, total = plain["meaning"]
        meaning = Meaning(model, sentences, vector(base64.b64decode(total)))
    return Usage(Counter(plain["characters"]), Counter(plain["pinyin"]), meaning)
