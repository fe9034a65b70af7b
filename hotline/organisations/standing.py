"""Whether a firm may be offered jobs, and what bars it (E08): one expression for queries and pages."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.organisations.models import Organisation


class Standing(StrEnum):
    """The first that is true, in this order."""

    UNLICENSED = "unlicensed"
    LICENCE_EXPIRED = "licence_expired"
    SUSPENDED = "suspended"
    REVIEW_FAILED = "review_failed"
    REVIEW_OVERDUE = "review_overdue"
    GOOD = "good"


def standing(now: datetime) -> ColumnElement[str]:
    """A licence and a review hold until the end of their last day."""
    today = now.astimezone(settings().site.zone).date()
    begun = func.coalesce(Organisation.suspended_from <= now, literal(True))
    lasts = func.coalesce(Organisation.suspended_until > now, literal(True))
    return case(
        (~Organisation.licensed, Standing.UNLICENSED),
        (Organisation.licence_until < today, Standing.LICENCE_EXPIRED),
        (Organisation.suspended & begun & lasts, Standing.SUSPENDED),
        (Organisation.review_passed.is_(False), Standing.REVIEW_FAILED),
        (Organisation.review_due < today, Standing.REVIEW_OVERDUE),
        else_=Standing.GOOD,
    )


def may_work(now: datetime) -> ColumnElement[bool]:
    return standing(now) == Standing.GOOD


def standing_of(session: Session, firm_id: int, now: datetime) -> Standing:
    return Standing(session.scalars(select(standing(now)).where(Organisation.id == firm_id)).one())
