"""Every moment a ticket was open somebody answered for it; the facts say who (H06)."""

from datetime import UTC, datetime, timedelta

from hotline.event_log import Event
from hotline.tickets.trace_back import Held, held

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fact(hours: int, kind: str, actor: str, **data: object) -> Event:
    return Event(at=NOON + hours * HOUR, kind=kind, actor=actor, data=data)


def moved(hours: int, new: str, organisation_id: int | None, actor: str) -> Event:
    return fact(hours, "ticket_state_changed", actor, new=new, organisation_id=organisation_id)


def test_it_goes_from_hand_to_hand_without_gap() -> None:
    facts = [
        fact(0, "ticket_opened", "staff:1"),
        moved(1, "dispatched", 7, "staff:6"),
        moved(2, "claimed", 7, "staff:8"),
        fact(3, "sms_sent", "system:sms"),
        moved(4, "in_review", None, "staff:8"),
    ]
    assert held(facts) == [
        Held(None, NOON, NOON + HOUR, ["staff:1", "staff:6"]),
        Held(7, NOON + HOUR, NOON + 4 * HOUR, ["staff:6", "staff:8", "system:sms"]),
        Held(None, NOON + 4 * HOUR, None, ["staff:8"]),
    ]


def test_closed_it_is_nobodys_until_it_is_opened_again() -> None:
    facts = [
        fact(0, "ticket_opened", "staff:1"),
        moved(1, "closed", None, "staff:1"),
        fact(2, "survey_answered", "caller:3"),
        moved(3, "reopened", None, "staff:6"),
    ]
    assert [(span.since, span.until) for span in held(facts)] == [
        (NOON, NOON + HOUR),
        (NOON + 3 * HOUR, None),
    ]


def test_facts_that_do_not_say_whose_it_is_leave_it_where_it_was() -> None:
    facts = [fact(0, "ticket_opened", "staff:1"), moved(1, "dispatched", 7, "staff:6")]
    older = fact(2, "ticket_state_changed", "staff:8", new="claimed")
    assert [span.organisation_id for span in held([*facts, older])] == [None, 7]
