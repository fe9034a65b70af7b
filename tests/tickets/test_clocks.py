"""Which clocks an act starts, stops and pauses, when they are due then, and their lights on record."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.event_log import Event
from hotline.tickets import clocks, jobs
from hotline.tickets import service as tickets
from hotline.tickets.lights import light
from hotline.tickets.models import Ticket, TicketClock
from tests.support.instance import configured
from tests.tickets.matters import AGENT, NOW, last_fact, opened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIMPLE, COMPLEX, DIFFICULT = "0101", "1201", "0406"
GAS_LEAK, PETITION, LEGAL_AID = "1505", "2008", "L0801"


@pytest.fixture
def session(seeded: str) -> Iterator[Session]:
    with transaction() as session:
        yield session


def act(session: Session, ticket: Ticket, *acts: str, at: datetime = NOW) -> None:
    for name in acts:
        clocks.on_act(session, ticket, name, actor=AGENT, now=at)


def rows(session: Session, ticket: Ticket) -> dict[str, TicketClock]:
    """The newest of each clock."""
    found = select(TicketClock).where(TicketClock.ticket_id == ticket.id).order_by(TicketClock.id)
    return {row.clock: row for row in session.scalars(found)}


def running(session: Session, ticket: Ticket) -> set[str]:
    return {name for name, row in rows(session, ticket).items() if row.stopped_at is None}


def lights(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    turned = select(Event.data).where(Event.ticket_id == ticket.id, Event.kind == "light_turned")
    return [(data["clock"], data["light"]) for data in session.scalars(turned.order_by(Event.id))]


# --- which clocks -----------------------------------------------------------------------------------------


def test_a_simple_matter_has_a_first_contact_the_same_day(session: Session) -> None:
    simple = rows(session, opened(session, item_code=SIMPLE))
    assert set(simple) == {"closing", "reply", "first_contact"}
    assert simple["first_contact"].due_at == NOW + 8.5 * HOUR
    assert set(rows(session, opened(session))) == {"closing", "reply"}


@pytest.mark.parametrize("seen", ["take_in_review", "return_to_agent", "dispatch", "merge"])
def test_in_beijing_what_came_by_the_web_waits_two_hours_for_the_desk_to_see_it(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path, seen: str
) -> None:
    beijing = settings_of(seeded) | {"tiers": {"profile": "beijing"}}
    with configured(tmp_path / "beijing.toml", beijing), transaction() as session:
        called, sent = opened(session), opened(session, channel="web")
        assert "intake" not in rows(session, called)
        assert rows(session, sent)["intake"].due_at == NOW + 2 * HOUR
        act(session, sent, seen, at=NOW + 2 * HOUR)
        met = rows(session, sent)["intake"].met
        assert "intake" not in running(session, sent) and met is (None if seen == "merge" else True)


def test_in_beijing_a_power_cut_filed_as_something_else_gets_its_day(
    seeded: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    beijing = settings_of(seeded) | {"tiers": {"profile": "beijing"}}
    with configured(tmp_path / "beijing.toml", beijing), transaction() as session:
        ticket = opened(session, item_code=COMPLEX)
        assert rows(session, ticket)["closing"].limit_text == "15 calendar days"
        tickets.reclassify(session, ticket, "1502", reason="水压低", actor=AGENT, now=NOW + HOUR)
        assert rows(session, ticket)["closing"].due_at == NOW + DAY


def test_a_night_ticket_waits_for_the_office_and_an_emergency_does_not(session: Session) -> None:
    night = NOW + 14 * HOUR  # 23:00
    ticket = opened(session, item_code=GAS_LEAK, now=night)
    act(session, ticket, "dispatch", at=night)
    found = rows(session, ticket)
    assert found["emergency_dispatch"].due_at == night + timedelta(minutes=10)
    assert found["emergency_site"].due_at == night + 2 * HOUR
    assert found["claim"].due_at == NOW + 29.5 * HOUR  # four office hours of the next day: 14:30


def test_an_emergency_is_red_after_its_minutes_and_green_when_somebody_was_sent(session: Session) -> None:
    late, quick = (opened(session, item_code=GAS_LEAK) for _ in range(2))
    act(session, quick, "dispatch", at=NOW + timedelta(minutes=10))
    act(session, late, "dispatch", at=NOW + timedelta(minutes=10, seconds=1))
    assert (rows(session, quick)["emergency_dispatch"].met, lights(session, quick)) == (True, [])
    assert rows(session, late)["emergency_dispatch"].met is False
    assert lights(session, late) == [("emergency_dispatch", "red")]


def test_the_law_has_a_clock_of_its_own_beside_the_hotlines(session: Session) -> None:
    petition = opened(session, item_code=PETITION)
    found = rows(session, petition)
    assert found["acceptance"].limit_text == "15 calendar days"
    assert found["closing"].limit_text == "20 calendar days"
    act(session, petition, "dispatch", at=NOW + DAY)
    act(session, petition, "claim", at=NOW + 2 * DAY)
    found = rows(session, petition)
    assert found["acceptance"].met
    assert (found["statutory"].limit_text, found["statutory"].started_at) == (
        "60 calendar days",
        NOW + 2 * DAY,
    )
    assert {"closing", "statutory"} <= running(session, petition)
    aid = opened(session, hotline="12348", item_code=LEGAL_AID)
    assert rows(session, aid)["acceptance"].limit_text == "7 calendar days"
    consumer = opened(session, item_code=COMPLEX)
    assert rows(session, consumer)["acceptance"].limit_text == "7 working days"


def test_each_act_touches_its_own_clocks(session: Session) -> None:
    ticket = opened(session, item_code=SIMPLE)
    story = [
        ("dispatch", {"claim", "return_window", "first_contact", "reply", "closing"}),
        ("claim", {"return_window", "first_contact", "reply", "closing"}),
        ("begin", {"return_window", "reply", "closing"}),
        ("answer", {"closing"}),
        ("release", set()),
        ("reopen", {"first_contact", "reply", "closing"}),
    ]
    for name, wanted in story:
        act(session, ticket, name)
        assert running(session, ticket) == wanted, name
    assert rows(session, ticket)["closing"].round == 2


def test_what_came_back_is_claimed_anew_and_the_verdict_cannot_be_returned(session: Session) -> None:
    ticket = opened(session)
    act(session, ticket, "dispatch")
    assert clocks.runs(session, ticket, "return_window", NOW + DAY)
    assert not clocks.runs(session, ticket, "return_window", NOW + 3 * DAY)  # two working days are over
    act(session, ticket, "come_back", at=NOW + HOUR)
    assert running(session, ticket) == {"closing", "reply"}
    act(session, ticket, "dispatch", at=NOW + 2 * HOUR)
    assert rows(session, ticket)["claim"].round == 2
    act(session, ticket, "dispute", "adjudicate", at=NOW + 3 * HOUR)
    assert not clocks.runs(session, ticket, "return_window", NOW + 3 * HOUR)
    assert rows(session, ticket)["claim"].round == 3


def test_an_act_that_concerns_no_clock_changes_none(session: Session) -> None:
    ticket = opened(session)
    act(session, ticket, "take_in_review", "register_again")
    assert running(session, ticket) == {"closing", "reply"}


# --- pauses, extensions, another tier ---------------------------------------------------------------------


def test_a_question_to_the_citizen_stops_the_closing_clock_and_not_the_reply(session: Session) -> None:
    ticket = opened(session)
    due_at = rows(session, ticket)["closing"].due_at  # Sunday the 15th moves on: the end of Monday the 16th
    act(session, ticket, "ask_for_supplement", at=NOW + DAY)
    found = rows(session, ticket)
    assert found["closing"].paused_at == NOW + DAY
    assert found["reply"].paused_at is None
    act(session, ticket, "supplement", at=NOW + 6 * DAY)
    closing = rows(session, ticket)["closing"]
    assert closing.paused_at is None
    assert closing.due_at == due_at + 4 * DAY  # five midnights: Sunday the 15th becomes Friday the 20th


def test_an_emergency_is_never_paused(session: Session) -> None:
    ticket = opened(session, item_code=GAS_LEAK)
    for reason in clocks.profile().pauses:
        clocks.pause(session, ticket, reason, actor=AGENT, now=NOW + timedelta(minutes=1))
    assert rows(session, ticket)["emergency_dispatch"].paused_at is None
    assert rows(session, ticket)["closing"].paused_at


def test_a_reason_nobody_listed_pauses_nothing(session: Session) -> None:
    ticket = opened(session)
    with pytest.raises(InvalidInput, match="appraisal, force_majeure"):
        clocks.pause(session, ticket, "the boss is away", actor=AGENT, now=NOW)
    assert not any(row.pauses for row in rows(session, ticket).values())


def test_two_reasons_at_once_stop_the_clock_until_both_are_over(session: Session) -> None:
    ticket = opened(session)
    act(session, ticket, "ask_for_supplement", at=NOW + DAY)
    act(session, ticket, "put_on_long_term_list", at=NOW + 2 * DAY)
    act(session, ticket, "supplement", at=NOW + 3 * DAY)
    assert rows(session, ticket)["closing"].paused_at == NOW + DAY
    act(session, ticket, "take_off_long_term_list", at=NOW + 4 * DAY)
    closing = rows(session, ticket)["closing"]
    assert (closing.paused_at, len(closing.pauses)) == (None, 2)


def test_a_clock_that_stops_during_its_pause_is_judged_as_it_stood(session: Session) -> None:
    ticket = opened(session, item_code=SIMPLE)
    act(session, ticket, "put_on_long_term_list", at=NOW + HOUR)
    act(session, ticket, "close", at=NOW + 200 * DAY)
    closing = rows(session, ticket)["closing"]
    assert closing.met
    assert closing.paused_at is None
    assert lights(session, ticket) == [("first_contact", "yellow"), ("first_contact", "red")]


def test_an_extension_keeps_both_dates_and_is_bounded(session: Session) -> None:
    ticket = opened(session)
    before = rows(session, ticket)["closing"].due_at
    after = clocks.extend(session, ticket, 3, reason="需现场勘查", actor=AGENT, now=NOW + DAY)
    told = last_fact(session, "clock_extended")
    assert (told["old_due_at"], told["due_at"]) == (before.isoformat(), after.isoformat())
    assert after > before
    with pytest.raises(InvalidInput, match="at most 2"):
        clocks.extend(session, ticket, 3, reason="again", actor=AGENT, now=NOW + DAY)
    with pytest.raises(InvalidInput):
        clocks.extend(session, ticket, 0, reason="none", actor=AGENT, now=NOW + DAY)


def test_the_law_bounds_the_extension_of_its_own_clock(session: Session) -> None:
    petition = opened(session, item_code=PETITION)
    act(session, petition, "dispatch", "claim")
    with pytest.raises(InvalidInput, match="at most 30"):
        clocks.extend(session, petition, 31, reason="", actor=AGENT, now=NOW, clock="statutory")


def test_another_tier_keeps_the_start(session: Session) -> None:
    ticket = opened(session)
    tickets.reclassify(session, ticket, COMPLEX, reason="mended", actor=AGENT, now=NOW + 3 * DAY)
    found = rows(session, ticket)
    assert (found["closing"].started_at, found["closing"].limit_text) == (NOW, "15 calendar days")
    assert found["closing"].due_at == NOW + 15 * HOUR + 15 * DAY
    assert "acceptance" in found
    tickets.reclassify(session, ticket, "0801", reason="mended", actor=AGENT, now=NOW + 4 * DAY)
    found = rows(session, ticket)
    assert (found["closing"].started_at, found["closing"].limit_text) == (NOW, "5 calendar days")
    assert found["acceptance"].stopped_at


# --- lights on record -------------------------------------------------------------------------------------


def test_a_light_comes_on_record_once_though_nobody_acts(seeded: str) -> None:
    with transaction() as session:
        ticket = opened(session)
    due_at, second = NOW + 3 * DAY, timedelta(seconds=1)
    on_record = {
        due_at - DAY: [],
        due_at - DAY + second: [("reply", "yellow")],
        due_at: [("reply", "yellow")],
        due_at + second: [("reply", "yellow"), ("reply", "red")],
        due_at + 60 * second: [("reply", "yellow"), ("reply", "red")],
    }
    for now, wanted in on_record.items():
        jobs.turn_due_lights(now)
        with transaction() as session:
            assert [told for told in lights(session, ticket) if told[0] == "reply"] == wanted
    with transaction() as session:
        red = select(Event).where(Event.ticket_id == ticket.id, Event.data["light"].astext == "red")
        told = session.scalars(red).one()
        assert (told.data["since"], told.at) == (due_at.isoformat(), due_at + second)
        assert told.data["organisation_id"] is None


def test_the_job_takes_all_of_them_however_few_at_once(seeded: str) -> None:
    with transaction() as session:
        made = [opened(session) for _ in range(7)]
    later = NOW + timedelta(days=40)
    assert jobs.turn_due_lights(later, at_once=3) >= 14
    assert jobs.turn_due_lights(later, at_once=3) == 0
    with transaction() as session:
        for ticket in made:
            assert sorted(lights(session, ticket)) == [
                ("closing", "red"),
                ("closing", "yellow"),
                ("reply", "red"),
                ("reply", "yellow"),
            ]
            assert all(light(row, later) == row.light == "red" for row in rows(session, ticket).values())


def test_two_schedulers_and_whoever_closes_tickets_record_each_light_once(seeded: str) -> None:
    with transaction() as session:
        ids = [opened(session).id for _ in range(30)]
    later = NOW + timedelta(days=40)

    def close_all() -> None:
        for ticket_id in ids:
            with transaction() as session:
                act(session, session.get_one(Ticket, ticket_id), "close", at=later)

    def turn_all() -> None:
        jobs.turn_due_lights(later, at_once=5)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for work in (turn_all, close_all, turn_all)]:
            done.result()
    each = [("closing", "red"), ("closing", "yellow"), ("reply", "red"), ("reply", "yellow")]
    with transaction() as session:
        for ticket_id in ids:
            assert sorted(lights(session, session.get_one(Ticket, ticket_id))) == each
