"""Who answered for a ticket, from when to when, and who acted on it meanwhile (H06): told from its facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hotline.event_log import Event
from hotline.events import TicketOpened, TicketStateChanged
from hotline.tickets.states import ENDED


@dataclass
class Held:
    """`organisation_id` None is the hotline itself; `until` None: still. `actors` as facts name them."""

    organisation_id: int | None
    since: datetime
    until: datetime | None = None
    actors: list[str] = field(default_factory=list)


def held(facts: Sequence[Event]) -> list[Held]:
    """Of all facts of a ticket, the first one first: every moment it was open has exactly one entry."""
    spans: list[Held] = []
    for fact in facts:
        now = spans[-1] if spans and spans[-1].until is None else None
        if now and fact.actor not in now.actors:
            now.actors.append(fact.actor)
        if fact.kind == TicketOpened.kind:
            spans.append(Held(None, fact.at, actors=[fact.actor]))
        elif fact.kind == TicketStateChanged.kind:
            _follow(spans, now, fact)
    return spans


def _follow(spans: list[Held], now: Held | None, move: Event) -> None:
    """Facts of earlier versions did not say whose the ticket is: it stays where it was."""
    whose = move.data.get("organisation_id", now.organisation_id if now else None)
    ended = move.data["new"] in ENDED
    if now and (ended or whose != now.organisation_id):
        now.until = move.at
    if not ended and (now is None or now.until):
        spans.append(Held(whose, move.at, actors=[move.actor]))
