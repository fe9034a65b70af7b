"""Random lives of real tickets: the product's own services, transactions and database; anything may happen.

    python -m tests.dispatch.random_lives 0 1000

lives the first thousand, in two processes with a database each. After every act exactly one organisation
answers for the ticket, as its facts tell it too (E03), and its facts alone give the same clocks and lights
(H01).
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing import Pool
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import escalation, extensions, hard_cases, joint, merging, offers, queries
from dispatch.handlers import on_ticket_opened
from dispatch.models import WorkOrder
from dispatch.states import HELD, LIVE, Part
from hotline import clock
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.event_log import Event
from hotline.organisations.models import Organisation
from hotline.tickets import clocks, counted, holds, jobs
from hotline.tickets import service as tickets
from hotline.tickets.lights import light
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.recount import recount
from hotline.tickets.states import AT_WORK, HELD_BY_ONE, TABLE, Hold, TicketState
from hotline.wiring.subscriptions import SUBSCRIPTIONS
from tests.dispatch.people import DISPATCHER, DRAIN_ITEM, NOW, STREET_ITEM, firms_of_the_trade
from tests.tickets import deeds
from tests.tickets.lives import GAPS, KEPT, one_of

ACTS, PROCESSES = 16, 2
ONWARDS = ("dispatch", "claim", "begin", "answer", "release")  # else few lives would come to an answer
ITEMS = (STREET_ITEM, STREET_ITEM, DRAIN_ITEM, "0101", "0406", "1201", "1505", "2008")
REACTIONS = {
    kind: [handler for handler in handlers if handler.__module__ == on_ticket_opened.__module__]
    for kind, handlers in SUBSCRIPTIONS.items()
}
Deed = Callable[[Session, Ticket, datetime, Random], object]
Handler = Callable[[Session, Event], object]


def lead(session: Session, ticket: Ticket) -> WorkOrder:
    return queries.last_order(session, ticket.id)


def some_part(session: Session, ticket: Ticket, dice: Random) -> int:
    """0: there is none, and what is done with it is refused."""
    theirs = WorkOrder.ticket_id == ticket.id, WorkOrder.part == Part.ASSIST
    ids = session.scalars(select(WorkOrder.id).where(*theirs).order_by(WorkOrder.id)).all()
    return dice.choice(ids) if ids else 0


def some_office(session: Session, dice: Random) -> int:
    offices = select(Organisation.id).where(Organisation.kind != "firm", Organisation.level != "village")
    return dice.choice(session.scalars(offices.order_by(Organisation.id)).all())


def ask_a_part(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    asked = {"organisation_id": some_office(s, dice), "kind": dice.choice(joint.KINDS), "task": "到场核实"}
    if dice.random() < 0.6:
        joint.add(s, it, **asked, days=dice.randint(1, 9), actor=DISPATCHER, now=now)
    else:
        part = joint.propose(s, lead(s, it).id, **asked, days=3, actor=deeds.ORGANISATION, now=now)
        joint.confirm(s, part.id, agreed=dice.random() < 0.7, actor=DISPATCHER, now=now)


def work_on_a_part(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    part, who = some_part(s, it, dice), deeds.ORGANISATION
    dice.choice(
        [
            lambda: joint.claim(s, part, responsible_person="李工", actor=who, now=now),
            lambda: joint.answer(s, part, text="已核实", actor=who, now=now),
            lambda: joint.waive(s, part, lead_id=lead(s, it).id, reason="已不需要", actor=who, now=now),
        ]
    )()


def more_days(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    days, reason = dice.randint(1, 4), dice.choice(extensions.REASONS)
    asked = extensions.ask(
        s, lead(s, it).id, days=days, code=reason, reason="等配件", actor=deeds.ORGANISATION, now=now
    )
    if dice.random() < 0.8:
        granted = dice.random() < 0.7
        extensions.decide(s, asked.id, granted=granted, note="同意", actor=DISPATCHER, now=now)


def sponsor(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    if hard_cases.awaits_sign_off(s, it):
        hard_cases.sign_off(s, it, actor=DISPATCHER, now=now)
    else:
        hard_cases.name_sponsor(s, it, "张市长", actor=DISPATCHER, now=now)


def split(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    """A part of the matter; or the parts there are end."""
    children = merging.children(s, it.id)
    for child in children:
        tickets.close_on_the_phone(s, child, reply="已答复", actor=DISPATCHER, now=now)
    if not children:
        merging.split(s, it, text="另一件事", item_code=STREET_ITEM, actor=DISPATCHER, now=now)


def offer_answered(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    """A firm says no, or lets its time run out."""
    if dice.random() < 0.5:
        offers.decline(s, lead(s, it).id, actor=deeds.ORGANISATION, now=now)
    else:
        offers.pass_on(s, lead(s, it).id, now)


def send_elsewhere(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    """To an office a dispatcher names, or one level up."""
    if dice.random() < 0.5:
        whose = some_office(s, dice)
        deeds.service.dispatch(s, it, organisation_id=whose, actor=DISPATCHER, now=now)
    else:
        why = {"code": dice.choice(escalation.REASONS), "jump": dice.choice(escalation.JUMPS)}
        escalation.raise_ticket(s, it, **why, actor=DISPATCHER, now=now)


def file_anew(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    tickets.reclassify(s, it, dice.choice(ITEMS), reason="改", actor=DISPATCHER, now=now)


def force_majeure(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    dice.choice([clocks.pause, clocks.resume])(s, it, "force_majeure", actor=DISPATCHER, now=now)


def without_a_move(s: Session, it: Ticket, now: datetime, dice: Random) -> None:
    act = dice.choice(["begin_appraisal", "end_appraisal", "arrive"])
    clocks.on_act(s, it, act, actor=deeds.ORGANISATION, now=now)


BESIDES: tuple[Deed, ...] = (
    ask_a_part, ask_a_part, work_on_a_part, work_on_a_part, more_days, sponsor, split, offer_answered,
    send_elsewhere, file_anew, force_majeure, without_a_move,
)  # fmt: skip


class Life:
    """One ticket; the same number lives the same life. Its time is the whole process's time."""

    def __init__(self, number: int) -> None:
        self.dice, self.now, self.done = Random(number), NOW, Counter[str]()
        self.facts: list[Event] = []
        clock.now = lambda: self.now
        with transaction() as session:
            self.seen = session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0
            self.id = deeds.new(session, self.dice.choice(ITEMS), self.now).id
        self.react()

    def live(self) -> None:
        for _ in range(ACTS):
            self.now += timedelta(seconds=self.dice.choice(GAPS) * (0.5 + self.dice.random()))
            if self.dice.random() < 0.4:
                jobs.turn_due_lights(self.now)
            name, deed = self.next_deed()
            try:
                with transaction() as session:
                    deed(session, session.get_one(Ticket, self.id), self.now, self.dice)
            except HotlineError:  # it may not, and has left nothing behind: the checks below would find it
                name = f"refused {name}"
            self.done[name] += 1
            self.react()
        jobs.turn_due_lights(self.now)
        self.react()

    def next_deed(self) -> tuple[str, Deed]:
        if self.dice.random() < 0.35:
            beside = self.dice.choice(BESIDES)
            return beside.__name__, beside
        moves = [move for move in TABLE if move.old == self.state]
        onwards = [move for move in moves if move.act in ONWARDS]
        act = one_of(onwards if onwards and self.dice.random() < 0.5 else moves, self.dice).act
        if act == "come_back" and self.dice.random() < 0.5:
            act = "send_back"
        if (self.state, act) == (TicketState.ADJUDICATION, "name_legal_route"):
            act = "legal_route_as_verdict"
        return act, lambda s, it, now, _dice: deeds.ACTS[act](s, it, now)

    def react(self) -> None:
        """What dispatch does about what happened, as the relay would have it do; then all is looked at."""
        while True:
            with transaction() as session:
                owed = self.told(session)
                if not owed:
                    self.check(session)
                    return
            for handler, event in owed:
                with transaction() as session:
                    handler(session, event)

    def told(self, session: Session) -> list[tuple[Handler, Event]]:
        """What is new, and who has to do something about it."""
        new = session.scalars(select(Event).where(Event.id > self.seen).order_by(Event.id)).all()
        self.seen = new[-1].id if new else self.seen
        self.facts += [event for event in new if event.ticket_id == self.id]
        return [(handler, event) for event in new for handler in REACTIONS.get(event.kind, ())]

    # --- what must be so -----------------------------------------------------------------------------------

    def check(self, session: Session) -> None:
        ticket = session.get_one(Ticket, self.id)
        self.state = TicketState(ticket.state)
        asked = select(WorkOrder).where(WorkOrder.ticket_id == self.id).order_by(WorkOrder.id.desc())
        orders = session.scalars(asked).all()
        check_who_answers(ticket, [order for order in orders if order.part == Part.LEAD])
        assert ticket.organisation_id == answers_for(self.facts), self.id
        refs = [row.ref for row in holds.standing(session, ticket) if row.hold == Hold.PART]
        check_parts(ticket, [order for order in orders if order.part == Part.ASSIST], refs)
        self.check_told_again(ticket.clocks)

    def check_told_again(self, rows: Sequence[TicketClock]) -> None:
        """The facts alone give the same clocks, the same lights now, and the same on record; only what the
        job that looks every thirty seconds would put there next is not yet."""
        again = recount([(e.kind, e.at, e.data) for e in self.facts], clocks.calendar(), self.now)
        told, recounted = on_record(self.facts), []
        for one, row in zip(again, rows, strict=True):
            ahead = counted.turned(row, self.now)
            assert as_counted(one) == as_counted(row), self.id
            assert one.light == (ahead[-1][0] if ahead else row.light), self.id
            assert light(one, self.now) == light(row, self.now), self.id
            told += [(row.clock, row.round, *turning) for turning in ahead]
            recounted += [(one.clock, one.round, *turning) for turning in one.lights]
        assert sorted(told) == sorted(recounted), self.id


