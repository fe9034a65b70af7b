"""Which name of an item a line can say."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from hotline import clock
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.catalogue import queries as catalogue
from hotline.db import transaction
from ivr import hearing
from ivr.flow import Heard, Line, heard_from

WAGES = Heard("speech", words="我在工地干活，老板拖欠农民工工资，两个月没发了")


@pytest.fixture
def session(seeded: str) -> Iterator[Session]:
    with transaction() as opened:
        yield opened


@pytest.fixture
def call(session: Session) -> Call:
    return calls.open_call(
        session,
        hotline="12345",
        dialled="12345",
        number=None,
        system="terminal",
        system_id="hearing",
        now=clock.now(),
    )


def name_said(session: Session, call: Call, *, speaks: bool, language: str = "zh") -> str:
    line = Line(hotline="12345", language=language, queue="q", speech=True, speaks=speaks)
    matter = hearing.read(session, call, line, hearing.listen("12345", WAGES)).matter
    assert matter is not None
    assert matter.code == "0307"
    return matter.name


@pytest.mark.parametrize(("language", "name"), [("zh", "拖欠工资与农民工欠薪"), ("en", "Unpaid wages")])
def test_an_item_is_read_back_in_the_language_of_the_line(
    session: Session, call: Call, language: str, name: str
) -> None:
    assert name_said(session, call, speaks=True, language=language) == name
    assert name_said(session, call, speaks=False, language=language) == name


def test_an_edited_name_is_spoken_where_any_words_are_and_else_its_categorys(
    session: Session, call: Call
) -> None:
    item = catalogue.item(session, "12345", "0307")
    item.name = "工资没有发"
    assert name_said(session, call, speaks=True) == "工资没有发"
    assert name_said(session, call, speaks=False) == item.category.name == "人力社保与劳动关系"


def test_without_any_sound_nothing_is_read_back(session: Session, call: Call) -> None:
    item = catalogue.item(session, "12345", "0307")
    item.name = item.category.name = "工资没有发"
    assert name_said(session, call, speaks=False) == ""


def test_the_sentence_model_is_asked_before_the_call_is_held(seeded: str) -> None:
    listened = hearing.listen("12345", heard_from("", "路灯不亮"))
    assert listened.guesses and listened.guesses[0].confidence > 0
    keyed = heard_from("0801")
    assert hearing.listen("12345", keyed) is keyed
