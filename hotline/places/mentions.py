"""Finding names of places in what somebody said or typed. Pure.

Names are looked up, never guessed from their endings: a road is found only when the city has one of
that name, by its characters or by its sound.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hotline.places import sounds
from hotline.places.gazetteer import SHORTEST_BY_SOUND, AreaNode, Entry, Gazetteer, Stretch
from hotline.places.kinds import PlaceKind

DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "幺": 1, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
COUNT = r"[0-9零〇一二两三四五六七八九十百千幺]{1,6}"
HOUSE_NUMBER = re.compile(rf"的?(?:[东南西北中]段|[东南西北]头)?({COUNT})(?:号|弄)")
GRID_NUMBER = re.compile(rf"的?第?({COUNT})(?:号)?网格")
BETWEEN_ROADS = re.compile(r"[与和跟同到、及，]{0,2}|(?:交叉|往)")
AT_A_CROSSING = re.compile(
    r"的?(?:那个|那)?.{0,2}?(?:路口|口|交叉|交汇|相交|十字|丁字|红绿灯|拐角|转角|接头)"
)
PLACE_BEFORE = re.compile(r"(?:在|住|到|去|从|我们|咱们|咱|俺们|家是|这里是|位于|来自|[区县镇乡道])$")
PLACE_AFTER = re.compile(
    r"(?:这边|那边|这里|那里|这儿|那儿|这一?片|那一?片|附近|街上|镇上|村|乡|镇|街道|社区)"
)


class How(StrEnum):
    WRITTEN = "written"  # character by character
    SOUND = "sound"  # it only sounds so
    SHORT = "short"  # an area without its class word, where a place is expected
    BARE = "bare"  # the same two characters anywhere


WORTH = {How.WRITTEN: 0.0, How.SOUND: -0.5, How.SHORT: -1.0, How.BARE: -1.5}  # in characters of length
SAME_CHARACTER = 3.0


@dataclass(frozen=True)
class Reading:
    """One thing a mention may mean: a name's part in one area. `weight` is against the other readings."""

    name: str
    kind: str
    stretch: Stretch
    weight: float


@dataclass(frozen=True)
class Mention:
    """A name at text[start:end], `syllables` long, and all it may mean. `exact` where a house number, a
    crossing or a grid says which part of the name is meant."""

    start: int
    end: int
    how: How
    readings: tuple[Reading, ...]
    syllables: int
    exact: bool = False


def find(gazetteer: Gazetteer, text: str) -> list[Mention]:
    """In the order of the text; no two overlap, none is there twice."""
    chosen = _without_overlap([*_written(gazetteer, text), *_sounding(gazetteer, text)])
    joined = _joined_at_crossings(gazetteer, text, chosen)
    return _once([_narrowed(text, mention) for mention in joined])


def _written(gazetteer: Gazetteer, text: str) -> Iterator[Mention]:
    for start in range(len(text)):
        for length in range(min(gazetteer.longest, len(text) - start), 1, -1):
            entries = gazetteer.by_name.get(text[start : start + length])
            if entries:
                yield _mention(
                    text, start, length, entries, _written_how(entries, text, start, start + length)
                )


def _written_how(entries: Sequence[Entry], text: str, start: int, end: int) -> How:
    if not all(entry.short for entry in entries):
        return How.WRITTEN
    expected = PLACE_BEFORE.search(text[max(0, start - 3) : start]) or PLACE_AFTER.match(text, end)
    return How.SHORT if expected else How.BARE


def _sounding(gazetteer: Gazetteer, text: str) -> Iterator[Mention]:
    for syllables in (sounds.one_by_one(text), sounds.together(text)):
        spelt = gazetteer.spelt(syllables)
        for start in range(len(spelt)):
            for length in range(min(gazetteer.longest, len(spelt) - start), SHORTEST_BY_SOUND - 1, -1):
                entries = gazetteer.by_sound.get(spelt[start : start + length])
                if entries:
                    yield _mention(text, start, length, entries, How.SOUND)


def _mention(text: str, start: int, length: int, entries: Sequence[Entry], how: How) -> Mention:
    words = text[start : start + length]
    readings = (
        Reading(entry.name, entry.kind, stretch, _likeness(words, entry.name))
        for entry in entries
        for stretch in entry.stretches
    )
    best_first = tuple(sorted(readings, key=lambda reading: -reading.weight))
    return Mention(start, start + length, how, best_first, length)


