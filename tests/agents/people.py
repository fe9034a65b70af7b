"""Agents and callers for tests, and a telephone switch that notes whom it rang."""

import threading
import time
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from agents import handlers
from agents.models import AgentPresence
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.event_log import Event
from hotline.staff.models import Staff
from hotline.telephony.ports import Member

NOW = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
REACTIONS = {
    "call_queued": handlers.on_call_queued,
    "agent_state_changed": handlers.on_agent_state_changed,
    "agent_rung": handlers.on_agent_rung,
    "agent_missed_ring": handlers.on_agent_missed_ring,
    "call_answered": handlers.on_call_answered,
    "call_ended": handlers.on_call_ended,
    "staff_signed_out": handlers.on_staff_signed_out,
}


class Switch:
    """A telephone system that does not distribute; it notes rings and may refuse some."""

    system = "simulated"
    distributes = False

    def __init__(self, *, seconds: float = 0.0, refuses: ProviderError | None = None, only: str = "") -> None:
        self.rings: list[tuple[str, str]] = []
        self._seconds, self._refuses, self._only = seconds, refuses, only
        self._lock = threading.Lock()

    def ring_agent(self, call_system_id: str, extension: str) -> str:
        time.sleep(self._seconds)
        if self._refuses and self._only in ("", call_system_id):
            raise self._refuses
        with self._lock:
            self.rings.append((call_system_id, extension))
            return f"leg-{len(self.rings)}"

    def ring_citizen(self, number: str, *, hotline: str, survey_id: int, attempt: str) -> str:
        raise AssertionError("agents do not ring citizens by machine")

    def hang_up(self, system_id: str) -> None: ...

    def add_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None: ...

    def pause_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None: ...

    def remove_member(self, queue: str, extension: str) -> None: ...

    def members(self, queue: str) -> tuple[Member, ...]:
        return ()

    def waiting(self, queue: str) -> tuple[str, ...]:
        return ()


class Distributing(Switch):
    """Like Asterisk: it chooses agents by itself."""

    distributes = True


def agent(session: Session, extension: str = "1001") -> Staff:
    """The demo agent with this extension; made where there is no demo."""
    found = session.scalar(select(Staff).where(Staff.username == extension))
    if found:
        return found
    person = Staff(username=extension, name="坐席", password_hash="none", role="agent", extension=extension)
    session.add(person)
    session.flush()
    return person


def waiting_call(
    session: Session, name: str, *, number: str | None = "13800138000", at: datetime = NOW
) -> Call:
    call = calls.open_call(
        session,
        hotline="12345",
        dialled="12345",
        number=number,
        system="simulated",
        system_id=name,
        now=at - timedelta(seconds=20),
    )
    calls.enter_ivr(session, call, at - timedelta(seconds=20))
    calls.enqueue(session, call, "hotline_12345", at)
    return call


def react(seen: int = 0) -> int:
    """Let agents react to every fact after event `seen`, until nothing new happens; the last event's id."""
    while True:
        with transaction() as session:
            events = session.scalars(select(Event).where(Event.id > seen).order_by(Event.id)).all()
        if not events:
            return seen
        for event in events:
            if event.kind in REACTIONS:
                with transaction() as session:
                    REACTIONS[event.kind](session, session.get_one(Event, event.id))
            seen = event.id


def presence(staff_id: int) -> tuple[str, str | None, int | None]:
    with transaction() as session:
        row = session.get_one(AgentPresence, staff_id)
        return row.state, row.reason, row.call_id


def sign_in_as(client: FlaskClient, staff_id: int) -> None:
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["staff_id"] = staff_id
