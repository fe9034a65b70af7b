"""How learning reacts to facts raised elsewhere."""

from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.event_log import Event
from hotline.jobs import wake
from hotline.learning import decisions


def on_call_understood(session: Session, event: Event) -> None:
    """Words only: keys teach nothing about how people speak."""
    if event.data["source"] in ("speech", "confirmed"):
        call = calls.get(session, event.call_id or 0)
        decisions.remember_call(session, call, chosen=event.data["item_code"], now=event.at)


def on_catalogue_published(session: Session, _: Event) -> None:
    """Items whose words are new get their vectors at once."""
    wake(session, "hotline.learning.jobs.work_out_meanings")
