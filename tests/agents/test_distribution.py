"""Who gets which caller when the telephone system does not choose."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from agents import distribution, service
from agents.models import AgentPresence
from agents.states import PauseReason
from hotline.calls import service as calls
from hotline.calls.models import CallLeg
from hotline.db import transaction
from hotline.errors import ProviderError
from tests.agents.people import NOW, Distributing, Switch, agent, presence, react, waiting_call

GONE = ProviderError("the call is not in progress", permanent=True)
AWAY = ProviderError("connection refused", permanent=False)


def _agents(count: int) -> list[int]:
    """Agents 1001, 1002, …; the first has been idle the longest."""
    with transaction() as session:
        ids = [agent(session, str(1001 + n)).id for n in range(count)]
        for n, staff_id in enumerate(ids):
            service.become_available(session, staff_id, NOW + timedelta(seconds=n))
    return ids


def _callers(count: int) -> list[int]:
    """Callers call-0, call-1, …; the first has waited the longest."""
    with transaction() as session:
        return [
            waiting_call(session, f"call-{n}", number=f"138001380{n:02d}", at=NOW + timedelta(seconds=n)).id
            for n in range(count)
        ]


def test_the_longest_wait_goes_to_the_longest_idle_agent(database: str) -> None:
    _agents(2)
    _callers(3)
    switch = Switch()
    assert distribution.distribute(switch) == 2
    assert switch.rings == [("call-0", "1001"), ("call-1", "1002")]


def test_an_emergency_is_next_however_long_others_wait(database: str) -> None:
    _agents(1)
    callers = _callers(3)
    with transaction() as session:
        call = calls.get(session, callers[2])
        calls.raise_alarm(session, call, rule="fire", number="119", item_code="1602", now=NOW)
    switch = Switch()
    distribution.distribute(switch)
    assert switch.rings == [("call-2", "1001")]


def test_twenty_callers_and_five_agents_at_the_same_moment(database: str) -> None:
    staff = _agents(5)
    callers = _callers(20)
    switch = Switch(seconds=0.02)
    answered: list[str] = []
    for wave in range(4):
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(distribution.distribute, switch) for _ in range(8)]:
                done.result()
        rung = switch.rings[wave * 5 :]
        assert sorted(call for call, _extension in rung) == sorted(
            f"call-{n}" for n in range(wave * 5, wave * 5 + 5)
        )
        assert len({extension for _call, extension in rung}) == 5, "no agent is rung twice"
        answered += _talk_and_hang_up(staff)
    assert len(answered) == len(set(answered)) == len(callers)


def _talk_and_hang_up(staff: list[int]) -> list[str]:
    """Every agent answers, talks, and is free again; the calls they had."""
    served = []
    with transaction() as session:
        for row in session.scalars(select(AgentPresence).where(AgentPresence.state == "ringing")):
            call = calls.get(session, row.call_id or 0)
            leg = session.scalars(select(CallLeg).where(CallLeg.call_id == call.id)).one()
            calls.answer(session, call, staff_id=row.staff_id, system_id=leg.system_id, now=NOW)
            calls.end(session, call, NOW + timedelta(minutes=1))
            served.append(call.system_id)
    react()
    with transaction() as session:
        for staff_id in staff:
            service.become_available(session, staff_id, NOW + timedelta(minutes=2))
    return served


def test_agents_who_are_paused_or_signed_out_are_left_in_peace(database: str) -> None:
    first, second = _agents(2)
    with transaction() as session:
        service.pause(session, first, PauseReason.MEAL, NOW)
        service.leave(session, second, NOW)
    _callers(1)
    switch = Switch()
    assert distribution.distribute(switch) == 0
    assert switch.rings == []


def test_a_missed_ring_goes_to_the_next_agent(database: str) -> None:
    first, _second = _agents(2)
    (caller,) = _callers(1)
    switch = Switch()
    distribution.distribute(switch)
    with transaction() as session:
        calls.miss_ring(session, calls.get(session, caller), system_id="leg-1", now=NOW)
    react()
    assert presence(first) == ("paused", "no_answer", None)
    distribution.distribute(switch)
    assert switch.rings == [("call-0", "1001"), ("call-0", "1002")]


def test_a_caller_who_has_just_hung_up_does_not_hold_up_the_next_one(database: str) -> None:
    (me,) = _agents(1)
    callers = _callers(2)
    switch = Switch(refuses=GONE, only="call-0")
    assert distribution.distribute(switch) == 1
    assert switch.rings == [("call-1", "1001")]
    assert presence(me) == ("ringing", None, callers[1])


def test_a_telephone_system_that_is_away_keeps_agents_free_and_callers_waiting(database: str) -> None:
    (me,) = _agents(1)
    _callers(1)
    assert distribution.distribute(Switch(refuses=AWAY)) == 0
    assert presence(me) == ("available", None, None)
    switch = Switch()
    assert distribution.distribute(switch) == 1


def test_a_worker_killed_between_claim_and_ring_costs_the_caller_seconds_not_the_call(database: str) -> None:
    (me,) = _agents(1)
    (caller,) = _callers(1)
    assert distribution._claim_next(set()) is not None  # and then the worker dies
    assert distribution.distribute(Switch()) == 0
    with transaction() as session:
        claimed = session.get_one(AgentPresence, me).since
    assert distribution.release_stuck_rings(claimed + timedelta(seconds=36)) == 1
    assert presence(me) == ("available", None, None)
    switch = Switch()
    assert distribution.distribute(switch) == 1
    assert presence(me) == ("ringing", None, caller)


def test_a_ring_the_telephone_system_forgot_counts_as_missed(database: str) -> None:
    (me,) = _agents(1)
    _callers(1)
    distribution.distribute(Switch())
    with transaction() as session:
        since = session.get_one(AgentPresence, me).since
    assert distribution.release_stuck_rings(since + timedelta(seconds=30)) == 0
    assert distribution.release_stuck_rings(since + timedelta(seconds=36)) == 1
    assert presence(me) == ("paused", "no_answer", None)
    with transaction() as session:
        assert session.scalars(select(CallLeg)).one().ended_at is not None


def test_a_telephone_system_that_distributes_is_not_interfered_with(database: str) -> None:
    _agents(1)
    _callers(1)
    switch = Distributing()
    assert distribution.distribute(switch) == 0
    assert switch.rings == []
