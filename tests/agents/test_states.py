"""The moves of an agent's presence."""

from agents.states import (
    CHOSEN_DISPOSITIONS,
    CHOSEN_REASONS,
    MOVES,
    AgentState,
    Disposition,
    PauseReason,
)


def test_every_state_is_reached_and_left() -> None:
    reached = {new for targets in MOVES.values() for new in targets}
    assert reached == set(AgentState)
    assert all(MOVES[state] for state in AgentState)


def test_nobody_pauses_out_of_a_conversation() -> None:
    assert MOVES[AgentState.TALKING] == {AgentState.WRAP_UP}


def test_people_cannot_choose_what_only_the_machine_knows() -> None:
    assert PauseReason.NO_ANSWER not in CHOSEN_REASONS
    assert Disposition.NOT_GIVEN not in CHOSEN_DISPOSITIONS
