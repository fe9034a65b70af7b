"""What a case has been through. Changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from hotline.cases.models import CaseMove
from hotline.tickets.models import Ticket


def moves(session: Session, case_number: str | None) -> Sequence[CaseMove]:
    """The first one first."""
    if case_number is None:
        return ()
    of_case = select(CaseMove).where(CaseMove.case_number == case_number)
    return session.scalars(of_case.options(joinedload(CaseMove.staff)).order_by(CaseMove.id)).all()


def tickets(session: Session, case_number: str | None) -> Sequence[Ticket]:
    """All of one case, of both hotlines."""
    if case_number is None:
        return ()
    of_case = select(Ticket).where(Ticket.case_number == case_number)
    return session.scalars(of_case.options(joinedload(Ticket.item)).order_by(Ticket.id)).all()


def stuck() -> Select[CaseMove]:
    """Cases that somebody wanted to move once too often and nobody has decided yet, the newest first."""
    undecided = select(CaseMove).where(CaseMove.stuck, CaseMove.kept_by.is_(None))
    wanted = undecided.options(joinedload(CaseMove.staff))
    return wanted.order_by(CaseMove.at.desc(), CaseMove.id.desc())