def as_counted(clock: counted.Counted) -> list[object]:
    """All that is kept of a clock but the light on record, which may wait for the job."""
    return [getattr(clock, name) for name in KEPT if name != "light"]


def check_who_answers(ticket: Ticket, led: Sequence[WorkOrder]) -> None:
    """Exactly one organisation has what is at work, and whoever said yes to it answers for it (E03)."""
    live = [order for order in led if order.state in LIVE]
    assert len(live) == (ticket.state in AT_WORK), (ticket.id, ticket.state, live)
    if ticket.state in HELD_BY_ONE:
        assert led[0].state in HELD, (ticket.id, ticket.state, led[0].state)
        assert led[0].organisation_id == ticket.organisation_id, ticket.id


def answers_for(facts: list[Event]) -> int | None:
    """As the facts tell: the first it was sent to, then whoever accepted last (E03, Z42)."""
    who: int | None = None
    for fact in facts:
        if fact.kind == "work_order_accepted" or (fact.kind == "work_order_sent" and who is None):
            who = fact.data["organisation_id"]
    return who


def check_parts(ticket: Ticket, parts: Sequence[WorkOrder], refs: Sequence[str]) -> None:
    """A hold for each assisting part that is open, and none besides; none assists what nobody works on."""
    live = [order.id for order in parts if order.state in LIVE]
    assert sorted(refs) == sorted(f"order:{part}" for part in live), ticket.id
    assert not live or ticket.state in AT_WORK, ticket.id


