"""How much of what people say the classifier has never met: counted at night, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from hotline.learning.models import Decision
from hotline.tickets.models import PLACEHOLDER, Ticket

AT_ONCE = 5000  # decisions a night; more are counted the night after


@dataclass(frozen=True)
class Uncounted:
    decision_id: int
    text: str


class Knows(Protocol):
    def unseen(self, text: str) -> tuple[int, int]:
        """(terms of the text, those of them that no item has)."""
        ...


def uncounted(session: Session, hotline: str) -> Sequence[Uncounted]:
    """The newest first: they are looked at."""
    found = (
        select(Decision.id, Ticket.text)
        .join(Ticket, Ticket.id == Decision.ticket_id)
        .where(Decision.hotline == hotline, Decision.terms.is_(None), Ticket.text.not_like(PLACEHOLDER))
        .order_by(Decision.id.desc())
        .limit(AT_ONCE)
    )
    return [Uncounted(decision_id, text) for decision_id, text in session.execute(found)]


_COUNTED = (
    update(Decision)
    .where(Decision.id == bindparam("decision_id"))
    .values(terms=bindparam("of_terms"), unseen=bindparam("of_unseen"))
)


def count(session: Session, decisions: Sequence[Uncounted], model: Knows) -> None:
    rows = []
    for decision in decisions:
        terms, unseen = model.unseen(decision.text)
        rows.append({"decision_id": decision.decision_id, "of_terms": terms, "of_unseen": unseen})
    if rows:
        session.connection().execute(_COUNTED, rows)
