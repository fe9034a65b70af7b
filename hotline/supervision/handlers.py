"""How counts follow facts raised elsewhere."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.supervision import counting, matters
from hotline.supervision.rules import OF_THE_UNIT, PaperKind
from hotline.surveys.grades import UNHAPPY
from hotline.tickets import service as tickets


def on_light_turned(session: Session, event: Event) -> None:
    """A red light counts against the unit that answered for the ticket."""
    said = event.data
    if said["light"] != "red" or said["clock"] not in OF_THE_UNIT or said["organisation_id"] is None:
        return
    counting.count_light(
        session,
        ticket_id=event.ticket_id or 0,
        clock=said["clock"],
        round_=said["round"],
        unit_id=said["organisation_id"],
        since=datetime.fromisoformat(said["since"]),
        now=event.at,
    )


def on_clock_corrected(session: Session, event: Event) -> None:
    """The deadline was moved: a light that turned before it would not have turned."""
    said = event.data
    counting.settle_light(
        session, event.ticket_id or 0, said["clock"], said["round"], because=event.kind, now=event.at
    )


def on_report_missed(session: Session, event: Event) -> None:
    """Who was to come and has not is proposed a yellow card, once (E07)."""
    matters.propose(
        session,
        PaperKind.YELLOW,
        ticket_id=event.ticket_id or 0,
        unit_id=event.data["organisation_id"],
        because="not_reported",
        ref=f"summons:{event.data['summons_id']}",
        now=event.at,
    )


def on_survey_answered(session: Session, event: Event) -> None:
    if event.data["satisfaction"] in UNHAPPY:
        ticket = tickets.get(session, event.ticket_id or 0)
        counting.count_rating(session, ticket, event.data["survey_id"], event.at)
