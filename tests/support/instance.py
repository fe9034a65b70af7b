"""A configured Hotline inside the test process: settings written to a file, caches emptied."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hotline import config, db, jobs, live


def toml(section: dict[str, Any]) -> str:
    lines = []
    for name, values in section.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + "}"
    return repr(value) if isinstance(value, int | float) else "'" + str(value) + "'"


def forget() -> None:
    """Empty every per-process cache that hangs on the settings."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    for cached in (config.settings, db.engine, live.connection, jobs._queue):
        cached.cache_clear()


@contextmanager
def configured(path: Path, sections: dict[str, Any]) -> Iterator[None]:
    path.write_text(toml(sections), encoding="utf-8")
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
