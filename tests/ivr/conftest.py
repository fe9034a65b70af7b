"""A seeded Hotline whose settings a test chooses."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from hotline.telephony import ports
from tests.conftest import Servers, sections
from tests.support.instance import configured
from tests.support.pages import application

TOKEN = "a token for tests only"
PUBLIC_URL = "https://hotline.example"
TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": TOKEN}

Site = Callable[..., Flask]


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[Site]:
    """`site(ivr={"menu": False})` is the web application with these settings over the usual ones."""
    with ExitStack() as stack:
        name = servers.copy_of(seeded_template)
        stack.callback(servers.drop, name)

        def make(**chosen: dict[str, Any]) -> Flask:
            base = sections(servers, name)
            usual = base | {
                "site": base["site"] | {"public_url": PUBLIC_URL},
                "telephony": {"system": "twilio", "recordings_dir": str(tmp_path / "recordings")},
                "twilio": TWILIO,
            }
            merged = {key: usual.get(key, {}) | chosen.get(key, {}) for key in usual | chosen}
            stack.enter_context(configured(tmp_path / "hotline.toml", merged))
            ports.telephony.cache_clear()
            return stack.enter_context(application())

        yield make
        ports.telephony.cache_clear()
