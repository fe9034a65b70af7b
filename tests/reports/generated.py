"""A made fortnight of two hotlines, the same every time: 300 calls and matters with all their odd edges.

Everything goes through the services, with moments on both sides of local midnight and of each boundary.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import extensions
from dispatch import service as dispatch
from hotline.callers.service import caller_for
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import EndReason
from hotline.catalogue.queries import items
from hotline.db import transaction
from hotline.organisations.models import Area, Organisation
from hotline.reports.queries import Period
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import clocks, outcomes
from hotline.tickets import service as tickets
from hotline.tickets.acts import CHANNELS
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.states import TicketState
from tests.dispatch.people import send_back
from tests.support.instance import configured

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 3, 3), date(2026, 3, 16)  # limits end at midnight on both edges
FORTNIGHT = Period(FIRST, LAST, ZONE)
MID = datetime(2026, 3, 10, 4, tzinfo=UTC)
HOTLINES = ("12345", "12348")
KINDS = ("consult", "help", "suggestion", "complaint", "service")
EDGES = (time(0), time(0, 0, 0, 1), time(8), time(15, 59, 59), time(16), time(23, 59, 59, 999999))
WAITS = (0, 1, 4.999999, 5, 5.000001, 14.999999, 15, 15.000001, 90)
TICK = timedelta(microseconds=1)


@contextmanager
def fortnight_in(database: dict[str, Any], directory: Path) -> Iterator[None]:
    """The settings of a seeded database, filled and open."""
    with configured(directory / "hotline.toml", database):
        make()
        yield


def make(calls_made: int = 160, matters: int = 140, seed: int = 12345) -> None:
    """Into the seeded database that is open."""
    chance = random.Random(seed)
    with transaction() as session:
        switchboard = Switchboard(session, chance)
        for _ in range(calls_made):
            switchboard.ring()
        desk = Desk(session, chance)
        for _ in range(matters):
            desk.take()
        for day in (3, 7, 12):
            surveys.advance_due(session, MID + timedelta(days=day))


def moment(chance: random.Random) -> datetime:
    """Two days more on either side than the fortnight; every third one on an edge of the day."""
    day = FIRST + timedelta(days=chance.randint(-2, 15))
    if chance.random() < 0.33:
        return datetime.combine(day, chance.choice(EDGES), ZONE).astimezone(UTC)
    return datetime.combine(day, time(0), ZONE).astimezone(UTC) + timedelta(seconds=chance.randrange(86400))


class Switchboard:
    def __init__(self, session: Session, chance: random.Random) -> None:
        self.session, self.chance, self.numbers = session, chance, count(1)
        self.fates: tuple[Callable[[Call, datetime], None], ...] = (
            *(self.answered,) * 8,
            *(self.waited,) * 4,
            self.blocked,
            self.left_in_ivr,
            self.left_a_message,
            self.failed,
            self.overflowed,
            self.live,
        )

    def ring(self) -> None:
        number, now = next(self.numbers), moment(self.chance)
        call = calls.open_call(
            self.session,
            hotline=self.chance.choice(HOTLINES),
            dialled="12345",
            number=self.chance.choice([None, f"1380013{number:04d}"]),
            system="simulated",
            system_id=f"made-{number}",
            now=now,
            direction="inbound" if self.chance.random() < 0.9 else "outbound",
        )
        self.chance.choice(self.fates)(call, now)

    def queued(self, call: Call, now: datetime) -> datetime:
        """In the queue a little later, perhaps on the next day."""
        now += timedelta(seconds=self.chance.choice([0, 1, 20, 3600]))
        calls.enter_ivr(self.session, call, now)
        calls.enqueue(self.session, call, "hotline", now)
        return now

    def wait(self) -> timedelta:
        return timedelta(seconds=self.chance.choice(WAITS))

    def answered(self, call: Call, now: datetime) -> None:
        now = self.queued(call, now) + self.wait()
        calls.answer(self.session, call, staff_id=1, system_id="agent", now=now)
        reason = self.chance.choice([None, None, None, EndReason.FAILED])
        if self.chance.random() < 0.9:
            calls.end(self.session, call, now + timedelta(seconds=150), reason)

    def waited(self, call: Call, now: datetime) -> None:
        calls.end(self.session, call, self.queued(call, now) + self.wait())

    def blocked(self, call: Call, now: datetime) -> None:
        calls.block(self.session, call, "all_lines_taken", now)

    def left_in_ivr(self, call: Call, now: datetime) -> None:
        calls.enter_ivr(self.session, call, now)
        calls.end(self.session, call, now + self.wait())

    def left_a_message(self, call: Call, now: datetime) -> None:
        """Some are told of as abandoned first."""
        calls.enter_ivr(self.session, call, now)
        if self.chance.random() < 0.5:
            calls.end(self.session, call, now + self.wait())
        calls.end_with_message(self.session, call, now + self.wait())

    def failed(self, call: Call, now: datetime) -> None:
        at = self.queued(call, now) if self.chance.random() < 0.5 else now + timedelta(hours=2)
        calls.end(self.session, call, at, EndReason.FAILED)

    def overflowed(self, call: Call, now: datetime) -> None:
        calls.end(self.session, call, self.queued(call, now) + self.wait(), EndReason.OVERFLOWED)

    def live(self, call: Call, now: datetime) -> None:
        if self.chance.random() < 0.5:
            self.queued(call, now)


class Desk:
    def __init__(self, session: Session, chance: random.Random) -> None:
        self.session, self.chance, self.numbers = session, chance, count(1)
        self.fates = cycle(("runs", "stands", "stood"))
        self.items = {h: [i for i in items(session, h) if i.handler != "firm"] for h in HOTLINES}
        self.area = session.scalars(select(Area.id).where(Area.level == "county").limit(1)).one()
        departments = select(Organisation.id).where(Organisation.kind == "department")
        self.departments = session.scalars(departments.order_by(Organisation.code).limit(4)).all()

    def take(self) -> None:
        now = moment(self.chance)
        ticket = self.opened(now)
        match self.chance.randrange(8):
            case 0:
                self.left(ticket, now, next(self.fates))
            case 1:
                tickets.close_on_the_phone(self.session, ticket, reply="已答复", actor="staff:1", now=now)
                self.survey(ticket, now)
            case 2:
                self.dispatched(ticket, now, keep=self.chance.randrange(3))
            case 3:
                self.ended_otherwise(ticket, now)
            case _:
                self.worked(ticket, now)

    def ended_otherwise(self, ticket: Ticket, now: datetime) -> None:
        """Turned away, taken back, merged, or merged by mistake."""
        done: dict[str, Any] = {"actor": "staff:6", "now": now}
        away = self.chance.choice([TicketState.LEGAL_ROUTE, TicketState.NOT_ACCEPTED])
        match self.chance.randrange(5):
            case 0:
                outcomes.turn_away(self.session, ticket, away, reason="court", public_reply="请起诉", **done)
            case 1:
                outcomes.withdraw(self.session, ticket, reason="不用了", **done)
            case how:
                outcomes.merge(self.session, ticket, self.opened(now), **done)
                if how == 4:
                    outcomes.reconsider(self.session, ticket, reason="不是一件事", **done)

    def left(self, ticket: Ticket, now: datetime, fate: str) -> None:
        """Nobody takes it; its limit may have stood still, or stands still."""
        if fate in ("stands", "stood"):
            clocks.pause(self.session, ticket, "force_majeure", actor="staff:6", now=now + timedelta(hours=1))
        if fate == "stood":
            later = now + timedelta(days=2)
            clocks.resume(self.session, ticket, "force_majeure", actor="staff:6", now=later)

    def opened(self, now: datetime) -> Ticket:
        hotline, number = self.chance.choice(HOTLINES), next(self.numbers)
        anonymous = self.chance.random() < 0.2
        caller = None if anonymous else caller_for(self.session, f"+861390013{number:04d}", now)
        matter = tickets.NewTicket(
            hotline=hotline,
            channel=self.chance.choice(CHANNELS),
            kind=self.chance.choice(KINDS),
            item_code=self.chance.choice(self.items[hotline]).code,
            text="路灯不亮",
            area_id=self.area,
            caller_id=caller.id if caller else None,
        )
        return tickets.open_ticket(self.session, matter, actor="staff:1", now=now)

    def dispatched(self, ticket: Ticket, now: datetime, *, keep: int) -> None:
        """Left with the department, in hand there, or sent back: the desk looks at it halfway."""
        order = dispatch.dispatch(
            self.session,
            ticket,
            actor="staff:6",
            now=now,
            organisation_id=self.chance.choice(self.departments),
        )
        if order is None or keep == 0:
            return
        dispatch.accept(self.session, order.id, responsible_person="王", actor="staff:9", now=now)
        if keep == 1:
            send_back(self.session, order.id, reason="不属我们", actor="staff:9", now=now)
            if self.chance.random() < 0.5:
                whose = self.chance.choice([order.organisation_id, *self.departments])
                again: dict[str, Any] = {"actor": "staff:6", "now": now, "organisation_id": whose}
                dispatch.dispatch(self.session, ticket, **again)

    def worked(self, ticket: Ticket, now: datetime) -> None:
        """Closed before, on or after the limit; every third one is opened again, perhaps elsewhere."""
        closed_at = self.closed(ticket, now)
        self.survey(ticket, closed_at)
        if self.chance.random() < 0.33:
            again = closed_at + timedelta(hours=1)
            tickets.reopen(self.session, ticket, reason="没修好", actor="staff:6", now=again)
            if self.chance.random() < 0.6:
                self.survey(ticket, self.closed(ticket, again))

    def closed(self, ticket: Ticket, now: datetime) -> datetime:
        order = dispatch.dispatch(
            self.session,
            ticket,
            actor="staff:6",
            now=now,
            organisation_id=self.chance.choice(self.departments),
        )
        assert order
        dispatch.accept(self.session, order.id, responsible_person="王", actor="staff:9", now=now)
        dispatch.begin(self.session, order.id, contact_note="约好周三", actor="staff:9", now=now)
        if ticket.closures == 0 and self.chance.random() < 0.6:
            ask: dict[str, Any] = {"days": 1, "code": "survey", "reason": "等检测", "actor": "staff:9"}
            asked = extensions.ask(self.session, order.id, **ask, now=now)
            granted = self.chance.random() < 0.8
            extensions.decide(self.session, asked.id, granted=granted, note="抓紧", actor="staff:6", now=now)
        due = self.due(ticket)
        at = self.chance.choice([now + timedelta(hours=3), due - TICK, due, due + TICK])
        dispatch.answer(
            self.session, order.id, public_reply="已修好", internal_note="", actor="staff:9", now=at
        )
        dispatch.release(self.session, ticket, actor="staff:6", now=at)
        tickets.told(self.session, ticket, ticket.closures, "by_text", actor="system:sms", now=at)
        return at

    def due(self, ticket: Ticket) -> datetime:
        limits = select(TicketClock.due_at).where(
            TicketClock.ticket_id == ticket.id, TicketClock.clock == "closing"
        )
        return self.session.scalars(limits.order_by(TicketClock.round.desc()).limit(1)).one()

    def survey(self, ticket: Ticket, now: datetime) -> None:
        asked = surveys.invite(self.session, ticket, now)
        if asked and self.chance.random() < 0.6:
            surveys.answer(
                self.session,
                asked.id,
                solved=self.chance.random() < 0.8,
                satisfaction=self.chance.choice(list(Satisfaction)),
                mode=self.chance.choice(["sms", "link", "ivr", "person"]),
                now=now + timedelta(hours=1),
            )
