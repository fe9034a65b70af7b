"""Whoever doubts one ticket asks for everything since it was accepted."""

from datetime import timedelta

from hotline.db import transaction
from hotline.tickets import queries
from tests.dispatch.people import NOW, STREET_ITEM, open_ticket
from tests.trail.tampering import as_superuser, event_ids, sealed, verify_trail

A_DAY = timedelta(days=1)


def accepted() -> str:
    """A day with other facts, then the ticket, then a day with others again."""
    sealed([1, 2], now=NOW - A_DAY)
    with transaction() as session:
        number = open_ticket(session, STREET_ITEM).number
    sealed([], [3], now=NOW + A_DAY)
    return number


def test_a_ticket_is_verified_from_its_acceptance_on(seeded: str) -> None:
    number = accepted()
    with transaction() as session:
        facts = queries.history(session, queries.by_number(session, number).id)
    answer = verify_trail("--ticket", number)
    assert answer.exit_code == 0
    assert f"Ticket {number}: {len(facts)} facts" in answer.output
    as_superuser(f"UPDATE event_log SET actor = 'staff:66' WHERE id = {event_ids()[0]}")
    assert verify_trail("--ticket", number).exit_code == 0, "what was before it is another matter"
    as_superuser(f"DELETE FROM event_log WHERE id = {facts[0].id}")
    answer = verify_trail("--ticket", number)
    assert answer.exit_code == 1
    assert "was removed" in answer.output


def test_a_ticket_that_is_not_sealed_yet_or_not_there_is_said(seeded: str) -> None:
    with transaction() as session:
        number = open_ticket(session, STREET_ITEM).number
    assert "are not sealed yet" in verify_trail("--ticket", number).output
    answer = verify_trail("--ticket", "GD20200101000000")
    assert answer.exit_code == 1
    assert "no ticket GD20200101000000" in answer.output
