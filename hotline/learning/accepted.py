"""Which tickets teach: those whose item was confirmed by somebody's work (docs/decisions/learning.md)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from hotline.learning.masking import masked
from hotline.tickets.models import PLACEHOLDER


@dataclass(frozen=True)
class Lesson:
    """One accepted ticket. `staff_id` chose the item, `caller_id` said the words; either may be unknown."""

    ticket_id: int
    code: str
    sentence: str
    staff_id: int | None
    caller_id: int | None


@dataclass(frozen=True)
class Caps:
    """The most sentences one item learns, and the most of those from one person."""

    per_item: int
    per_agent: int
    per_caller: int


# The newest decision holds. Accepted: since then an organisation took the ticket and nobody sent it back, or
# the person who chose the item closed it with an answer. What a citizen asked to keep confidential stays out.
# The rank bounds what is read: `read` of each item are enough to fill its cap.
_ACCEPTED = text("""
SELECT ticket_id, chosen, text, staff_id, caller_id FROM (
  SELECT d.ticket_id, d.chosen, t.text, d.staff_id, t.caller_id,
         row_number() OVER (PARTITION BY d.chosen ORDER BY d.ticket_id DESC) AS age
  FROM item_decision d JOIN ticket t ON t.id = d.ticket_id JOIN catalogue_item i ON i.id = t.item_id
  WHERE d.hotline = :hotline AND d.at >= :since
    AND d.id = (SELECT max(newest.id) FROM item_decision newest WHERE newest.ticket_id = t.id)
    AND i.code = d.chosen AND i.handler <> 'unsorted' AND NOT t.confidential
    AND t.text NOT LIKE :placeholder
    AND t.state IN ('claimed', 'in_hand', 'supplement_asked', 'long_term', 'answered', 'in_follow_up',
                    'closed')
    AND NOT EXISTS (SELECT FROM event_log e
                    WHERE e.ticket_id = t.id AND e.kind = 'work_order_returned' AND e.at >= d.at)
    AND (d.staff_id IS NOT NULL AND t.state IN ('in_follow_up', 'closed')
         OR EXISTS (SELECT FROM event_log e
                    WHERE e.ticket_id = t.id AND e.kind = 'work_order_accepted' AND e.at >= d.at))
) AS accepted WHERE age <= :read ORDER BY ticket_id
""")
READ = 10  # times the cap: the rest of a flood by one person is not even looked at


def accepted(session: Session, hotline: str, *, since: datetime, caps: Caps) -> list[Lesson]:
    """In the order of tickets, masked."""
    asked = {"hotline": hotline, "since": since, "read": READ * caps.per_item, "placeholder": PLACEHOLDER}
    return [
        Lesson(ticket_id, code, masked(said), staff_id, caller_id)
        for ticket_id, code, said, staff_id, caller_id in session.execute(_ACCEPTED, asked)
    ]


def lessons(found: Iterable[Lesson], caps: Caps, *, kept_apart: Collection[str]) -> dict[str, list[str]]:
    """By item the sentences that are learnt, in the order of tickets: the newest up to the caps, each text
    once, none of those `kept_apart` to examine the result."""
    taken: dict[str, list[Lesson]] = defaultdict(list)
    given: Counter[Hashable] = Counter()
    for lesson in sorted(found, key=lambda lesson: lesson.ticket_id, reverse=True):
        limits = _limits(lesson, caps)
        full = any(given[who] >= most for who, most in limits.items())
        if full or not lesson.sentence or lesson.sentence in kept_apart:
            continue
        given.update(limits.keys())
        taken[lesson.code].append(lesson)
    return {code: [lesson.sentence for lesson in reversed(taken[code])] for code in sorted(taken)}


def _limits(lesson: Lesson, caps: Caps) -> dict[Hashable, int]:
    """Whose shares this lesson uses up. A nameless web form has no agent, so all of them are one caller."""
    code = lesson.code
    limits: dict[Hashable, int] = {code: caps.per_item, (code, "text", lesson.sentence): 1}
    if lesson.staff_id is not None:
        limits[code, "agent", lesson.staff_id] = caps.per_agent
    if lesson.caller_id is not None or lesson.staff_id is None:
        limits[code, "caller", lesson.caller_id] = caps.per_caller
    return limits
