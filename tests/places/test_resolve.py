"""From what people say to an area: a small city written down by hand, so that every answer can be checked."""

import pytest

from hotline.places import mentions, weighing
from hotline.places.gazetteer import AreaNode, Gazetteer, NamedPlace
from hotline.places.mentions import number_of

CITY = AreaNode(1, "演示市", "city", None)
EAST = AreaNode(2, "东川区", "county", CITY)
WEST = AreaNode(3, "西岭县", "county", CITY)
MARKET = AreaNode(4, "集贤街道", "town", EAST)
BRIDGE = AreaNode(5, "石桥镇", "town", EAST)
GATE = AreaNode(6, "关山镇", "town", WEST)
LOTUS = AreaNode(7, "莲池社区", "village", MARKET)
WILLOW = AreaNode(8, "柳林村", "village", BRIDGE)
PASS = AreaNode(9, "长亭村", "village", GATE)
ONLY_GRID = AreaNode(10, "莲池社区第1网格", "grid", LOTUS)
FIRST, SECOND = (AreaNode(10 + n, f"柳林村第{n}网格", "grid", WILLOW) for n in (1, 2))
AREAS = [CITY, EAST, WEST, MARKET, BRIDGE, GATE, LOTUS, WILLOW, PASS, ONLY_GRID, FIRST, SECOND]
for area in AREAS[1:]:
    assert area.parent
    area.parent.below.append(area)

GAZETTEER = Gazetteer(
    AREAS,
    [
        NamedPlace("road", "建设路", MARKET.id, 1, 200),
        NamedPlace("road", "建设路", BRIDGE.id, 201, 400),
        NamedPlace("road", "建设路", GATE.id, 1, 200),
        NamedPlace("road", "文昌街", MARKET.id),
        NamedPlace("crossing", "建设路/文昌街", LOTUS.id),
        NamedPlace("estate", "翡翠家园", LOTUS.id),
        NamedPlace("hamlet", "上官家湾", WILLOW.id),
        NamedPlace("school", "关山中心小学", PASS.id),
    ],
)


def found(text: str, hint: AreaNode | None = None) -> list[weighing.Weighed]:
    return weighing.weigh(mentions.find(GAZETTEER, text), hint)


def best(text: str, hint: AreaNode | None = None) -> tuple[AreaNode, float]:
    first = found(text, hint)[0]
    return weighing.deepest(first.area), first.confidence


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("翡翠家园三号楼二单元电梯坏了", ONLY_GRID),
        ("关山中心小学门口堵得厉害", PASS),
        ("文昌街上全是垃圾", MARKET),
        ("我是石桥镇柳林村的", WILLOW),
        ("柳林村二网格的路灯不亮", SECOND),
        ("上官家湾村口", WILLOW),
        ("整个西岭县都停电了", WEST),
        ("东川区建设路一百二十号", MARKET),
        ("建设路三百五十号院内", BRIDGE),
        ("建设路和文昌街交叉的地方", ONLY_GRID),
        ("文昌街跟建设路路口", ONLY_GRID),
        ("文昌街、建设路的红绿灯", ONLY_GRID),
        ("西岭县的建设路", GATE),
    ],
)
def test_a_place_is_found_as_people_name_it(text: str, area: AreaNode) -> None:
    where, confidence = best(text)
    assert where is area
    assert confidence > 0.8


@pytest.mark.parametrize(
    ("heard", "area"),
    [
        ("东川区建社路一百二十号", MARKET),  # 建设路
        ("飞翠家圆三号楼", ONLY_GRID),
        ("关山中星小学门口", PASS),  # xing for xin: ng and n
        ("石桥真柳林村", WILLOW),  # zhen: 镇
        ("我家在住山中心小学", None),
    ],
)
def test_a_recognised_homophone_still_finds_its_place(heard: str, area: AreaNode | None) -> None:
    if area is None:
        assert not found(heard)
    else:
        assert best(heard)[0] is area


def test_what_is_written_is_surer_than_what_only_sounds_so() -> None:
    assert best("翡翠家园")[1] > best("飞翠家园")[1] > 0.8


def test_a_road_in_two_counties_is_not_decided_for_the_caller() -> None:
    proposals = found("建设路的路灯坏了")
    assert {one.area for one in proposals} >= {EAST, GATE}
    assert proposals[0].area is EAST  # two of the three stretches
    assert proposals[0].confidence < 0.7


def test_what_is_known_already_comes_first_among_places_of_one_name() -> None:
    assert found("建设路的路灯坏了", hint=PASS)[0].area is GATE
    assert best("翡翠家园", hint=PASS)[0] is ONLY_GRID


def test_a_road_through_two_towns_gives_their_district_first_and_each_town_after() -> None:
    district, *towns = found("东川区建设路")
    assert district.area is EAST
    assert district.confidence > 0.9
    assert {one.area for one in towns} == {MARKET, BRIDGE}


def test_an_area_without_its_class_word_counts_where_a_place_is_expected() -> None:
    assert best("我住在石桥，天天停水")[0] is BRIDGE
    assert best("石桥镇上")[0] is BRIDGE
    assert not found("公园里那座石桥断了")
    assert best("东川区石桥，天天停水")[0] is BRIDGE


def test_a_village_is_its_grid_only_where_it_has_one() -> None:
    assert best("莲池社区")[0] is ONLY_GRID
    assert best("柳林村")[0] is WILLOW


def test_a_house_number_no_stretch_has_leaves_the_road() -> None:
    assert found("东川区建设路九百号")[0].area is EAST


@pytest.mark.parametrize("text", ["", "楼上漏水", "建设", "路", "12345", "on the bus", "①②③"])
def test_words_without_a_place_find_none(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("18", 18),
        ("十八", 18),
        ("一百二", 120),
        ("一百零八", 108),
        ("两百五十六", 256),
        ("幺八", 18),
        ("二十", 20),
        ("一千二", 1200),
    ],
)
def test_house_numbers_as_people_say_them(said: str, number: int) -> None:
    assert number_of(said) == number
