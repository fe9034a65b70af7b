"""Random lives of tickets: told again from their facts, clocks and lights are those on record (H01)."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.event_log import Event
from hotline.tickets import clocks, jobs
from hotline.tickets import service as tickets
from hotline.tickets.acts import ACTS
from hotline.tickets.lights import light
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.recount import Recounted, recount
from hotline.tickets.states import TicketState
from tests.tickets.matters import AGENT, NOW, opened

ITEMS = ("0101", "0801", "0107", "0406", "1201", "1505", "2008")
ACTS_OF_A_LIFE = [name for name in ACTS if name != "open"]
KEPT = [
    "clock",
    "round",
    "started_at",
    "limit_text",
    "margin_text",
    "due_at",
    "calendar",
    "extension",
    "pauses",
    "paused_at",
    "stopped_at",
    "met",
    "yellow_at",
    "light",
]


def live(session: Session, ticket: Ticket, dice: random.Random, now: datetime) -> None:
    """Anything may happen next, sensible or not."""
    what = dice.choice(["act", "act", "act", "force", "resume", "extend", "refile"])
    if what == "act":
        clocks.on_act(session, ticket, dice.choice(ACTS_OF_A_LIFE), actor=AGENT, now=now)
    elif what == "force":
        clocks.pause(session, ticket, "force_majeure", actor=AGENT, now=now)
    elif what == "resume":
        clocks.resume(session, ticket, "force_majeure", actor=AGENT, now=now)
    elif what == "extend":
        extend(session, ticket, dice.randint(1, 4), now)
    else:
        ticket.state = TicketState.REGISTERED
        other = dice.choice([code for code in ITEMS if code != ticket.item.code])
        tickets.reclassify(session, ticket, other, reason="refiled", actor=AGENT, now=now)


def extend(session: Session, ticket: Ticket, amount: int, now: datetime) -> None:
    try:
        clocks.extend(session, ticket, amount, reason="more time", actor=AGENT, now=now)
    except InvalidInput:  # it has had all it may
        return


def told(session: Session, ticket: Ticket) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.id)))


@pytest.mark.parametrize("seed", range(40))
def test_a_life_told_again_gives_the_same_clocks_and_lights(seeded: str, seed: int) -> None:
    dice, now = random.Random(seed), NOW
    with transaction() as session:
        ticket = opened(session, item_code=dice.choice(ITEMS), now=now)
        ticket_id = ticket.id
    for _ in range(14):
        now += timedelta(seconds=dice.choice([30, 700, 20_000, 90_000, 400_000]))
        if dice.random() < 0.4:
            jobs.turn_due_lights(now)
        with transaction() as session:
            live(session, session.get_one(Ticket, ticket_id), dice, now)
    jobs.turn_due_lights(now)
    with transaction() as session:
        ticket = session.get_one(Ticket, ticket_id)
        events = told(session, ticket)
        again = recount([(e.kind, e.at, e.data) for e in events], clocks.calendar(), now)
        rows = session.scalars(
            select(TicketClock).where(TicketClock.ticket_id == ticket_id).order_by(TicketClock.id)
        ).all()
        assert [kept(clock) for clock in again] == [kept(row) for row in rows]
        assert [light(clock, now) for clock in again] == [light(row, now) for row in rows]
        assert lights_recounted(again) == lights_on_record(events)


def kept(clock: Recounted | TicketClock) -> dict[str, object]:
    return {name: getattr(clock, name) for name in KEPT}


def lights_recounted(again: list[Recounted]) -> list[tuple[str, int, str, datetime]]:
    return sorted((c.clock, c.round, colour, since) for c in again for colour, since in c.lights)


def lights_on_record(events: list[Event]) -> list[tuple[str, int, str, datetime]]:
    turned = [event.data for event in events if event.kind == "light_turned"]
    return sorted((d["clock"], d["round"], d["light"], datetime.fromisoformat(d["since"])) for d in turned)


def test_the_lives_are_full_of_lights_and_pauses(seeded: str) -> None:
    """Else the test above would compare nothing."""
    with transaction() as session:
        kinds = session.scalars(select(Event.kind)).all()
    for kind in ("light_turned", "clock_paused", "clock_resumed", "clock_extended", "clock_limit_changed"):
        assert kinds.count(kind) > 10, kind
