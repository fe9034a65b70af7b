"""What a ticket may teach: masked, capped, and never what stands in the golden set."""

from collections import Counter

import pytest

from hotline.catalogue.understanding.terms import characters, pinyin
from hotline.db import transaction
from hotline.learning import accepted as ours
from hotline.learning import artefact, drift
from hotline.learning.accepted import Caps, Lesson, lessons
from hotline.learning.learnt import learnt_from, tempered
from hotline.learning.masking import LEARNT_CHARACTERS, masked, names_somebody
from hotline.legal.service import MESSAGE
from tests.dispatch.people import NOW
from tests.learning.people import HOTLINE, accepted, agents_at_work, registered
from tests.learning.sentences import MARRIAGE

CAPS = Caps(per_item=10, per_agent=4, per_caller=2)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("路灯坏了，打13800138000找我", "路灯坏了,打 找我"),
        ("电话138-0013-8000", "电话"),
        ("１３８００１３８０００是我", "是我"),
        ("+86 138 0013 8000 回我", "回我"),
        ("身份证32030219900101123X办不了", "身份证 办不了"),
        ("我手机幺三八零零幺三八零零零", "我手机"),
        ("写信到 wang@example.cn 给我", "写信到 给我"),
        ("12路车3号楼2单元1104室", "12路车3号楼2单元1104室"),
        ("三四个人堵在五楼", "三四个人堵在五楼"),
    ],
)
def test_numbers_leave_the_text(said: str, left: str) -> None:
    assert masked(said) == left
    assert names_somebody(said) == (masked(said) != said)


def test_of_a_long_story_the_beginning_is_learnt() -> None:
    assert len(masked("路灯坏了" * 500)) == LEARNT_CHARACTERS


def lesson(number: int, *, said: str = "", staff: int | None = None, caller: int | None = None) -> Lesson:
    return Lesson(number, "0801", said or f"第{number}句", staff, caller)


def taught(*found: Lesson, apart: frozenset[str] = frozenset()) -> list[str]:
    return lessons(found, CAPS, kept_apart=apart).get("0801", [])


def test_the_newest_are_learnt_in_the_order_of_tickets() -> None:
    many = [lesson(number, staff=number, caller=number) for number in range(1, 15)]
    assert taught(*many) == [f"第{number}句" for number in range(5, 15)]
    assert taught(*reversed(many)) == taught(*many)


def test_one_agent_cannot_flood_an_item() -> None:
    flood = [lesson(number, staff=7, caller=number) for number in range(1, 9)]
    assert len(taught(*flood)) == CAPS.per_agent
    assert len(taught(*flood, lesson(9, staff=8, caller=9))) == CAPS.per_agent + 1


def test_one_caller_and_all_the_nameless_of_the_web_cannot_either() -> None:
    known = [lesson(number, staff=number, caller=3) for number in range(1, 9)]
    nameless = [lesson(number, staff=None, caller=None) for number in range(1, 9)]
    assert len(taught(*known)) == len(taught(*nameless)) == CAPS.per_caller


def test_agents_counters_without_callers_are_not_one_person() -> None:
    assert len(taught(*[lesson(number, staff=number) for number in range(1, 9)])) == 8


def test_the_same_words_count_once_and_golden_sentences_never() -> None:
    again = [lesson(number, said="路灯坏了", staff=number) for number in range(1, 5)]
    assert taught(*again) == ["路灯坏了"]
    assert taught(*again, apart=frozenset({"路灯坏了"})) == []
    assert taught(lesson(1, said=" ").__class__(1, "0801", "", 1, 1)) == []


def test_what_one_ticket_alone_says_is_not_kept() -> None:
    learnt = learnt_from({"0801": ["张三家门口摆摊", "桥头摆摊", "学校摆摊"], "0802": ["只有一单"]}, None)
    assert set(learnt) == {"0801"}
    assert learnt["0801"].characters == Counter({"摆": 3, "摊": 3, "摆 摊": 3})
    assert learnt["0801"].pinyin["tan"] == 3
    assert not {term for term in learnt["0801"].characters if "张" in term}


def test_a_hundred_tickets_are_ten_times_as_loud_as_one() -> None:
    learnt = learnt_from({"0801": [f"摆摊{number}" for number in range(100)]}, None)
    assert tempered(learnt)["0801"].characters["摊"] == 10


def test_what_is_kept_is_the_same_bytes_whatever_the_order_it_came_in() -> None:
    sentences = {"0801": ["桥头摆摊", "学校摆摊"], "0903": ["井盖丢了", "井盖破了"]}
    there = learnt_from(sentences, None)
    back = learnt_from(dict(reversed(sentences.items())), None)
    content, sha256 = artefact.written(there)
    assert artefact.written(back) == (content, sha256)
    assert artefact.read(content) == there
    assert artefact.written(artefact.read(content)) == (content, sha256)
    assert set(characters("桥头摆摊")) > set(there["0801"].characters)
    assert set(pinyin("桥头摆摊")) > set(there["0801"].pinyin)


def test_what_stands_in_place_of_a_messages_words_teaches_nothing(seeded: str) -> None:
    """A message out of hours was heard by a dispatcher and sent on; its ticket's text nobody said (Z26)."""
    with transaction() as session:
        (person,) = agents_at_work(session, 1)
        for text in (MESSAGE % 42, "离婚了，彩礼退不退（女方问）"):
            accepted(session, registered(session, MARRIAGE, text, person))
    with transaction() as session:
        taught = ours.accepted(session, HOTLINE, since=NOW, caps=Caps(9, 9, 9))
        uncounted = drift.uncounted(session, HOTLINE)
    assert [lesson.sentence for lesson in taught] == ["离婚了,彩礼退不退(女方问)"]
    assert [one.text for one in uncounted] == ["离婚了，彩礼退不退（女方问）"]
