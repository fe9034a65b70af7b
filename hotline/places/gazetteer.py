"""Every name of the city in memory, by its characters and by its sound. Pure; built once a version."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from hotline.places import sounds
from hotline.places.kinds import PlaceKind

LEVELS = ("city", "county", "town", "village", "grid")
ENDINGS = {
    "county": ("新区", "区", "县", "市"),
    "town": ("街道", "镇", "乡"),
    "village": ("社区", "村"),
}
SHORTEST_BY_SOUND = 3  # syllables; of two, too much else sounds alike
FIRST_LETTER = 0xE000  # syllables are numbered from here: private characters, so that a sound is a string


@dataclass(frozen=True, eq=False)
class AreaNode:
    """An area with its parent; two are the same only when they are the same object."""

    id: int
    name: str
    level: str
    parent: "AreaNode | None"
    below: list["AreaNode"] = field(default_factory=list, repr=False)

    @cached_property
    def chain(self) -> tuple["AreaNode", ...]:
        """From the city down to this area (D09)."""
        return (*(self.parent.chain if self.parent else ()), self)

    def is_in(self, other: "AreaNode") -> bool:
        """True also for the area itself."""
        return other in self.chain


@dataclass(frozen=True)
class Stretch:
    """Where a name lies: an area, and of a road the house numbers there."""

    area: AreaNode
    first_number: int | None = None
    last_number: int | None = None

    def has(self, number: int) -> bool:
        return self.first_number is not None and self.first_number <= number <= (self.last_number or 0)


@dataclass(frozen=True, eq=False)
class Entry:
    """One name of one kind and every area it lies in. `short`: the name of an area without its class
    (泉塘 for 泉塘街道), which may also be an ordinary word."""

    name: str
    kind: str
    stretches: list[Stretch]
    short: bool = False


@dataclass(frozen=True)
class NamedPlace:
    """A row of the table as the gazetteer needs it."""

    kind: str
    name: str
    area_id: int
    first_number: int | None = None
    last_number: int | None = None


class Gazetteer:
    """Holds no session; may be shared by threads once it is built."""

    def __init__(self, areas: Iterable[AreaNode], places: Iterable[NamedPlace]) -> None:
        self.areas = {area.id: area for area in areas}
        self.by_name: dict[str, list[Entry]] = {}
        self.by_sound: dict[str, list[Entry]] = {}
        self.crossings: dict[frozenset[str], list[AreaNode]] = {}
        self._letters: dict[str, str] = {}
        self._add_areas()
        self._add_places(places)
        for entries in list(self.by_name.values()):
            for entry in entries:
                self._index_sound(entry)
        self.longest = max(map(len, self.by_name), default=0)

    def spelt(self, syllables: Iterable[str]) -> str:
        """Syllables as a string of one private character each; what no name has is a blank."""
        return "".join(self._letters.get(syllable, " ") for syllable in syllables)

    def _add_areas(self) -> None:
        for area in self.areas.values():
            if area.level in ENDINGS:
                self._add(area.name, area.level, Stretch(area))
                stem = stem_of(area)
                if len(stem) >= 2 and stem != area.name:
                    self._add(stem, area.level, Stretch(area), short=True)

    def _add_places(self, places: Iterable[NamedPlace]) -> None:
        for place in places:
            area = self.areas[place.area_id]
            if place.kind == PlaceKind.CROSSING:
                self.crossings.setdefault(frozenset(place.name.split("/")), []).append(area)
            else:
                self._add(place.name, place.kind, Stretch(area, place.first_number, place.last_number))

    def _add(self, name: str, kind: str, stretch: Stretch, *, short: bool = False) -> None:
        entries = self.by_name.setdefault(name, [])
        entry = next((one for one in entries if one.kind == kind and one.short == short), None)
        if entry is None:
            entry = Entry(name, kind, [], short)
            entries.append(entry)
        entry.stretches.append(stretch)

    def _index_sound(self, entry: Entry) -> None:
        if entry.short or len(entry.name) < SHORTEST_BY_SOUND:
            return
        for syllables in {tuple(sounds.one_by_one(entry.name)), tuple(sounds.together(entry.name))}:
            for syllable in syllables:
                self._letters.setdefault(syllable, chr(FIRST_LETTER + len(self._letters)))
            entries = self.by_sound.setdefault(self.spelt(syllables), [])
            if entry not in entries:
                entries.append(entry)


def stem_of(area: AreaNode) -> str:
    """'泉塘街道' -> '泉塘'"""
    for ending in ENDINGS.get(area.level, ()):
        if area.name.endswith(ending) and len(area.name) - len(ending) >= 2:
            return area.name.removesuffix(ending)
    return area.name
