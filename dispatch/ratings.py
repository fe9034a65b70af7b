"""What citizens thought of a firm's work: the average of all their ratings, and how many there were (E09)."""

from statistics import fmean

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from dispatch.models import WorkOrder
from dispatch.states import Part, WorkOrderState
from hotline.organisations.models import Organisation
from hotline.surveys.grades import Satisfaction
from hotline.surveys.models import Survey

GRADES = list(Satisfaction)  # the best first


def rate(session: Session, firm: Organisation) -> None:
    """Counted anew from all surveys about its answers, so being told twice changes nothing."""
    later = aliased(WorkOrder)
    answered_since = exists().where(
        later.ticket_id == WorkOrder.ticket_id,
        later.part == Part.LEAD,
        later.ended_at > WorkOrder.ended_at,
        later.ended_at <= Survey.invited_at,
        later.state == WorkOrderState.ANSWERED,
    )
    about_its_answers = select(Survey.satisfaction).join(WorkOrder, WorkOrder.ticket_id == Survey.ticket_id)
    found = about_its_answers.where(
        WorkOrder.organisation_id == firm.id,
        WorkOrder.part == Part.LEAD,
        WorkOrder.state == WorkOrderState.ANSWERED,
        WorkOrder.ended_at <= Survey.invited_at,
        ~answered_since,
    )
    grades = [Satisfaction(grade) for grade in session.scalars(found) if grade]
    firm.ratings = len(grades)
    if grades:
        worst = len(GRADES) - 1
        firm.rating = fmean(1 - GRADES.index(grade) / worst for grade in grades)
