"""Moving a call or a ticket to the other hotline: one matter, one case number, and no circles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.calls.states import CallState
from hotline.cases.models import CaseMove
from hotline.config import settings
from hotline.errors import HotlineError, NotFound, TransitionRefused
from hotline.event_log import record
from hotline.events import CaseDecided, CaseStuck
from hotline.legal import service as legal
from hotline.tickets import numbering
from hotline.tickets import queries as ticket_queries
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket

OTHER = {"12345": "12348", "12348": "12345"}
# There, back, and there once more; then nobody says "not ours" again (D07).
MOST_MOVES = 3
LONGEST_NOTE = 300


class CaseIsStuck(HotlineError):
    """Moved MOST_MOVES times already: a supervisor decides."""

    code = "case_stuck"


class CaseWasDecided(HotlineError):
    """A supervisor has said which hotline keeps it."""

    code = "case_decided"


def serving(call: Call) -> str:
    """The hotline whose queue the caller came to last."""
    return (call.queue or "").rpartition("_")[2] or call.hotline


@dataclass(frozen=True)
class Wish:
    """An agent's wish to hand a matter over, with what the next one should know.

    `suggestions` are the other catalogue's, for the caller's words, as Call.suggestions.
    """

    staff_id: int
    note: str
    now: datetime
    suggestions: tuple[dict[str, Any], ...] = ()


def about(session: Session, call: Call) -> tuple[str, str]:
    """The hotline this call could go to, and the words to look up in its catalogue."""
    filed = ticket_queries.of_call(session, call.id)
    return OTHER[serving(call)], filed[-1].text if filed else call.heard or ""


def transfer_call(session: Session, call_id: int, wish: Wish, queue_of: Callable[[str], str]) -> Call:
    """The caller shall wait for the other hotline, with what is known; ask the telephone system next.

    Raises TransitionRefused unless this agent talks to the caller, CaseIsStuck, CaseWasDecided.
    """
    call = calls.get(session, call_id, lock=True)
    if call.state != CallState.ANSWERED or call.staff_id != wish.staff_id:
        raise TransitionRefused("call", call.state, "transferred")
    filed = ticket_queries.of_call(session, call.id)
    if call.case_number is None:
        call.case_number = filed[-1].case_number if filed else _new_number(session, wish.now)
    _check_moves(session, call.case_number)
    here = serving(call)
    _remember(session, call, here, wish)
    call.item_code = call.confidence = call.understood_by = None
    call.suggestions = list(wish.suggestions)
    calls.requeue(session, call, queue_of(OTHER[here]), staff_id=wish.staff_id, now=wish.now)
    return call


def refer_ticket(session: Session, ticket: Ticket, item_code: str, wish: Wish) -> None:
    """The other hotline has the ticket, under an item of its own; at night a lawyer answers for 12348.

    Raises TransitionRefused once somebody works on it, UnknownItem, CaseIsStuck, CaseWasDecided.
    """
    _check_moves(session, ticket.case_number)
    _remember(session, ticket, ticket.hotline, wish)
    _refer(session, ticket, item_code, wish)


def report_stuck(session: Session, moved: Call | Ticket, wish: Wish) -> None:
    """For the supervisor's list: somebody wanted to move this case once more."""
    here = serving(moved) if isinstance(moved, Call) else moved.hotline
    move = _remember(session, moved, here, wish, stuck=True)
    fact = CaseStuck(case_number=move.case_number, call_id=move.call_id, ticket_id=move.ticket_id)
    record(session, fact, actor=f"staff:{wish.staff_id}", at=wish.now)


def decide(
    session: Session, move_id: int, hotline: str, *, item_code: str, reason: str, staff_id: int, now: datetime
) -> None:
    """A supervisor says who keeps a stuck case. A ticket that is with the other goes there, under an item of
    that hotline's catalogue. Raises CaseWasDecided, NotFound, UnknownItem, and TransitionRefused where
    somebody works on the ticket already."""
    move = session.get(CaseMove, move_id, with_for_update=True)
    if move is None or not move.stuck:
        raise NotFound(f"no stuck case {move_id}")
    _check_undecided(session, move.case_number)
    ticket, actor = _ticket_of(session, move), f"staff:{staff_id}"
    if ticket and ticket.hotline != hotline:
        wish = Wish(staff_id, reason, now)
        _remember(session, ticket, ticket.hotline, wish)
        _refer(session, ticket, item_code, wish)
    waiting = (CaseMove.case_number == move.case_number) & CaseMove.stuck
    session.execute(update(CaseMove).where(waiting).values(kept_by=hotline))
    fact = CaseDecided(
        case_number=move.case_number,
        call_id=move.call_id,
        ticket_id=ticket.id if ticket else None,
        keeps=hotline,
        reason=reason.strip(),
    )
    record(session, fact, actor=actor, at=now)


def _ticket_of(session: Session, move: CaseMove) -> Ticket | None:
    if move.ticket_id:
        return tickets.get(session, move.ticket_id, lock=True)
    filed = ticket_queries.of_call(session, move.call_id) if move.call_id else ()
    return tickets.get(session, filed[-1].id, lock=True) if filed else None


def _refer(session: Session, ticket: Ticket, item_code: str, wish: Wish) -> None:
    target, actor = OTHER[ticket.hotline], f"staff:{wish.staff_id}"
    tickets.refer(session, ticket, target, item_code, reason=wish.note, actor=actor, now=wish.now)
    if legal.takes_messages(target, wish.now) and not legal.asked(session, ticket.id):
        legal.ask(session, ticket, now=wish.now)


def _check_undecided(session: Session, case_number: str) -> None:
    kept_by = select(CaseMove.kept_by).where(CaseMove.case_number == case_number, CaseMove.stuck)
    keeper = session.scalar(kept_by.where(CaseMove.kept_by.is_not(None)).limit(1))
    if keeper:
        raise CaseWasDecided(f"a supervisor has decided that {keeper} keeps case {case_number}")


def _check_moves(session: Session, case_number: str) -> None:
    _check_undecided(session, case_number)
    moves = select(func.count()).where(CaseMove.case_number == case_number, ~CaseMove.stuck)
    if session.scalars(moves).one() >= MOST_MOVES:
        raise CaseIsStuck(f"case {case_number} was moved {MOST_MOVES} times; a supervisor decides")


def _remember(
    session: Session, moved: Call | Ticket, here: str, wish: Wish, *, stuck: bool = False
) -> CaseMove:
    move = CaseMove(
        case_number=moved.case_number or "",
        call_id=moved.id if isinstance(moved, Call) else None,
        ticket_id=moved.id if isinstance(moved, Ticket) else None,
        from_hotline=here,
        to_hotline=OTHER[here],
        note=wish.note.strip()[:LONGEST_NOTE],
        staff_id=wish.staff_id,
        at=wish.now,
        stuck=stuck,
    )
    session.add(move)
    return move


def _new_number(session: Session, now: datetime) -> str:
    return numbering.next_number(session, now, settings().site.zone)
