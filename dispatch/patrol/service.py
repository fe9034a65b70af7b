"""A report from patrol becomes a ticket, once however often it is sent (A08)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from dispatch.patrol.models import PatrolReport
from hotline.callers.service import caller_for
from hotline.catalogue.understanding.classifier import Suggestions
from hotline.config import settings
from hotline.errors import InvalidInput, NotAllowed
from hotline.learning.filing import filed_under
from hotline.organisations.models import Area, Organisation
from hotline.phone_numbers import normalise_or_none
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.service import MAX_PLACE, MAX_TEXT

HOTLINE = "12345"
SHOWN = 20

Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]


class Report(BaseModel):
    """As it was written down on patrol. `area` is the code of the grid; without one the reporter's own area.
    `number` is the citizen's who told of it, if anybody did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Annotated[Text, Field(min_length=8, max_length=64)]
    text: Annotated[Text, Field(min_length=1, max_length=MAX_TEXT)]
    seen_at: AwareDatetime
    kind: str = "help"
    area: Annotated[Text, Field(max_length=20)] = ""
    place: Annotated[Text, Field(max_length=MAX_PLACE)] = ""
    number: Annotated[Text, Field(max_length=30)] = ""
    latitude: Annotated[Decimal, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Decimal, Field(ge=-180, le=180)] | None = None
    accuracy: Annotated[int, Field(ge=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _a_whole_place(self) -> "Report":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        return self


def reporter(session: Session, organisation_id: int | None) -> Organisation:
    """Whose patrol it is. Raises NotAllowed for firms, and for who belongs to no organisation."""
    found = session.get(Organisation, organisation_id) if organisation_id else None
    if found is None or found.kind == "firm":
        raise NotAllowed("reports from patrol come from offices and grids")
    return found


def take(
    session: Session, of: Organisation, report: Report, suggested: Suggestions, *, actor: str, now: datetime
) -> tuple[PatrolReport, bool]:
    """The report on record, and whether it is new; sent again, nothing changes. Raises InvalidInput."""
    same = func.hashtext(f"patrol {of.id} {report.client_id}")
    session.execute(select(func.pg_advisory_xact_lock(same)))
    if known := _known(session, of, report.client_id):
        return known, False
    kept = PatrolReport(
        organisation_id=of.id,
        client_id=report.client_id,
        ticket=_open(session, of, report, suggested, actor=actor, now=now),
        reported_by=actor,
        seen_at=report.seen_at,
        latitude=report.latitude,
        longitude=report.longitude,
        accuracy=report.accuracy,
    )
    session.add(kept)
    session.flush()
    return kept, True


def latest(session: Session, actor: str) -> Sequence[PatrolReport]:
    """One's own, the newest first: who reports may follow what became of it (A07)."""
    mine = select(PatrolReport).where(PatrolReport.reported_by == actor).order_by(PatrolReport.id.desc())
    return session.scalars(mine.limit(SHOWN).options(joinedload(PatrolReport.ticket))).all()


def of_ticket(session: Session, ticket_id: int) -> PatrolReport | None:
    return session.scalar(select(PatrolReport).where(PatrolReport.ticket_id == ticket_id))


def _open(
    session: Session, of: Organisation, report: Report, suggested: Suggestions, *, actor: str, now: datetime
) -> Ticket:
    number = normalise_or_none(report.number, settings().site.region)
    if report.number and number is None:
        raise InvalidInput("number", "not a telephone number")
    filed = filed_under(session, HOTLINE, report.text, suggested)
    if filed is None:
        raise InvalidInput("text", "say what it is about")
    caller = caller_for(session, number, now) if number else None
    matter = tickets.NewTicket(
        hotline=filed[0],
        channel="grid",
        kind=report.kind,
        item_code=filed[1],
        text=report.text,
        area_id=_area(session, of, report.area).id,
        place=report.place,
        caller_id=caller.id if caller else None,
    )
    return tickets.open_ticket(session, matter, actor=actor, now=now)


def _known(session: Session, of: Organisation, client_id: str) -> PatrolReport | None:
    same = PatrolReport.organisation_id == of.id, PatrolReport.client_id == client_id
    return session.scalar(select(PatrolReport).where(*same).options(joinedload(PatrolReport.ticket)))


def _area(session: Session, of: Organisation, code: str) -> Area:
    """Raises InvalidInput for one that is not the reporter's or below it."""
    if not code:
        return of.area
    found = session.scalar(select(Area).where(Area.code == code))
    if found is None or not f"{found.path}/".startswith(f"{of.area.path}/"):
        raise InvalidInput("area", f"no area of {of.area.name} has the code {code}")
    return found
