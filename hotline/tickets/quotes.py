"""What a firm told it will cost, and what the citizen said to it, on record before the work begins (E09)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBack, CallBackReason
from hotline.config import settings
from hotline.errors import HotlineError, TransitionRefused
from hotline.event_log import record
from hotline.events import QuoteAnswered, QuoteTold
from hotline.organisations import register
from hotline.tickets import outcomes
from hotline.tickets.models import Quote, Ticket
from hotline.tickets.states import TicketState

SYSTEM = "system:quotes"


class PriceNotAgreed(HotlineError):
    """The citizen has not said yes to the price."""

    code = "price_not_agreed"


class Verdict(StrEnum):
    """What a citizen says to a price."""

    AGREED = "agreed"
    ANOTHER_FIRM = "another_firm"
    NOT_WANTED = "not_wanted"  # the ticket is withdrawn


def tell(
    session: Session, ticket: Ticket, *, work_order_id: int, price: str, actor: str, now: datetime
) -> Quote:
    """The firm responsible for the ticket told its price; the citizen is asked, with the price list as it is
    now beside it. Who wishes no text is rung."""
    firm_id = ticket.organisation_id
    quote = Quote(
        ticket=ticket,
        organisation_id=firm_id,
        work_order_id=work_order_id,
        price=price,
        listed=price_list(session, firm_id or 0, ticket),
        told_at=now,
        told_by=actor,
    )
    session.add(quote)
    session.flush()
    fact = QuoteTold(ticket_id=ticket.id, quote_id=quote.id, organisation_id=firm_id)
    record(session, fact, actor=actor, at=now)
    if ticket.caller_id and ticket.contact_wish != "sms":
        callbacks.request(
            session,
            reason=CallBackReason.PRICE,
            caller_id=ticket.caller_id,
            ticket_id=ticket.id,
            closure=quote.id,
            now=now,
        )
    return quote


def price_list(session: Session, firm_id: int, ticket: Ticket) -> list[dict[str, Any]]:
    """The firm's lines for the ticket's class of work."""
    lines = register.prices(session, firm_id, ticket.item.department)
    return [
        {
            "work": line.work,
            "call_out_fee": f"{line.call_out_fee:.2f}",
            "unit_price": f"{line.unit_price:.2f}",
            "unit": line.unit,
            "remark": line.remark,
        }
        for line in lines
    ]


def answer(
    session: Session, ticket: Ticket, verdict: Verdict, *, how: str, words: str, actor: str, now: datetime
) -> Quote:
    """What the citizen said on the page or to an agent, or that they were silent (`how`: web, telephone or
    silence); the ticket is locked.
    `words` is why the ticket is taken back, where nobody is wanted. Raises TransitionRefused."""
    quote = asked_now(session, ticket)
    if quote is None:
        raise TransitionRefused("price", "answered", verdict)
    quote.verdict, quote.how = verdict, how
    quote.answered_by, quote.answered_at = actor, now
    session.flush()
    fact = QuoteAnswered(
        ticket_id=ticket.id,
        quote_id=quote.id,
        organisation_id=quote.organisation_id,
        work_order_id=quote.work_order_id,
        verdict=verdict,
        how=how,
    )
    record(session, fact, actor=actor, at=now)
    if how != "telephone":  # nobody need ring any more
        callbacks.cancel(session, reason=CallBackReason.PRICE, ticket_id=ticket.id, closure=quote.id, now=now)
    if verdict == Verdict.NOT_WANTED:
        outcomes.withdraw(session, ticket, reason=words, actor=actor, now=now)
    return quote


def to_lapse(session: Session, now: datetime) -> Sequence[int]:
    """Prices nobody answered in time. Who is to be rung and was not yet has not been told one."""
    nobody_rang = exists().where(
        CallBack.ticket_id == Quote.ticket_id,
        CallBack.reason == CallBackReason.PRICE,
        CallBack.state == "open",
        CallBack.attempts == 0,
    )
    told_before = now - timedelta(hours=settings().dispatch.price_hours)
    due = (
        select(Quote.id)
        .join(Quote.ticket)
        .where(
            Ticket.state == TicketState.CLAIMED,
            Quote.verdict.is_(None),
            Quote.told_at <= told_before,
            ~nobody_rang,
        )
    )
    return session.scalars(due.order_by(Quote.told_at)).all()


def lapse(session: Session, quote_id: int, now: datetime) -> bool:
    """Silence is no consent: the next firm is asked. Idempotent."""
    quote = session.get_one(Quote, quote_id)
    session.refresh(quote.ticket, with_for_update=True)
    session.refresh(quote)
    if asked_now(session, quote.ticket) is not quote:
        return False
    verdict = Verdict.ANOTHER_FIRM
    answer(session, quote.ticket, verdict, how="silence", words="", actor=SYSTEM, now=now)
    return True


def asked_now(session: Session, ticket: Ticket) -> Quote | None:
    """The price the citizen may answer now: that of the firm that has claimed the ticket."""
    quotes = of_ticket(session, ticket.id)
    if ticket.state != TicketState.CLAIMED or not quotes or quotes[0].verdict:
        return None
    return quotes[0] if quotes[0].organisation_id == ticket.organisation_id else None


def require_agreement(session: Session, work_order_id: int) -> None:
    """Work that costs nothing has no quote. Raises PriceNotAgreed."""
    if any(quote.verdict != Verdict.AGREED for quote in of_order(session, work_order_id)):
        raise PriceNotAgreed("the citizen has not agreed to the price")


def of_order(session: Session, work_order_id: int) -> Sequence[Quote]:
    """One, or none where the work is free; no firm reads another's."""
    return session.scalars(select(Quote).where(Quote.work_order_id == work_order_id)).all()


def of_ticket(session: Session, ticket_id: int) -> Sequence[Quote]:
    """The newest first."""
    found = select(Quote).where(Quote.ticket_id == ticket_id)
    return session.scalars(found.order_by(Quote.id.desc())).all()
