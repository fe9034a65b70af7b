"""How well items are suggested: by item, by week, and what is taken for what. Every share is two counts.

Counted is each ticket for which something was suggested when it was registered and whose item a person
stands for: chosen by an agent, or sent in on the web and passed on by a dispatcher. Right is the item the
ticket has now, after every correction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, select, text
from sqlalchemy.orm import Session

from hotline.tickets.models import Ticket
from hotline.tickets.queries import LISTED

MOST_CONFUSIONS = 20


@dataclass(frozen=True)
class Span:
    """Whose decisions, from `start` on and before `stop`; weeks begin on Monday in this time zone."""

    hotline: str
    start: datetime
    stop: datetime
    time_zone: str


@dataclass(frozen=True)
class Share:
    """`value` in per cent; None of nothing."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return round(100 * self.count / self.of, 1) if self.of else None


@dataclass(frozen=True)
class Line:
    """The shares of one item (`code`) or week (`week`); of both none: of everything."""

    first: Share
    in_three: Share
    abstained: Share
    unseen: Share
    code: str = ""
    name: str = ""
    name_en: str = ""
    week: date | None = None


@dataclass(frozen=True)
class Confusion:
    """`suggested` came first `tickets` times where `code` was right."""

    suggested: str
    code: str
    tickets: int


_COUNTED = """
WITH counted AS (
  SELECT d.at, d.ticket_id, i.code, i.name, i.name_en, d.abstained, coalesce(d.terms, 0) AS terms,
         coalesce(d.unseen, 0) AS unseen, d.shown->0->>0 AS suggested,
         d.shown @> jsonb_build_array(jsonb_build_array(i.code)) AS in_three
  FROM item_decision d JOIN ticket t ON t.id = d.ticket_id JOIN catalogue_item i ON i.id = t.item_id
  WHERE d.hotline = :hotline AND d.at >= :start AND d.at < :stop
    AND d.source IN ('agent', 'web') AND jsonb_array_length(d.shown) > 0
    AND (d.staff_id IS NOT NULL OR t.state <> 'registered') AND i.handler <> 'unsorted'
)
"""
_COUNTS = """
  count(*) AS tickets, count(*) FILTER (WHERE suggested = code) AS first,
  count(*) FILTER (WHERE in_three) AS in_three, count(*) FILTER (WHERE abstained) AS abstained,
  sum(terms) AS terms, sum(unseen) AS unseen
FROM counted
"""
_WHOLE = text(_COUNTED + "SELECT" + _COUNTS)
_BY_ITEM = text(
    f"{_COUNTED} SELECT code, max(name) AS name, max(name_en) AS name_en, {_COUNTS} GROUP BY code"
    " ORDER BY count(*) - count(*) FILTER (WHERE suggested = code) DESC, code"
)
_BY_WEEK = text(
    f"{_COUNTED} SELECT date_trunc('week', at AT TIME ZONE :time_zone)::date AS week, {_COUNTS}"
    " GROUP BY week ORDER BY week DESC"
)
_CONFUSED = text(
    f"{_COUNTED} SELECT suggested, code, count(*) AS tickets FROM counted WHERE suggested <> code"
    " GROUP BY suggested, code ORDER BY count(*) DESC, suggested, code LIMIT :most"
)


_BEHIND = text(f"{_COUNTED} SELECT ticket_id FROM counted WHERE suggested = :suggested AND code = :code")


def whole(session: Session, span: Span) -> Line:
    return _line(session.execute(_WHOLE, vars(span)).one())


def by_item(session: Session, span: Span) -> Sequence[Line]:
    """The most often missed first."""
    return [
        _line(row, code=row.code, name=row.name, name_en=row.name_en)
        for row in session.execute(_BY_ITEM, vars(span))
    ]


def by_week(session: Session, span: Span) -> Sequence[Line]:
    """The newest first; a week without tickets is left out."""
    return [_line(row, week=row.week) for row in session.execute(_BY_WEEK, vars(span))]


def confusions(session: Session, span: Span) -> Sequence[Confusion]:
    """The most frequent."""
    found = session.execute(_CONFUSED, vars(span) | {"most": MOST_CONFUSIONS})
    return [Confusion(row.suggested, row.code, row.tickets) for row in found]


def behind(span: Span, suggested: str, code: str) -> Select[Ticket]:
    """The tickets of one confusion, the newest first."""
    asked = {"hotline": span.hotline, "start": span.start, "stop": span.stop}
    behind_it = _BEHIND.bindparams(**asked, suggested=suggested, code=code).columns(ticket_id=BigInteger)
    found = select(Ticket).where(Ticket.id.in_(select(behind_it.subquery().c.ticket_id)))
    return found.options(*LISTED).order_by(Ticket.id.desc())


def _line(row: Row[Any], **of: Any) -> Line:
    return Line(
        first=Share(row.first, row.tickets),
        in_three=Share(row.in_three, row.tickets),
        abstained=Share(row.abstained, row.tickets),
        unseen=Share(int(row.unseen or 0), int(row.terms or 0)),
        **of,
    )
