"""Long texts from citizens: pieces that never came, and telephones that use a number again."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from hotline import clock
from hotline.db import transaction
from sms import jobs, joining
from sms.joining import Piece
from sms.models import SmsInbound, SmsInboundPart
from tests.sms.conftest import later

House = Callable[..., None]


@pytest.fixture(autouse=True)
def _house(house: House) -> None:
    house(provider="smpp")


def keep(
    text: str, seq: int, total: int = 3, *, reference: str = "udh7", sender: str = "+8613800138000"
) -> None:
    body = text.encode("utf-16-be")
    with transaction() as session:
        joining.keep_piece(
            session, Piece("smpp", sender, reference, total, seq, joining.UCS2, body), clock.now()
        )


def texts() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(SmsInbound.text).order_by(SmsInbound.id)))


def test_a_piece_that_never_came_leaves_a_gap_after_ten_minutes() -> None:
    keep("路灯", 1)
    keep("谢谢", 3)
    jobs.sweep(later(minutes=9))
    assert texts() == []
    jobs.sweep(later(minutes=11))
    assert texts() == ["路灯…谢谢"]
    jobs.sweep(later(minutes=12))
    assert texts() == ["路灯…谢谢"]


def test_a_piece_repeated_after_the_text_was_made_makes_no_second_text() -> None:
    for seq in (1, 2, 3):
        keep(f"第{seq}段", seq)
    keep("第3段", 3)
    jobs.sweep(later(minutes=11))
    assert texts() == ["第1段第2段第3段"]
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(SmsInboundPart)) == 0


def test_a_telephone_that_uses_its_number_again_loses_neither_text() -> None:
    for text in ("甲", "乙"):
        keep(f"{text}一", 1, total=2)
        keep(f"{text}二", 2, total=2)
    assert texts() == ["甲一甲二", "乙一乙二"]


def test_a_number_used_again_before_the_first_text_was_whole_keeps_what_there_is() -> None:
    keep("甲一", 1, total=2)
    keep("乙一", 1, total=2)
    keep("乙二", 2, total=2)
    assert texts() == ["甲一…", "乙一乙二"]


def test_two_citizens_with_the_same_number_of_text_are_not_mixed() -> None:
    keep("甲一", 1, total=2, sender="+8613800138000")
    keep("乙二", 2, total=2, sender="+8613800138001")
    assert texts() == []
