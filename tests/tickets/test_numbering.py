"""No two tickets share a number, however many are opened at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hotline.db import transaction
from hotline.tickets import numbering
from tests.tickets.matters import opened
from tests.trail.tampering import as_superuser

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def open_some(_: int) -> list[str]:
    with transaction() as session:
        return [opened(session, number=None).number for _ in range(10)]


def test_tickets_opened_at_the_same_moment_have_numbers_of_their_own(seeded: str) -> None:
    with ThreadPoolExecutor(6) as people:
        numbers = [number for some in people.map(open_some, range(12)) for number in some]
    assert len(numbers) == len(set(numbers)) == 120
    assert all(re.fullmatch(r"GD20260310\d{6}", number) for number in numbers)


def test_a_ticket_that_was_not_kept_leaves_its_number_unused(seeded: str) -> None:
    with transaction() as session:
        first = numbering.next_number(session, NOON, ZONE)
        session.rollback()
    with transaction() as session:
        assert numbering.next_number(session, NOON, ZONE) != first


def test_after_a_million_the_number_keeps_its_length(seeded: str) -> None:
    as_superuser("SELECT setval('ticket_number', 999999)")
    with transaction() as session:
        assert numbering.next_number(session, NOON, ZONE) == "GD20260310000000"
        assert numbering.next_number(session, NOON, ZONE) == "GD20260310000001"


def test_a_query_code_can_be_read_aloud() -> None:
    codes = [numbering.query_code() for _ in range(500)]
    assert all(re.fullmatch("[2-9]{6}", code) for code in codes)
    assert len(set(codes)) > 480
