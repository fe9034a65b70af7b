"""How the telephone line reacts to facts raised elsewhere."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.jobs import wake
from ivr.models import SurveyCall


def on_survey_call_due(session: Session, event: Event) -> None:
    """Nobody answered the text message: ring and ask."""
    row = {"event_id": event.id, "survey_id": event.data["survey_id"], "next_at": event.at}
    session.execute(insert(SurveyCall).values(row).on_conflict_do_nothing())
    wake(session, "ivr.jobs.ring_due_surveys")
