"""Facts, and who cares. The one table; a fact with nobody listed is listed as silent (tests/conventions)."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from hotline.event_log import Event
from hotline.surveys import handlers as surveys

Handler = Callable[[Session, Event], None]

SUBSCRIPTIONS: dict[str, tuple[Handler, ...]] = {
    "ticket_closed": (surveys.on_ticket_closed,),
}

SILENT: frozenset[str] = frozenset()


def handler_name(handler: Handler) -> str:
    """Stable in event_delivery: 'sms.handlers.on_ticket_opened'."""
    return f"{handler.__module__}.{handler.__name__}"
