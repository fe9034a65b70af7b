"""The web application inside the test process."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import Flask

from hotline.config import settings


@contextmanager
def application(**config: Any) -> Iterator[Flask]:
    """One for all tests of a process: to bind its addresses takes longer than most tests. Its config is put
    back at the end; whoever adds a page to it makes one of their own (`own_app`).
    """
    app = _made(settings().model_dump_json(include={"site", "web"}))
    before = {**app.config}
    app.config.update(config)
    try:
        yield app
    finally:
        app.config.clear()
        app.config.update(before)


@cache
def _made(of: str) -> Flask:
    """`of` are the settings that an application reads when it is made."""
    from hotline.wiring.app import create_app

    return create_app()
