"""A catalogue file that is wrong is refused whole, and its author reads every fault at once."""

import pytest

from hotline.catalogue.files import CatalogueRefused, parse
from hotline.catalogue.service import SHIPPED

HEADER = """
[meta]
hotline = "12345"
title = "小目录"
version = "1"
categories = 1
items = 2
tier_simple_days = 1
tier_general_days = 5
tier_complex_days = 15
tier_difficult_days = 20

[[category]]
code = "01"
name = "市政"
name_en = "Municipal"
"""
ITEM = """
[[item]]
code = "{code}"
category = "01"
name = "路灯不亮"
name_en = "Street lamp out"
kind = "complaint"
handler = "department"
department = "城市管理局"
tier = "general"
tier_days = 5
keywords = ["路灯"]
examples = ["门口的路灯不亮"]
confidential_default = false
"""
GOOD = HEADER + ITEM.format(code="0101") + ITEM.format(code="0102")


def problems_of(text: str) -> list[str]:
    with pytest.raises(CatalogueRefused) as refused:
        parse(text)
    return refused.value.problems


def test_the_city_ships_20_categories_of_240_matters_and_12_of_60_legal_ones() -> None:
    counts = [(f.meta.categories, f.meta.items) for f in (parse(p.read_text("utf-8")) for p in SHIPPED)]
    assert counts == [(20, 240), (12, 60)]


def test_a_good_file_is_read() -> None:
    assert [item.code for item in parse(GOOD).item] == ["0101", "0102"]


def test_a_file_that_lost_an_item_is_refused_naming_both_numbers() -> None:
    assert problems_of(HEADER + ITEM.format(code="0101")) == [
        "meta: items: the header declares 2, the file has 1"
    ]


def test_a_file_with_a_category_too_many_is_refused_naming_both_numbers() -> None:
    extra = '\n[[category]]\ncode = "02"\nname = "水"\nname_en = "Water"\n'
    assert problems_of(GOOD + extra) == ["meta: categories: the header declares 1, the file has 2"]


def test_a_code_used_twice_is_named() -> None:
    assert problems_of(GOOD.replace('"0102"', '"0101"')) == ["item 0101: code: used 2 times"]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('kind = "complaint"', 'kind = "grumble"', "item 0101: kind: Input should be 'consult'"),
        ('handler = "department"', 'handler = "robot"', "item 0101: handler: Input should be 'department'"),
        ('tier = "general"', 'tier = "urgent"', "item 0101: tier: Input should be 'simple'"),
        ('category = "01"', 'category = "07"', "item 0101: category: there is no category 07"),
        ('name = "路灯不亮"\n', "", "item 0101: name: is missing"),
        ('name = "路灯不亮"', 'name = ""', "item 0101: name: is empty"),
        ("tier_days = 5", "tier_days = 6", "item 0101: tier_days: 6, but the header gives this tier 5"),
        ("tier_days = 5", 'tier_days = "5"', "item 0101: tier_days: Input should be a valid integer"),
        ('keywords = ["路灯"]', "keywords = []", "item 0101: keywords: List should have at least 1 item"),
        ('keywords = ["路灯"]', "keywords = [3]", "item 0101: keywords: 0: Input should be a valid string"),
        ('examples = ["门口', 'exemples = ["门口', "item 0101: exemples: no such field"),
        ('code = "0101"\n', "", "item number 1: code: is missing"),
        ('code = "0101"', 'code = "0901"', "item 0901: code: does not begin with its category 01"),
    ],
)
def test_a_wrong_entry_is_named_by_code_and_field(good: str, bad: str, said: str) -> None:
    assert any(problem.startswith(said) for problem in problems_of(GOOD.replace(good, bad, 1)))


def test_all_faults_are_told_at_once() -> None:
    text = (
        GOOD.replace("items = 2", "items = 3")
        .replace('kind = "complaint"', "", 1)
        .replace('"0102"', '"0202"')
    )
    assert problems_of(text) == [
        "item 0101: kind: is missing",
        "meta: items: the header declares 3, the file has 2",
        "item 0202: code: does not begin with its category 01, so the keys would mislead",
    ]


@pytest.mark.parametrize(
    "text", ["", "hello", "item = 3", "[meta]", "item = [1, 2]\ncategory = [[]]", "meta = []\nitem = {}"]
)
def test_what_is_no_catalogue_at_all_is_refused_not_crashed_on(text: str) -> None:
    assert problems_of(text)
