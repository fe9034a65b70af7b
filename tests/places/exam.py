"""Sentences about places as people say them, made from the names of a made-up city, with the area meant.

The turns of phrase are written from how people talk, apart from the rules that find the names.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from pypinyin import lazy_pinyin

from hotline.places.gazetteer import AreaNode
from hotline.places.kinds import PlaceKind as Kind
from hotline.places.made_up import Named
from tests.places.city import City

OPENINGS = (
    "",
    "",
    "喂你好，",
    "你好我想反映一下，",
    "哎同志，",
    "我跟你说啊，",
    "那个，",
    "我要投诉，",
    "麻烦问一下，",
)
MATTERS = (
    "路灯一个多月都不亮了，晚上根本看不见",
    "下水道堵了臭水漫得到处都是",
    "半夜还在施工，吵得孩子睡不着觉",
    "垃圾堆成山了也没人收",
    "有人占道摆摊，车子都过不去",
    "停水停了两天了也没个通知",
    "楼上装修把我家天花板都震裂了",
    "路面塌了个坑，昨天有人骑车摔了",
    "好几条流浪狗追着人咬",
    "饭店油烟呛得窗户都不敢开",
    "电动车在楼道里充电，太危险了",
    "绿化带里的树倒了压着电线",
)
NUMERALS = "零一二三四五六七八九"

Phrase = Callable[[Random, Named, AreaNode], str]


@dataclass(frozen=True)
class Question:
    text: str
    area: AreaNode


def _spoken(number: int) -> str:
    """126 -> 一百二十六"""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = NUMERALS[hundreds] + "百" if hundreds else ""
    if tens:
        said += ("" if not hundreds and tens == 1 else NUMERALS[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (NUMERALS[ones] if ones else "")


def _numbered(rng: Random, place: Named, area: AreaNode) -> str:
    number = rng.randint(place.first_number or 1, place.last_number or 1)
    said = str(number) if rng.random() < 0.5 else _spoken(number)
    return rng.choice(
        [
            f"{area.chain[1].name}{place.name}{said}号院里",
            f"{place.name}{said}号楼下的门面房",
            f"{place.name}{said}号",
        ]
    )


def _crossing(rng: Random, place: Named, area: AreaNode) -> str:
    one, other = rng.sample(place.name.split("/"), 2)
    return rng.choice(
        [
            f"{one}跟{other}交叉的那个地方",
            f"{one}和{other}那个十字路口",
            f"就{one}{other}那个路口",
            f"{one}与{other}交汇处西南角",
            f"{one}、{other}的红绿灯底下",
            f"{area.chain[1].name}{one}和{other}的口子上",
        ]
    )


def _road(rng: Random, place: Named, area: AreaNode) -> str:
    county = area.chain[1]
    return rng.choice(
        [
            f"{county.name}的{place.name}上",
            f"{county.name}{place.name}，就是靠东头那一段，",
            f"我在{county.name}，开车走{place.name}的时候发现",
            f"{area.chain[2].name}{place.name}沿线",
        ]
    )


def _estate(rng: Random, place: Named, area: AreaNode) -> str:
    return rng.choice(
        [
            f"我家在{place.name}{_spoken(rng.randint(1, 30))}栋{_spoken(rng.randint(1, 4))}单元",
            f"{area.chain[1].name}{place.name}三号楼",
            f"{place.name}的业主，我们院子里",
            f"{area.chain[1].name}那个{place.name}",
            f"{area.chain[2].name}{place.name}二期",
        ]
    )


def _hamlet(rng: Random, place: Named, area: AreaNode) -> str:
    return rng.choice(
        [
            f"{area.chain[2].name}{place.name}，村口那块",
            f"我是{area.chain[1].name}{area.chain[2].name}{place.name}的",
            f"{area.chain[3].name}{place.name}三组",
            f"老家{area.chain[1].name}{place.name}",
        ]
    )


def _landmark(rng: Random, place: Named, area: AreaNode) -> str:
    return rng.choice(
        [
            f"{place.name}对面",
            f"{place.name}后门那条巷子里",
            f"从{place.name}出来往北走一百米",
            f"{area.chain[1].name}{place.name}旁边",
            f"紧挨着{place.name}的地方",
        ]
    )


PHRASES: dict[str, Phrase] = {
    Kind.CROSSING: _crossing,
    Kind.ESTATE: _estate,
    Kind.HAMLET: _hamlet,
}


def questions(city: City, rng: Random, count: int) -> Iterator[Question]:
    """A third each about names of the gazetteer, house numbers and crossings, and areas themselves."""
    villages = [area for area in city.areas.values() if area.level == "village"]
    numbered = [place for place in city.places if place.first_number]
    crossings = [place for place in city.places if place.kind == Kind.CROSSING]
    for number in range(count):
        phrase: Phrase
        if number % 6 == 0:
            place, phrase = rng.choice(numbered), _numbered
        elif number % 6 == 1:
            place, phrase = rng.choice(crossings), _crossing
        elif number % 6 in (2, 3):
            yield _about_an_area(rng, rng.choice(villages))
            continue
        else:
            place = rng.choice(city.places)
            phrase = PHRASES.get(place.kind, _road if place.kind == Kind.ROAD else _landmark)
        area = city.areas[place.area_id]
        yield Question(_sentence(rng, phrase(rng, place, area)), area)


def _about_an_area(rng: Random, village: AreaNode) -> Question:
    _city, county, town, _self = village.chain
    grid = rng.choice(village.below)
    said, area = rng.choice(
        [
            (f"{town.name}{village.name}", village),
            (f"我们{village.name}", village),
            (f"{county.name}{town.name}{village.name}这边", village),
            (f"{village.name}六组那儿", village),
            (f"{county.name}{village.name}{_spoken(village.below.index(grid) + 1)}网格", grid),
            (f"我住{town.name}，街上", town),
            (f"{county.name}{town.name}政府门口", town),
            (f"{town.name.removesuffix('街道')[:2]}镇上", town),
            (f"{county.name[:2]}这边整个片区", county),
            (f"整个{county.name}", county),
        ]
    )
    return Question(_sentence(rng, said), area)


def _sentence(rng: Random, place: str) -> str:
    matter = rng.choice(MATTERS)
    told = rng.random()
    if told < 0.7:
        return f"{rng.choice(OPENINGS)}{place}{matter}"
    return f"{rng.choice(OPENINGS)}{matter}，{rng.choice(('地方是', '就在', '位置在', ''))}{place}"


# --- as a recogniser hears it ---------------------------------------------------------------------------

SLIPS = {"z": "zh", "zh": "z", "c": "ch", "ch": "c", "s": "sh", "sh": "s"}


@cache
def _homophones() -> dict[str, str]:
    """The 3,755 usual characters of GB 2312, by toneless pinyin."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            try:
                character = bytes((row, column)).decode("gb2312")
            except UnicodeDecodeError:  # the last row is not full
                continue
            found[lazy_pinyin(character)[0]].append(character)
    return {sound: "".join(characters) for sound, characters in found.items()}


