"""A centre at work: agents who register matters, dispatchers who correct them, departments that take them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from agents import intake
from dispatch import service as dispatch
from dispatch.models import WorkOrder
from hotline.db import transaction
from hotline.learning import rebuild, service
from hotline.learning.models import LearntModel
from hotline.organisations.models import Organisation
from hotline.staff.models import Staff
from hotline.tickets.models import Ticket
from tests.dispatch.people import NOW, county

HOTLINE = "12348"
LATER = NOW + timedelta(hours=20)
_forms = count(1)


def agents_at_work(session: Session, how_many: int = 6) -> Sequence[int]:
    there = list(session.scalars(select(Staff.id).where(Staff.role == "agent").order_by(Staff.id)))
    for number in range(len(there), how_many):
        extra = Staff(username=f"learner-{number}", name="坐席", password_hash="none", role="agent")
        session.add(extra)
        session.flush()
        there.append(extra.id)
    return there[:how_many]


def registered(session: Session, code: str, said: str, staff_id: int, *, shown: str = "") -> Ticket:
    """An agent without a call writes down what somebody at the counter says."""
    number = next(_forms)
    matter = intake.Matter(
        form_key=f"learning-{number:06d}",
        hotline=HOTLINE,
        kind="complaint",
        item_code=code,
        text=said,
        area_id=county(session).id,
        number=f"138{number:08d}",
        share_contact=True,
        shown=shown,
    )
    return intake.register(session, matter, staff_id=staff_id, now=NOW + timedelta(minutes=number))


def sent(session: Session, ticket: Ticket) -> WorkOrder:
    """To any department: who it is does not matter here."""
    departments = select(Organisation.id).where(Organisation.kind == "department")
    somebody = session.scalar(departments.order_by(Organisation.id).limit(1))
    order = dispatch.dispatch(session, ticket, actor="staff:6", now=LATER, organisation_id=somebody)
    assert order
    return order


def accepted(session: Session, ticket: Ticket) -> None:
    order = sent(session, ticket)
    dispatch.accept(session, order.id, responsible_person="王工", actor="staff:99", now=LATER)


def said_and_accepted(code: str, sentences: Iterable[str], *, corrected_from: str = "") -> list[int]:
    """Each sentence is a matter of its own, taken by a department; first filed wrongly if so asked."""
    ids = []
    with transaction() as session:
        people = agents_at_work(session)
        for number, said in enumerate(sentences):
            person = people[number % len(people)]
            ticket = registered(session, corrected_from or code, said, person, shown=f"{corrected_from}:0.4")
            if corrected_from:
                dispatch.reclassify(session, ticket, code, reason="派错", staff_id=person, now=LATER)
            accepted(session, ticket)
            ids.append(ticket.id)
    return ids


def rebuilt(hotline: str = HOTLINE, *, by: str = "staff:7") -> LearntModel:
    """Somebody asks, the scheduler does it."""
    with transaction() as session:
        asked = service.ask(session, hotline, actor=by, now=LATER).id
    done = rebuild.rebuild_next(LATER)
    assert done and done.id == asked
    return done
