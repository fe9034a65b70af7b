"""What may be issued after what, and what a count leads to: two tables."""

import pytest

from hotline.permissions import ROLES, SIX_POWERS
from hotline.supervision.rules import (
    LADDER,
    PAPERS,
    MatterState,
    PaperKind,
    escalated,
    missing,
    next_rung,
    verdict,
)

K = PaperKind


@pytest.mark.parametrize("rung", LADDER)
def test_each_rung_waits_for_the_one_before(rung: PaperKind) -> None:
    below = LADDER[: LADDER.index(rung)]
    assert missing(rung, below) == frozenset()
    if below:
        assert missing(rung, below[:-1]) == {below[-1]}


def test_a_referral_waits_for_a_card_and_an_order() -> None:
    assert missing(K.REFERRAL, ()) == {K.ORDER, K.YELLOW, K.RED}
    assert missing(K.REFERRAL, {K.ORDER}) == {K.YELLOW, K.RED}
    assert missing(K.REFERRAL, {K.RED}) == {K.ORDER}
    assert missing(K.REFERRAL, {K.RED, K.ORDER}) == frozenset()


def test_a_paper_without_an_answer_climbs_one_rung() -> None:
    assert escalated(K.YELLOW, {K.YELLOW}) is K.RED
    assert escalated(K.YELLOW, {K.YELLOW, K.RED}) is K.REMIND
    assert escalated(K.RED, {K.RED}) is K.REMIND
    assert escalated(K.RED, {K.RED, K.REMIND}) is K.URGE
    assert escalated(K.ORDER, set(LADDER[:3])) is K.LEADER
    assert next_rung(LADDER) is None


def test_the_third_is_included() -> None:
    assert verdict(2, 3, stands=False) is None
    assert verdict(3, 3, stands=False) is MatterState.OPEN
    assert verdict(4, 3, stands=True) is None
    assert verdict(2, 3, stands=True) is MatterState.WITHDRAWN


def test_supervisors_have_all_six_powers_and_nobody_else_has_one() -> None:
    assert len(SIX_POWERS) == 6
    assert {role for role, has in ROLES.items() if has & SIX_POWERS} == {"supervisor"}
    assert ROLES["supervisor"] >= SIX_POWERS
    assert {rule.power for rule in PAPERS.values()} <= SIX_POWERS
