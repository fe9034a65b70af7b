"""How dispatch reacts to facts raised elsewhere."""

from sqlalchemy.orm import Session

from dispatch import automatic, merging, offers, queries, ratings, service
from dispatch.states import WorkOrderState
from dispatch.work_order import SYSTEM
from hotline import clock
from hotline.event_log import Event
from hotline.tickets import holds
from hotline.tickets import service as tickets
from hotline.tickets.quotes import Verdict
from hotline.tickets.states import ENDED, Hold, TicketState


def on_ticket_opened(session: Session, event: Event) -> None:
    """A ticket goes out at once where the site trusts the classifier so far; others wait (D02)."""
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    if ticket.state != TicketState.REGISTERED or queries.last_round(session, ticket.id):
        return
    automatic.decide(session, ticket, clock.now())


def on_territory_decided(session: Session, event: Event) -> None:
    """What waited for its territory goes on to the body in charge, where tickets go out by themselves."""
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    newest = queries.newest_order(session, ticket.id)
    if newest and newest.sent_at > event.at:  # told twice: it went out meanwhile
        return
    if ticket.state in (TicketState.REGISTERED, TicketState.IN_REVIEW):
        automatic.decide(session, ticket, clock.now())


def on_answer_released(session: Session, event: Event) -> None:
    """Whoever's ticket was merged into this one gets the same answer."""
    lead = tickets.get(session, event.ticket_id or 0, lock=True)
    if lead.closures == event.data["closure"] and lead.released_at:
        merging.answer_followers(session, lead, clock.now())


def on_ticket_turned_away(session: Session, event: Event) -> None:
    on_answer_released(session, event)
    on_ticket_ended(session, event)


def on_ticket_withdrawn(session: Session, event: Event) -> None:
    """Nobody works on it any more; what was merged into it is looked at again, for its citizens did not."""
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    if ticket.state == TicketState.WITHDRAWN:
        service.stop_work(session, ticket, actor=event.actor, now=clock.now())
        merging.free_followers(session, ticket, clock.now())
    on_ticket_ended(session, event)


def on_ticket_ended(session: Session, event: Event) -> None:
    """The ticket it was split from waits for it no longer."""
    ticket = tickets.get(session, event.ticket_id or 0)
    merging.wait_no_longer(session, ticket, actor=SYSTEM, now=clock.now())


def on_ticket_opened_again(session: Session, event: Event) -> None:
    """The ticket it was split from waits for it again."""
    ticket = tickets.get(session, event.ticket_id or 0)
    if ticket.state not in ENDED:
        merging.wait_for(session, ticket, actor=SYSTEM, now=clock.now())


def on_sponsored_opened_again(session: Session, event: Event) -> None:
    """What a leader took on is signed off again after it was opened again (F04)."""
    ticket = tickets.get(session, event.ticket_id or 0, lock=True)
    if ticket.sponsor and ticket.state not in ENDED:
        holds.place(session, ticket, Hold.SPONSOR, actor=SYSTEM, now=clock.now())


def on_quote_answered(session: Session, event: Event) -> None:
    """The citizen does not take the price: the next firm is asked. Who wants none has withdrawn it."""
    if event.data["verdict"] == Verdict.ANOTHER_FIRM:
        offers.price_refused(session, event.data["work_order_id"], clock.now())


def on_survey_answered(session: Session, event: Event) -> None:
    """The firms that worked on it are rated anew."""
    for order in queries.orders_of(session, event.ticket_id or 0):
        if order.kind == "firm" and order.state == WorkOrderState.ANSWERED:
            ratings.rate(session, order.organisation)


def on_organisation_suspended(session: Session, event: Event) -> None:
    """Offers a suspended firm has not accepted go to the next firm."""
    for order_id in offers.open_at(session, event.data["organisation_id"]):
        offers.pass_on(session, order_id, clock.now())
