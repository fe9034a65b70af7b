"""A frightened person is understood before any form; a claim about last year's fire alarms nobody."""

from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest

from hotline.catalogue.alarms import alarm, listener
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.files import parse as catalogue
from hotline.catalogue.service import SHIPPED
from hotline.catalogue.understanding.emergency_lexicon import parse

LEXICON = """
words.negation = "没有"
words.harmless = "打不着火"
words.now = "正在"
words.urgent = "救命"
words.past = "去年"
words.{name} = "{words}"

[reading]
longest = 1000
within = 16
negation_reach = 1
hunch_above = 1.5
hunch_above_if_now = 1.0
doubt_below = -2.8
traditional = "氣"
simplified = "气"

[quieter]
past = {{ reach = "text" }}

[[rule]]
code = "fire"
name = "着火"
name_en = "Fire"
number = "119"
item_code = "1602"
when = [{when}]
"""


def test_a_fire_is_told_with_its_number_its_item_and_the_words_that_decided() -> None:
    found = alarm("你好,三楼着火了冒黑烟")

    assert found is not None
    assert (found.rule, found.number, found.item_code) == ("fire", "119", "1602")
    assert all(word in "三楼着火了冒黑烟" for word in found.words)


@pytest.mark.parametrize(
    "text", ["着 火 了 快 来 人", "著火了快來人", "【着火了】快来人", "着火了" + "\x00\ud800" * 3]
)
def test_blanks_of_a_recogniser_and_traditional_characters_are_read_through(text: str) -> None:
    assert alarm(text) is not None


@pytest.mark.parametrize("text", ["", " ", "。。。", "🔥" * 2000, "a" * 5000, "\ud800", "没有着火"])
def test_any_text_at_all_is_read_without_an_error(text: str) -> None:
    assert alarm(text) is None


def test_every_rule_names_a_number_an_item_and_itself_in_two_languages() -> None:
    rules = listener().rules.values()
    assert all(rule.number and rule.item_code and rule.name and rule.name_en for rule in rules)


@pytest.mark.parametrize(
    ("name", "words", "when", "fault"),
    [
        ("fire", "着火", "flood", "rule fire: when 'flood': there is no class flood"),
        ("fire", "着火", "fire + past > fire", "rule fire: when"),
        ("fire", "着{火", "fire", "words fire: 着{火: braces and bars do not match"),
        ("fire", "@smoke", "fire", "words fire: @smoke: there is no class smoke"),
        ("fire", "{火|}", "fire", "may stand for nothing at all"),
        ("fire", "着火", "", "rule fire: has either words (when) or a hunch"),
    ],
)
def test_whoever_edits_the_lexicon_wrongly_reads_where_the_fault_is(
    name: str, words: str, when: str, fault: str
) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        parse(LEXICON.format(name=name, words=words, when=f'"{when}"' if when else ""))

    assert fault in str(refused.value)


def test_the_sentences_the_lexicon_was_written_with_are_told_apart() -> None:
    """The figures of docs/decisions/emergencies.md, as floors."""
    lines = (Path(__file__).parent / "emergencies.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    calls = [(rule, text) for rule, text in rows if rule != "-"]
    ordinary = [text for rule, text in rows if rule == "-"]
    missed = [text for _, text in calls if alarm(text) is None]
    misnamed = [
        text
        for rule, text in calls
        if (found := alarm(text)) and found.number != listener().rules[rule].number
    ]
    false = [text for text in ordinary if alarm(text) is not None]

    assert len(calls) >= 250 and len(ordinary) >= 250
    assert len(missed) <= 0.03 * len(calls), missed
    assert len(misnamed) <= 0.07 * len(calls), misnamed
    assert len(false) <= 0.01 * len(ordinary), false


def test_the_lexicon_alone_hears_the_plain_emergencies_of_other_writers() -> None:
    lines = (Path(__file__).parent / "alarming.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    missed = [text for kind, text in rows if kind == "plain" and alarm(text) is None]
    false = [text for kind, text in rows if kind == "-" and alarm(text) is not None]

    assert len(missed) <= 0.01 * 595, missed
    assert len(false) <= 0.01 * 500, false


@pytest.mark.parametrize(
    ("file", "plain", "veiled", "false"),
    [("unseen_emergencies.tsv", 60, 50, 4), ("second_unseen_emergencies.tsv", 116, 36, 8)],
)
def test_the_lexicon_alone_passes_an_examination_nothing_is_fitted_on_as_when_it_was_measured(
    file: str, plain: int, veiled: int, false: int
) -> None:
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()
    alarms = Counter(kind for kind, text in (line.split("\t") for line in lines[1:]) if alarm(text))

    assert alarms["plain"] >= plain
    assert alarms["veiled"] >= veiled
    assert alarms["-"] <= false


def test_ordinary_matters_of_both_catalogues_alarm_nobody() -> None:
    alarmed = [
        example
        for file in SHIPPED
        for item in catalogue(file.read_text(encoding="utf-8")).item
        if item.handler != "emergency"
        for example in item.examples
        if alarm(example)
    ]

    assert len(alarmed) <= 2, alarmed


def test_every_rule_hands_over_to_an_item_of_the_catalogue() -> None:
    items = {item.code for item in catalogue(SHIPPED[0].read_text(encoding="utf-8")).item}

    assert {rule.item_code for rule in listener().rules.values()} <= items


def test_a_long_text_that_repeats_itself_does_not_keep_the_agent_waiting() -> None:
    started = perf_counter()
    alarm("去年家里着火了想申请赔偿,孩子掉河里了当时没人管。" * 60)

    assert perf_counter() - started < 0.5


def test_what_no_rule_has_words_for_is_still_heard_with_the_number_it_sounds_like() -> None:
    found = alarm("校车翻路沟里了,孩子们在哭")

    assert found is not None and found.number == "122"
    assert all(word in "校车翻路沟里了,孩子们在哭" for word in found.words)
