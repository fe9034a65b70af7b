"""Forty random lives through the real services; tests/tickets/test_lives.py lives thousands in memory."""

from collections import Counter
from collections.abc import Iterator

import pytest

from hotline import clock
from tests.dispatch.random_lives import lived, make_ready

LIVES = 40


@pytest.fixture
def own_time() -> Iterator[None]:
    """Each life sets the time of the process."""
    real = clock.now
    yield
    clock.now = real


def test_one_organisation_answers_at_every_moment_and_the_facts_tell_the_same_lights(
    seeded: str, own_time: None
) -> None:
    make_ready()
    done = sum(map(lived, range(LIVES)), Counter[str]())
    for act in (
        "claim",
        "dispute",
        "send_back",
        "ask_a_part",
        "more_days",
        "reopen",
        "merge",
        "refused dispute",
    ):
        assert done[act], act