def on_record(facts: list[Event]) -> list[tuple[str, int, str, datetime]]:
    turned = [fact.data for fact in facts if fact.kind == "light_turned"]
    return [(d["clock"], d["round"], d["light"], datetime.fromisoformat(d["since"])) for d in turned]


def lived(number: int) -> Counter[str]:
    life = Life(number)
    life.live()
    return life.done


def make_ready() -> None:
    """Firms enough that one can say no."""
    with transaction() as session:
        firms_of_the_trade(session, 3, 5, 5)


def lived_in_a_house(numbers: range) -> Counter[str]:
    from benchmarks.house import house
    from hotline.wiring.seed import seed

    with house():
        with transaction() as session:
            seed(session, preset="small", now=NOW)
        make_ready()
        return sum(map(lived, numbers), Counter[str]())


def main(first: int, stop: int) -> None:
    load, began = os.getloadavg()[0], time.monotonic()
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"  # nobody pulls the plug here
    with Pool(PROCESSES) as pool:
        shares = [range(first + one, stop, PROCESSES) for one in range(PROCESSES)]
        done = sum(pool.imap_unordered(lived_in_a_house, shares), Counter[str]())
    figures = {"lives": stop - first, "acts": done.total(), "each": done, "load_before": load}
    print(json.dumps(figures | {"seconds": round(time.monotonic() - began)}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
