"""From words to areas: what the agent's console, the public form and the review desk ask."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.event_log import Event
from hotline.events import AreasLoaded
from hotline.organisations.models import Area
from hotline.places import mentions, weighing
from hotline.places.gazetteer import LEVELS, AreaNode, Gazetteer, NamedPlace
from hotline.places.mentions import Mention
from hotline.places.models import PlaceName

LONGEST = 500  # characters looked at
SHOWN = 4
SHORTEST, SEARCHED = 2, 8


@dataclass(frozen=True)
class Found:
    """A proposal. `chain` goes from the city down to the deepest area that is sure, at most the grid (D09);
    `words` are those of the text that decided, `name` and `kind` what the gazetteer calls it."""

    chain: tuple[AreaNode, ...]
    confidence: float
    words: str
    name: str
    kind: str

    @property
    def area_id(self) -> int:
        return self.chain[-1].id

    @property
    def area_name(self) -> str:
        """'云山区 泉塘街道 上河社区': the city goes without saying."""
        return " ".join(area.name for area in self.chain[1:])


def resolve(session: Session, text: str, hint_area: int | None = None) -> list[Found]:
    """The areas a text may speak of, the likeliest first; none when it names no place of the city.

    `hint_area` is what is known already: among places of one name those in its county come first.
    """
    gazetteer = gazetteer_for(session)
    text = "".join(unicodedata.normalize("NFKC", text[:LONGEST]).split())
    named = mentions.find(gazetteer, text)
    hint = gazetteer.areas.get(hint_area) if hint_area else None
    return [_found(text, one) for one in weighing.weigh(named, hint)[:SHOWN]]


def search(session: Session, words: str) -> list[Found]:
    """Places whose name has these words in it, for who looks one up: no claim, so no confidence."""
    words = "".join(unicodedata.normalize("NFKC", words).split())
    if len(words) < SHORTEST:
        return []
    by_name = gazetteer_for(session).by_name
    entries = (entry for name in sorted(by_name, key=len) if words in name for entry in by_name[name])
    found = (
        Found(stretch.area.chain, 0.0, words, entry.name, entry.kind)
        for entry in entries
        if not entry.short
        for stretch in entry.stretches
    )
    return list(islice(found, SEARCHED))


@dataclass(frozen=True)
class Level:
    """One step of a picker: the areas to choose from and the one that is chosen."""

    level: str
    options: Sequence[AreaNode]
    chosen: AreaNode | None


def levels(session: Session, area_id: int | None) -> list[Level]:
    """The four steps below the city, with this area and those above it chosen."""
    areas = gazetteer_for(session).areas
    chosen = areas[area_id].chain if area_id in areas else ()
    above = next((area for area in areas.values() if area.level == "city"), None)
    steps = []
    for depth, level in enumerate(LEVELS[1:], start=1):
        here = chosen[depth] if len(chosen) > depth else None
        steps.append(Level(level, above.below if above else (), here))
        above = here
    return steps


def settled(session: Session, picked: Sequence[int]) -> int | None:
    """Of the areas picked from county to grid the deepest that lies in those before it: without JavaScript
    a town of the county chosen before may still stand there. An id nobody knows is given back as it is."""
    areas = gazetteer_for(session).areas
    deepest: AreaNode | None = None
    for area_id in picked:
        if area_id not in areas:
            return area_id
        if deepest and not areas[area_id].is_in(deepest):
            break
        deepest = areas[area_id]
    return deepest.id if deepest else None


def _found(text: str, one: weighing.Weighed) -> Found:
    telling = one.because[0]
    area = weighing.deepest(one.area)
    reading = telling.readings[0]
    return Found(area.chain, round(one.confidence, 3), _words(text, one.because), reading.name, reading.kind)


def _words(text: str, because: Sequence[Mention]) -> str:
    """The stretch of text from the first word that decided to the last, when they stand together."""
    start, end = because[0].start, because[0].end
    for mention in sorted(because, key=lambda m: -m.start):
        if mention.end == start:
            start = mention.start
    for mention in sorted(because, key=lambda m: m.start):
        if mention.start == end:
            end = mention.end
    return text[start:end]


_built: list[tuple[object, Gazetteer]] = []
_building = Lock()


def gazetteer_for(session: Session) -> Gazetteer:
    """In memory, built once a process and version (about half a second for ten thousand names)."""
    loaded = select(func.max(Event.at)).where(Event.kind == AreasLoaded.kind)
    newest = select(
        select(func.max(PlaceName.id)).scalar_subquery(),
        select(func.max(Area.id)).scalar_subquery(),
        loaded.scalar_subquery(),
    )
    version = (settings().database.url, *session.execute(newest).one())
    with _building:  # of many who ask at once, one builds
        if not _built or _built[0][0] != version:
            _built[:] = [(version, _build(session))]
        return _built[0][1]


def _build(session: Session) -> Gazetteer:
    rows = session.execute(select(Area.id, Area.name, Area.level, Area.parent_id).order_by(Area.path))
    areas: dict[int | None, AreaNode] = {}
    for area_id, name, level, parent_id in rows:
        parent = areas.get(parent_id) if parent_id else None
        areas[area_id] = AreaNode(area_id, name, level, parent)
        if parent:
            parent.below.append(areas[area_id])
    columns = (
        PlaceName.kind,
        PlaceName.name,
        PlaceName.area_id,
        PlaceName.first_number,
        PlaceName.last_number,
    )
    places = session.execute(select(*columns).order_by(PlaceName.id))
    return Gazetteer(areas.values(), (NamedPlace(*row) for row in places))
