"""The table of moves of a work order."""

from dispatch.states import ENDED, HELD, LIVE, MOVES, WorkOrderState


def test_every_state_can_be_reached() -> None:
    reached = {WorkOrderState.SENT, WorkOrderState.OFFERED, WorkOrderState.PROPOSED}
    for _ in WorkOrderState:
        reached |= {new for old in reached for new in MOVES[old]}
    assert reached == set(WorkOrderState)


def test_every_state_is_live_held_or_ended_or_waits_for_the_dispatcher() -> None:
    assert set(LIVE) | set(HELD) | set(ENDED) | {WorkOrderState.PROPOSED} == set(WorkOrderState)
    assert all(not MOVES[state] for state in ENDED)


def test_a_department_cannot_decline_and_a_firm_cannot_return_what_it_has_not_taken() -> None:
    assert WorkOrderState.DECLINED not in MOVES[WorkOrderState.SENT]
    assert WorkOrderState.RETURNED not in MOVES[WorkOrderState.OFFERED]