def misheard(rng: Random, question: Question, names: set[str], *, wrong: float = 0.0) -> Question:
    """One or two characters of every name become others that sound alike; with the chance `wrong` one
    of them becomes any character at all."""
    text = question.text
    there = sorted((name for name in names if name in text), key=lambda name: (-len(name), name))
    for name in there[:3]:
        heard = _sounding_alike(rng, name)
        text = text.replace(name, _with_one_lost(rng, heard) if rng.random() < wrong else heard, 1)
    return Question(text, question.area)


def _with_one_lost(rng: Random, name: str) -> str:
    place = rng.randrange(len(name))
    return name[:place] + rng.choice("".join(_homophones().values())) + name[place + 1 :]


def _sounding_alike(rng: Random, name: str) -> str:
    characters, sounds = list(name), lazy_pinyin(name)
    for place in rng.sample(range(len(name)), min(len(name), rng.randint(1, 2))):
        sound = _slipped(sounds[place]) if rng.random() < 0.3 else sounds[place]
        alike = _homophones().get(sound) or _homophones().get(sounds[place], name[place])
        characters[place] = rng.choice(alike)
    return "".join(characters)


def _slipped(sound: str) -> str:
    """zh as z, ng as n, and the other way round, as accents have them."""
    initial = sound[:2] if sound[1:2] == "h" else sound[:1]
    if initial in SLIPS:
        return SLIPS[initial] + sound[len(initial) :]
    return sound.removesuffix("g") if sound.endswith("ng") else sound + "g" if sound.endswith("n") else sound
