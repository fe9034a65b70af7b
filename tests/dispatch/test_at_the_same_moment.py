"""Two people, or a person and the clock, act at once: exactly one wins, the others are told."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import func, select

from dispatch import jobs, service
from dispatch.models import WorkOrder
from dispatch.states import HELD
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.event_log import Event
from hotline.organisations import service as organisations
from hotline.tickets import service as tickets
from tests.dispatch.people import DISPATCHER, NOW, firms_of_the_trade, kinds, open_ticket, states

LATE = NOW + timedelta(minutes=10)


def all_at_once(*acts: Callable[[], object]) -> list[str]:
    """What each got: 'done' or the code of the refusal."""
    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait(timeout=60)
        try:
            act()
        except HotlineError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def accepting(order_id: int, staff_id: int = 99) -> Callable[[], object]:
    def act() -> None:
        with transaction() as session:
            service.accept(
                session,
                order_id,
                responsible_person=f"师傅{staff_id}",
                price_estimate="30 元",
                actor=f"staff:{staff_id}",
                now=NOW,
            )

    return act


def an_offer(firms: int = 3) -> tuple[int, int, list[int]]:
    with transaction() as session:
        ids = firms_of_the_trade(session, *[5] * firms)
        ticket = open_ticket(session)
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=NOW)
        assert order is not None
        return ticket.id, order.id, ids


def held(ticket_id: int) -> int:
    with transaction() as session:
        wanted = select(func.count()).where(WorkOrder.ticket_id == ticket_id, WorkOrder.state.in_(HELD))
        return session.scalar(wanted) or 0


def test_of_twenty_people_accepting_at_once_one_gets_the_job(seeded: str) -> None:
    ticket_id, order_id, _firms = an_offer()
    got = Counter(all_at_once(*(accepting(order_id, staff_id) for staff_id in range(20))))
    assert got == {"done": 1, "transition_refused": 19}
    assert held(ticket_id) == 1
    with transaction() as session:
        assert kinds(session, ticket_id).count("work_order_accepted") == 1


def test_of_two_hundred_firms_accepting_at_the_same_instant_one_wins(seeded: str) -> None:
    ticket_id, order_id, _firms = an_offer()
    got = Counter(all_at_once(*(accepting(order_id, firm) for firm in range(200))))
    assert got == {"done": 1, "transition_refused": 199}
    assert held(ticket_id) == 1
    with transaction() as session:
        assert kinds(session, ticket_id).count("work_order_accepted") == 1
        winner = session.get_one(WorkOrder, order_id).responsible_person
        accepted = select(Event.actor).where(Event.kind == "work_order_accepted")
        assert winner == f"师傅{session.scalars(accepted).one().removeprefix('staff:')}"


def test_an_acceptance_and_a_withdrawal_at_once_leave_one_truth(seeded: str) -> None:
    def withdraw() -> None:
        with transaction() as session:
            ticket = tickets.get(session, ticket_id)
            service.withdraw(session, ticket, reason="派错了", actor=DISPATCHER, now=NOW)

    ticket_id, order_id, _firms = an_offer()
    got = all_at_once(accepting(order_id), withdraw)
    with transaction() as session:
        order, ticket = session.get_one(WorkOrder, order_id), tickets.get(session, ticket_id)
        # either the withdrawal came first, or it took back what had just been accepted
        assert got in (["transition_refused", "done"], ["done", "done"])
        assert (order.state, ticket.state) == ("withdrawn", "in_review")


def test_two_sweeps_at_once_ask_the_next_firm_once(seeded: str) -> None:
    ticket_id, _order_id, (first, second, _third) = an_offer()
    all_at_once(*[lambda: jobs.time_out_offers(LATE)] * 4)
    with transaction() as session:
        assert states(session, ticket_id) == [(first, "timed_out"), (second, "offered")]


def test_a_suspension_and_an_acceptance_at_once_never_leave_a_suspended_firm_unasked(seeded: str) -> None:
    def suspend() -> None:
        with transaction() as session:
            organisations.suspend(session, first, reason="被投诉", actor="staff:9", now=NOW)

    ticket_id, order_id, (first, second, _third) = an_offer()
    accepted = all_at_once(accepting(order_id), suspend)[0]
    jobs.time_out_offers(NOW)
    with transaction() as session:
        if accepted == "done":  # the acceptance came first and stands
            assert states(session, ticket_id) == [(first, "accepted")]
        else:
            assert accepted == "firm_not_allowed"
            assert states(session, ticket_id) == [(first, "withdrawn"), (second, "offered")]


def test_tickets_dispatched_at_once_keep_the_turns_fair(seeded: str) -> None:
    def dispatching(ticket_id: int) -> Callable[[], object]:
        def act() -> None:
            with transaction() as session:
                service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)

        return act

    with transaction() as session:
        firms = firms_of_the_trade(session, 1, 1, 1, 1)
        ids = [open_ticket(session).id for _ in range(12)]
    assert set(all_at_once(*(dispatching(ticket_id) for ticket_id in ids))) == {"done"}
    with transaction() as session:
        offered = session.scalars(select(WorkOrder.organisation_id)).all()
    assert Counter(offered) == dict.fromkeys(firms, 3)


def test_a_firm_that_is_full_today_is_asked_again_only_when_all_are(seeded: str) -> None:
    with transaction() as session:
        small, large = firms_of_the_trade(session, 1, 3)
        chosen = []
        for _ in range(6):
            order = service.dispatch(session, open_ticket(session), actor=DISPATCHER, now=NOW)
            assert order is not None
            chosen.append(order.organisation_id)
            service.accept(
                session, order.id, responsible_person="王工", price_estimate="30元", actor="staff:9", now=NOW
            )
    assert Counter(chosen[:4]) == {small: 1, large: 3}
    tomorrow = NOW + timedelta(days=1)
    with transaction() as session:
        order = service.dispatch(session, open_ticket(session), actor=DISPATCHER, now=tomorrow)
        assert order is not None and order.organisation_id in (small, large)


def test_one_ticket_dispatched_by_two_people_goes_out_once(seeded: str) -> None:
    def dispatching() -> None:
        with transaction() as session:
            service.dispatch(session, tickets.get(session, ticket_id), actor=DISPATCHER, now=NOW)

    with transaction() as session:
        firms_of_the_trade(session, 1, 1)
        ticket_id = open_ticket(session).id
    assert Counter(all_at_once(*[dispatching] * 5)) == {"done": 1, "transition_refused": 4}
    with transaction() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "work_order_offered")) == 1
