"""Every number opens exactly its rows, parts add up to wholes, and a day ends at local midnight."""

from collections import Counter
from datetime import date, timedelta
from itertools import product
from typing import get_args

import pytest
from sqlalchemy import select

from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.reports import queries
from hotline.reports.definitions import FIGURES
from hotline.reports.figure import Figure
from hotline.reports.queries import Dimension, Part, Period, Result
from hotline.tickets.models import TicketClock
from tests.reports.generated import FIRST, FORTNIGHT, HOTLINES, LAST, MID, ZONE

PARTS: tuple[Part, ...] = get_args(Part)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
EVERYTHING = 10**6


def report(
    period: Period = FORTNIGHT, *, hotline: str | None = None, by: Dimension = "all"
) -> dict[tuple[str, str], Result]:
    with transaction() as session:
        found = queries.report(session, period, MID, hotline=hotline, by=by)
    return {(result.figure.name, result.group): result for result in found}


def totals(results: dict[tuple[str, str], Result]) -> Counter[tuple[str, str]]:
    """(figure, part) -> sum over groups."""
    summed: Counter[tuple[str, str]] = Counter()
    for (name, _group), result in results.items():
        for part in PARTS:
            summed[name, part] += getattr(result, part)
    return summed


def test_the_fortnight_has_something_in_every_part_of_every_figure(fortnight: str) -> None:
    found = report()
    assert {name for name, _ in found} == {figure.name for figure in FIGURES}
    for result in found.values():
        assert result.numerator > 0, result.figure.name
        assert result.denominator > result.numerator or result.figure.counted == "true", result.figure.name
        assert bool(result.excluded) == (result.figure.excluded != "false"), result.figure.name


@pytest.mark.parametrize("by", get_args(Dimension))
@pytest.mark.parametrize("hotline", [None, "12348"])
def test_every_number_opens_as_many_rows_as_it_says(
    fortnight: str, hotline: str | None, by: Dimension
) -> None:
    found = report(hotline=hotline, by=by)
    assert len(found) >= len(FIGURES) // 2
    with transaction() as session:
        for ((name, group), result), part in product(found.items(), PARTS):
            rows = queries.rows(
                session,
                name,
                FORTNIGHT,
                MID,
                part=part,
                hotline=hotline,
                by=by,
                group=group,
                limit=EVERYTHING,
            )
            assert len(rows) == getattr(result, part), (name, group, part)


def test_every_call_has_exactly_one_outcome(fortnight: str) -> None:
    for hotline in (None, *HOTLINES):
        found = report(hotline=hotline)
        outcomes = (
            "answered",
            "abandoned",
            "overflowed",
            "left_message",
            "blocked",
            "failed",
            "unanswered_yet",
        )
        counted = sum(found[f"calls_{outcome}", ""].numerator for outcome in outcomes)
        assert counted == found["calls_received", ""].numerator


@pytest.mark.parametrize("by", ["category", "organisation_id"])
def test_the_groups_of_a_breakdown_add_up_to_the_whole(fortnight: str, by: Dimension) -> None:
    whole, groups = report(), report(by=by)
    of_tickets = {figure.name for figure in FIGURES if figure.rows == "ticket"}
    assert totals(groups) == {key: n for key, n in totals(whole).items() if key[0] in of_tickets}
    assert len({group for _, group in groups}) > 3


def test_the_two_hotlines_add_up_to_both(fortnight: str) -> None:
    apart = [totals(report(hotline=hotline)) for hotline in HOTLINES]
    assert apart[0] + apart[1] == +totals(report())


def test_the_days_add_up_to_the_fortnight_and_none_is_counted_twice(fortnight: str) -> None:
    summed: Counter[tuple[str, str]] = Counter()
    for day in DAYS:
        summed += totals(report(Period(day, day, ZONE)))
    assert summed == +totals(report())


def test_a_limit_that_ends_at_midnight_belongs_to_the_day_that_ends(fortnight: str) -> None:
    later = MID + timedelta(days=60)
    for day in (FIRST, LAST):
        with transaction() as session:
            due = queries.rows(session, "on_time_rate", Period(day, day, ZONE), later, part="denominator")
        assert {at.astimezone(ZONE) for _, at in due} == {Period(day, day, ZONE).stop}


def test_a_limit_that_stands_still_is_not_late(fortnight: str) -> None:
    later, period = MID + timedelta(days=60), Period(FIRST, LAST + timedelta(days=40), ZONE)
    with transaction() as session:
        standing = set(
            session.scalars(select(TicketClock.ticket_id).where(TicketClock.paused_at.is_not(None)))
        )
        parts = {
            part: {
                ticket_id
                for ticket_id, _at in queries.rows(
                    session, "on_time_rate", period, later, part=part, limit=EVERYTHING
                )
            }
            for part in PARTS
        }
    assert len(standing) > 3
    assert standing <= parts["excluded"]
    assert not standing & parts["denominator"]


def test_accepted_tickets_and_service_requests_are_all_tickets(fortnight: str) -> None:
    found = report()
    accepted, service = found["tickets_accepted", ""], found["service_requests", ""]
    assert accepted.excluded == service.numerator + service.excluded  # and those merged
    assert accepted.numerator + service.numerator == service.denominator


def test_rated_and_silent_are_all_who_were_invited(fortnight: str) -> None:
    found = report()
    invited, solved = found["response_rate", ""], found["solved_rate", ""]
    assert solved.denominator == invited.numerator
    assert solved.denominator + solved.excluded == invited.denominator
    strict, loose = found["satisfied_rate_strict", ""], found["satisfied_rate", ""]
    assert strict.numerator < loose.numerator == found["satisfied_rate_full_sample", ""].numerator


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_turning_pages_shows_every_row_once_and_newest_first(fortnight: str, figure: Figure) -> None:
    with transaction() as session:

        def page(limit: int, offset: int) -> list[tuple[int, object]]:
            found = queries.rows(
                session, figure.name, FORTNIGHT, MID, part="denominator", limit=limit, offset=offset
            )
            return list(found)

        rows = page(EVERYTHING, 0)
        turned = [row for offset in range(0, len(rows) + 7, 7) for row in page(7, offset)]
    assert turned == rows
    assert [at for _, at in rows] == sorted((at for _, at in rows), reverse=True)  # type: ignore[type-var]


def test_a_quiet_period_has_counts_of_nothing_and_rates_without_a_value(fortnight: str) -> None:
    found = report(Period(date(2024, 1, 1), date(2024, 1, 31), ZONE))
    assert {result.value for result in found.values() if not result.figure.rate} == {0}
    assert {result.value for result in found.values() if result.figure.rate} == {None}
    assert report(Period(date(2024, 1, 1), date(2024, 1, 31), ZONE), by="category") == {}


def test_a_number_of_an_unknown_figure_is_refused_by_its_name(fortnight: str) -> None:
    with transaction() as session, pytest.raises(InvalidInput, match="no figure is called happiness"):
        queries.rows(session, "happiness", FORTNIGHT, MID, part="numerator")


def test_an_unknown_group_has_no_rows(fortnight: str) -> None:
    with transaction() as session:
        for group in ("99", "'; DROP TABLE ticket; --"):
            rows = queries.rows(
                session, "completion_rate", FORTNIGHT, MID, part="numerator", by="category", group=group
            )
            assert rows == []
