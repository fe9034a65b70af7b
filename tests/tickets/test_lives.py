"""Two thousand random lives in memory; `python -m tests.tickets.lives 100000` lives as many as one likes."""

from collections import Counter

from hotline.tickets.states import TABLE
from tests.tickets.lives import lived

LIVES = 2_000


def test_told_again_every_life_gives_the_same_lights_and_somebody_always_answers_for_it() -> None:
    done = sum(map(lived, range(LIVES)), Counter[str]())
    assert {f"{move.old} {move.act}" for move in TABLE} <= set(done)
    for kind in ("light_turned", "clock_paused", "clock_resumed", "clock_extended", "clock_limit_changed"):
        assert done[kind] > LIVES / 10, kind
