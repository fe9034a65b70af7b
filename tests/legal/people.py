"""Callers, web users and lawyers for the tests of the legal line."""

from datetime import UTC, datetime, time
from itertools import count
from typing import Any

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.config import settings
from hotline.db import transaction
from hotline.legal import service
from hotline.legal.models import LawyerTask
from tests.support.people import staff_with

NIGHT = datetime(2026, 3, 10, 14, tzinfo=UTC)  # Tuesday 22:00 in Shanghai
OFFICE_HOURS = {"opens": time(9), "closes": time(17)}
_calls = count(1)


def closed_now() -> dict[str, Any]:
    """Settings of a legal line that is closed at this hour of every day."""
    hour = clock.now().astimezone(settings().site.zone).hour
    opens, closes = (time(14), time(15)) if hour < 12 else (time(1), time(2))
    return {"opens": opens, "closes": closes, "days": "every"}


def call(number: str | None = "13800138000") -> Call:
    with transaction() as session:
        return calls.open_call(
            session,
            hotline="12348",
            dialled="12348",
            number=number,
            system="simulated",
            system_id=f"night-{next(_calls)}",
            now=NIGHT,
        )


def message(number: str | None = "13800138000", *, now: datetime = NIGHT) -> LawyerTask:
    """Somebody rang in the night and left one."""
    with transaction() as session:
        return service.take_message(session, call(number), seconds=42, now=now)


def lawyer() -> int:
    return staff_with("lawyer").id


def another_lawyer() -> int:
    return staff_with("supervisor").id


def claimed(task: LawyerTask, by: int) -> None:
    with transaction() as session:
        service.claim(session, task.id, staff_id=by, now=NIGHT)


def now_as_kept(task_id: int) -> LawyerTask:
    with transaction() as session:
        task = service.get(session, task_id)
        assert task.ticket.item.code
        assert task.ticket.caller or not task.ticket.caller_id
        return task
