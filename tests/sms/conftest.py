"""A house that can send texts, and the three carriers it may send them by."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask_babel import Babel
from sqlalchemy import select

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from sms import service
from sms.models import SmsMessage
from sms.smpp_bind import Bind
from sms.texts import Template
from tests.conftest import Servers, sections
from tests.sms.smsc import free_port
from tests.support.instance import configured
from tests.support.switch import served

CITIZEN = "+8613800138000"
TOKEN = "twilio-token-of-the-tests"


@pytest.fixture
def house(servers: Servers, empty_template: str, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Configure Hotline with these [sms] settings on an empty database: `house(provider="smpp", ...)`."""
    name = servers.copy_of(empty_template)
    base = sections(servers, name)
    ports = {"port": free_port(), "simulators_port": free_port()}
    stack: list[Any] = []

    def set_up(twilio: dict[str, str] | None = None, **sms: Any) -> None:
        site = {"public_url": f"http://127.0.0.1:{ports['port']}", "data_dir": str(tmp_path)}
        wanted = base | {
            "site": base["site"] | site,
            "web": ports,
            "sms": {"signature": "演示市12345"} | sms,
            "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": TOKEN} | (twilio or {}),
        }
        entered = configured(tmp_path / "hotline.toml", wanted)
        entered.__enter__()
        stack.append(entered)

    yield set_up
    for entered in reversed(stack):
        entered.__exit__(None, None, None)
    servers.drop(name)


@contextmanager
def web() -> Iterator[None]:
    """Hotline's webhooks, where carriers find them."""
    from sms.webhooks import blueprint

    app = Flask("web")
    app.register_blueprint(blueprint)
    with served(app, settings().web.port):
        yield


@contextmanager
def simulated_carrier() -> Iterator[Flask]:
    from sms.simulated.carrier import create_blueprint

    app = Flask("simulators")
    Babel(app, default_locale="zh")
    app.register_blueprint(create_blueprint(settings().site.data_dir))

    @app.after_request
    def answer(response: Response) -> Response:
        """A silent carrier takes the message; its answer comes too late."""
        time.sleep(2 if app.config.get("SILENT") else 0)
        return response

    with served(app, settings().web.simulators_port):
        yield app


@contextmanager
def bound(response_seconds: float = 2) -> Iterator[Bind]:
    """The bind process's own loop, in a thread."""
    loop = asyncio.new_event_loop()
    bind = Bind(settings().sms.smpp, response_seconds)
    thread = threading.Thread(target=loop.run_until_complete, args=(bind.run(),), daemon=True)
    thread.start()
    try:
        yield bind
    finally:
        loop.call_soon_threadsafe(bind.stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()


def queue(
    subject: str = "thanks:survey:1", *, to: str = CITIZEN, template: Template = Template.SURVEY_THANKS
) -> int:
    """One text on its way; long when it is the repeat."""
    with transaction() as session:
        made = service.queue(
            session,
            template=template,
            subject=subject,
            to=to,
            caller_id=None,
            values={},
            language="zh",
            now=clock.now(),
        )
    assert made is not None
    return made


def message(message_id: int) -> SmsMessage:
    with transaction() as session:
        return session.get_one(SmsMessage, message_id)


def state(message_id: int) -> str:
    return message(message_id).state


def delivered(message_id: int) -> bool:
    """Every receipt came. Those that crossed the record of their part are applied by the clock."""
    with transaction() as session:
        service.apply_waiting_receipts(session, settings().sms.provider, clock.now())
    return state(message_id) == "delivered"


def facts(*kinds: str) -> list[str]:
    """The kinds of facts on record, in order; only these kinds when given."""
    with transaction() as session:
        found = session.scalars(select(Event.kind).order_by(Event.id)).all()
    return [kind for kind in found if kind in kinds or not kinds]


def later(minutes: float) -> datetime:
    return clock.now() + timedelta(minutes=minutes)
