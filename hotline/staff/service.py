"""Signing in and out, the chosen language, and the staff of a demonstration."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload
from werkzeug.security import check_password_hash, generate_password_hash

from hotline.errors import InvalidInput
from hotline.event_log import record
from hotline.events import SignInRefused, StaffSignedIn, StaffSignedOut
from hotline.organisations.models import Organisation
from hotline.permissions import ROLES
from hotline.staff.models import Staff

MAX_FAILURES = 5
SHORTEST_PASSWORD = 10
# Made once: every page asks it.
_SIGNED_IN = (
    select(Staff)
    .where(Staff.id == bindparam("staff_id"), Staff.active)
    .options(joinedload(Staff.organisation))
)
LOCKED_FOR = timedelta(minutes=5)
LANGUAGES = ("zh", "en")
DEMO_PASSWORD = "hotline-demo"  # only make_demo_staff uses it; `hotline up` prints it
# compared when there is no such user, so that the answer takes as long as for one who is there
_NOBODY = f"scrypt:32768:8:1$nobody${'0' * 128}"


def sign_in(session: Session, username: str, password: str, now: datetime) -> Staff | None:
    """The person, or None. Five failures in a row lock the account for five minutes; the refusal is kept."""
    found = session.scalar(select(Staff).where(Staff.username == username.strip()).with_for_update())
    if found is None or not found.active:
        check_password_hash(_NOBODY, password)
        _refuse(session, "", now)
        return None
    if is_locked(found, now):
        _refuse(session, found.username, now)
        return None
    if not check_password_hash(found.password_hash, password):
        _count_failure(found, now)
        _refuse(session, found.username, now)
        return None
    found.failed_sign_ins, found.locked_until = 0, None
    record(session, StaffSignedIn(staff_id=found.id), actor=f"staff:{found.id}", at=now)
    return found


def is_locked(staff: Staff, now: datetime) -> bool:
    return staff.locked_until is not None and now < staff.locked_until


def sign_out(session: Session, staff_id: int, now: datetime) -> None:
    record(session, StaffSignedOut(staff_id=staff_id), actor=f"staff:{staff_id}", at=now)


def signed_in(session: Session, staff_id: int) -> Staff | None:
    """Who a session cookie names, with the organisation; None when the account was closed since."""
    return session.scalar(_SIGNED_IN, {"staff_id": staff_id})


def choose_language(session: Session, staff_id: int, language: str) -> None:
    session.get_one(Staff, staff_id).language = language


def _count_failure(staff: Staff, now: datetime) -> None:
    staff.failed_sign_ins += 1
    if staff.failed_sign_ins >= MAX_FAILURES:
        staff.failed_sign_ins, staff.locked_until = 0, now + LOCKED_FOR


def _refuse(session: Session, username: str, now: datetime) -> None:
    """An unknown name is not kept: people type passwords and numbers into that field."""
    record(session, SignInRefused(username=username), actor="system:sign_in", at=now)


# username, name, role
DEMO_PEOPLE = (
    ("1001", "林坐席", "agent"),
    ("1002", "周坐席", "agent"),
    ("1003", "吴坐席", "agent"),
    ("1004", "郑坐席", "agent"),
    ("1005", "孙坐席", "agent"),
    ("dispatcher", "何派单", "dispatcher"),
    ("supervisor", "高班长", "supervisor"),
    ("lawyer", "罗律师", "lawyer"),
    ("manager", "马主任", "manager"),
    ("administrator", "管理员", "administrator"),
)


def add(
    session: Session,
    *,
    username: str,
    name: str,
    role: str,
    password: str,
    extension: str | None = None,
    organisation_code: str | None = None,
) -> Staff:
    """A real account. Raises InvalidInput naming what to mend."""
    if role not in ROLES:
        raise InvalidInput("role", f"one of {', '.join(sorted(ROLES))}")
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput("password", f"at least {SHORTEST_PASSWORD} characters")
    if session.scalar(select(Staff.id).where(Staff.username == username)):
        raise InvalidInput("username", f"{username} is taken")
    organisation = _organisation(session, role, organisation_code)
    person = Staff(
        username=username,
        name=name,
        role=role,
        password_hash=generate_password_hash(password, method="scrypt"),
        extension=extension,
        organisation_id=organisation.id if organisation else None,
    )
    session.add(person)
    session.flush()
    return person


def _organisation(session: Session, role: str, code: str | None) -> Organisation | None:
    if (role == "organisation") != bool(code):
        raise InvalidInput("organisation", "the role organisation, and only that, needs an organisation code")
    found = session.scalar(select(Organisation).where(Organisation.code == code)) if code else None
    if code and found is None:
        raise InvalidInput("organisation", f"there is no organisation with the code {code}")
    return found


def make_demo_staff(session: Session) -> int:
    """The people above and one user for every organisation, named by its code. Returns how many are new.

    Safe to run again, as after organisations were made.
    """
    hashed = generate_password_hash(DEMO_PASSWORD, method="scrypt")
    people = [
        _account(username, name, role, extension=username if role == "agent" else None)
        for username, name, role in DEMO_PEOPLE
    ]
    organisations = session.execute(select(Organisation.id, Organisation.code, Organisation.name))
    users = [
        _account(code.lower(), name, "organisation", organisation_id=organisation_id)
        for organisation_id, code, name in organisations
    ]
    rows = [{**account, "password_hash": hashed} for account in people + users]
    return len(session.execute(insert(Staff).on_conflict_do_nothing().returning(Staff.id), rows).all())


def _account(
    username: str, name: str, role: str, *, extension: str | None = None, organisation_id: int | None = None
) -> dict[str, str | int | None]:
    return {
        "username": username,
        "name": name[:40],
        "role": role,
        "extension": extension,
        "organisation_id": organisation_id,
    }
