"""A configured Hotline inside the test process: settings written to a file, caches emptied."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from hotline import config, db, embeddings, jobs, live


def forget() -> None:
    """Empty every per-process cache that hangs on the settings."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    for cached in (config.settings, db.engine, live.connection, jobs._queue, embeddings.embedder):
        cached.cache_clear()


@contextmanager
def configured(path: Path, sections: dict[str, Any]) -> Iterator[None]:
    attachments = {"directory": str(path.parent / "attachments"), **sections.get("attachments", {})}
    path.write_text(tomli_w.dumps({**sections, "attachments": attachments}), encoding="utf-8")
    before = os.environ.get("HOTLINE_CONFIG")
    os.environ["HOTLINE_CONFIG"] = str(path)
    forget()
    try:
        yield
    finally:
        forget()
        if before is None:
            del os.environ["HOTLINE_CONFIG"]
        else:
            os.environ["HOTLINE_CONFIG"] = before
