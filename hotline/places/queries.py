"""From words to areas: what the agent's console, the public form and the review desk ask."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.config import settings
from hotline.organisations.models import Area
from hotline.places import mentions, weighing
from hotline.places.gazetteer import AreaNode, Gazetteer, NamedPlace
from hotline.places.mentions import Mention
from hotline.places.models import PlaceName

LONGEST = 500  # characters looked at
SHOWN = 4


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
    weighed = weighing.weigh(named, hint)[:SHOWN] if named else []
    return [_found(text, one) for one in weighed]


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


def gazetteer_for(session: Session) -> Gazetteer:
    """In memory, built once a process and version (about half a second for ten thousand names)."""
    newest = select(
        select(func.max(PlaceName.id)).scalar_subquery(), select(func.max(Area.id)).scalar_subquery()
    )
    version = (settings().database.url, *session.execute(newest).one())
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