def _likeness(words: str, name: str) -> float:
    """Each character that is the same makes a name likelier than another that sounds alike."""
    return SAME_CHARACTER ** sum(one == other for one, other in zip(words, name, strict=True))


def _without_overlap(mentions: list[Mention]) -> list[Mention]:
    """The longest first; of one length, what is written before what only sounds so."""
    taken: set[int] = set()
    chosen: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (-(m.end - m.start + WORTH[m.how]), m.start)):
        places = range(mention.start, mention.end)
        if taken.isdisjoint(places):
            taken.update(places)
            chosen.append(mention)
    return sorted(chosen, key=lambda m: m.start)


def _once(mentions: list[Mention]) -> list[Mention]:
    """Who says a name twice means it no more than who says it once."""
    return list({mention.readings: mention for mention in reversed(mentions)}.values())[::-1]


# --- what stands beside a name ---------------------------------------------------------------------------


def _joined_at_crossings(gazetteer: Gazetteer, text: str, mentions: list[Mention]) -> list[Mention]:
    """Two roads side by side whose crossing is known are one mention of the crossing."""
    joined: list[Mention] = []
    for mention in mentions:
        crossing = _crossing(gazetteer, text, joined[-1], mention) if joined else None
        if crossing:
            joined[-1] = crossing
        else:
            joined.append(mention)
    return joined


def _crossing(gazetteer: Gazetteer, text: str, one: Mention, other: Mention) -> Mention | None:
    if not BETWEEN_ROADS.fullmatch(text, one.end, other.start):
        return None
    readings = tuple(
        Reading(f"{first}与{second}路口", PlaceKind.CROSSING, Stretch(area), weight * also)
        for first, weight in _roads(one).items()
        for second, also in _roads(other).items()
        for area in gazetteer.crossings.get(frozenset((first, second)), ())
    )
    if not readings:
        return None
    how = How.SOUND if How.SOUND in (one.how, other.how) else How.WRITTEN
    said_so = AT_A_CROSSING.match(text, other.end)
    end = said_so.end() if said_so else other.end
    return Mention(one.start, end, how, readings, one.syllables + other.syllables, exact=True)


def _roads(mention: Mention) -> dict[str, float]:
    return {reading.name: reading.weight for reading in mention.readings if reading.kind == PlaceKind.ROAD}


def _narrowed(text: str, mention: Mention) -> Mention:
    """With the house number of a road, or the grid of a village, that is said right after the name."""
    number, grid = HOUSE_NUMBER.match(text, mention.end), GRID_NUMBER.match(text, mention.end)
    if grid:
        here = [
            gridded for reading in mention.readings for gridded in _grids(reading, number_of(grid.group(1)))
        ]
        end = grid.end()
    elif number:
        said = number_of(number.group(1))
        here = [reading for reading in mention.readings if reading.stretch.has(said)]
        end = number.end()
    else:
        return mention
    if not here:
        return mention
    return replace(mention, end=end, readings=tuple(here), exact=True)


def _grids(reading: Reading, number: int) -> Iterator[Reading]:
    if reading.kind == "village":
        for grid in reading.stretch.area.below:
            if _is_number(grid, number):
                yield replace(reading, stretch=Stretch(grid))


def _is_number(grid: AreaNode, number: int) -> bool:
    found = re.search(COUNT, grid.name.removeprefix(grid.parent.name if grid.parent else ""))
    return found is not None and number_of(found.group()) == number


def number_of(said: str) -> int:
    """'18', '十八', '一百二', '幺八' -> a number; 120 for 一百二 as people say it."""
    if said.isdigit() and said.isascii():
        return int(said)
    if not set(said) & set(UNITS):
        return int("".join(str(DIGITS.get(c, c)) for c in said))
    total, digit, unit = 0, 0, 10
    for character in said:
        if character in UNITS:
            unit = UNITS[character]
            total += (digit or 1) * unit
            digit, unit = 0, unit // 10
        else:
            digit = DIGITS.get(character, 0)
            unit = 1 if character in "零〇" else unit
    return total + digit * unit
