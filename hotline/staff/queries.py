"""Whose telephones there are; the accounts of a demonstration, for its sign-in page."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from hotline.organisations.models import Organisation
from hotline.staff.models import Staff
from hotline.staff.service import DEMO_PASSWORD, DEMO_PEOPLE

SHOWN_KINDS = ("department", "firm")
SHOWN_OF_EACH = 3


@dataclass(frozen=True)
class DemoAccount:
    username: str
    name: str
    role: str


def extensions(session: Session) -> list[str]:
    """Of every agent's telephone."""
    wanted = select(Staff.extension).where(Staff.extension.is_not(None), Staff.active)
    return [str(extension) for extension in session.scalars(wanted.order_by(Staff.extension))]


def demo_accounts(session: Session) -> list[DemoAccount]:
    """Who may try this demonstration; empty on a real site and once the demo password was changed."""
    hashed = session.scalar(select(Staff.password_hash).where(Staff.username == DEMO_PEOPLE[0][0]))
    if hashed is None or not _is_demo(hashed):
        return []
    people = [DemoAccount(*person) for person in DEMO_PEOPLE]
    return people + [account for kind in SHOWN_KINDS for account in _some_of(session, kind)]


def _some_of(session: Session, kind: str) -> list[DemoAccount]:
    users = (
        select(Staff.username, Staff.name, Staff.role)
        .join(Organisation, Staff.organisation_id == Organisation.id)
        .where(Organisation.kind == kind, Staff.active, Organisation.suspended.is_(False))
        .order_by(Organisation.id)
        .limit(SHOWN_OF_EACH)
    )
    return [DemoAccount(*row) for row in session.execute(users)]


@cache
def _is_demo(password_hash: str) -> bool:
    """Cached, because comparing takes as long as it should."""
    return check_password_hash(password_hash, DEMO_PASSWORD)
