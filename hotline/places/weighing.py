"""From names in a text to areas with a confidence. Pure.

Each mention is believed with the chance of its kind of match; names that agree strengthen one another (a
county and a road in it), names that may lie in several areas share their chance among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from hotline.places.gazetteer import AreaNode
from hotline.places.mentions import How, Mention

# The chance that such a match means the place: fitted on generated sentences (docs/decisions/places.md)
BELIEVED = {How.WRITTEN: 0.97, How.SHORT: 0.8, How.BARE: 0.12}
# Only sounds so: (no character the same, some the same), of three syllables and of more
BELIEVED_SOUND = {3: (0.3, 0.85), 4: (0.8, 0.94)}
CHANCE_AGREES = 0.1  # two names that only happen to be found lie in one county, about so often
IN_PASSING = 0.02  # a mention that speaks of elsewhere, though it is believed
NEAR_HINT = 4.0  # how much likelier is an area in the county that is known already
SAID_BY_DESCENDANT = 0.85  # an area is left out where one below it has this share of its chance
LEAST = 0.05


@dataclass(frozen=True)
class Weighed:
    """`because` are the mentions that speak for the area, the most telling first."""

    area: AreaNode
    confidence: float
    because: tuple[Mention, ...]


def believed(mention: Mention) -> float:
    if mention.how is How.SOUND:
        return BELIEVED_SOUND[min(mention.syllables, 4)][mention.readings[0].weight > 1]
    return BELIEVED[mention.how]


def weigh(mentions: Sequence[Mention], hint: AreaNode | None = None) -> list[Weighed]:
    """The likeliest first. An area above others is listed only where none of those is nearly as likely.

    Two characters that are also an ordinary word only count beside another name.
    """
    if all(mention.how is How.BARE for mention in mentions):
        return []
    spoken = [(believed(mention), _shares(mention, hint)) for mention in mentions]
    odds = {area: _odds(area, spoken) for _chance, shares in spoken for area in shares}
    total = sum(odds.values()) + _nowhere(spoken)
    chances = _with_areas_above({area: chance / total for area, chance in odds.items()})
    kept = [area for area, chance in chances.items() if chance >= LEAST and not _said_below(area, chances)]
    ranked = sorted(kept, key=lambda area: (-round(chances[area], 3), -len(area.chain), area.id))
    return [Weighed(area, chances[area], _because(area, mentions)) for area in ranked]


Spoken = Sequence[tuple[float, dict[AreaNode, float]]]


def _shares(mention: Mention, hint: AreaNode | None) -> dict[AreaNode, float]:
    """Of the areas the name may mean, each one's part."""
    weights: dict[AreaNode, float] = {}
    for reading in mention.readings:
        area = reading.stretch.area
        weight = reading.weight * (NEAR_HINT if hint and _same_county(area, hint) else 1.0)
        weights[area] = max(weights.get(area, 0.0), weight)
    total = sum(weights.values())
    return {area: weight / total for area, weight in weights.items()}


def _same_county(area: AreaNode, hint: AreaNode) -> bool:
    return len(hint.chain) > 1 and area.is_in(hint.chain[1])


def _odds(area: AreaNode, spoken: Spoken) -> float:
    """A mention speaks for an area when the area lies in one it may mean."""
    chance = 1.0
    for belief, shares in spoken:
        share = sum(shares.get(above, 0.0) for above in area.chain)
        chance *= belief * (share or IN_PASSING) + (1 - belief) * IN_PASSING
    return chance


def _nowhere(spoken: Spoken) -> float:
    """Every mention is chance; that several then agree on an area would be chance again."""
    agreeing = max(
        sum(any(above in shares for above in area.chain) for _belief, shares in spoken)
        for _also, areas in spoken
        for area in areas
    )
    return prod(1 - belief for belief, _shares in spoken) * CHANCE_AGREES ** (agreeing - 1)


def _with_areas_above(chances: dict[AreaNode, float]) -> dict[AreaNode, float]:
    """An area is meant also when one below it is. The city is not listed: that is no answer."""
    summed: dict[AreaNode, float] = {}
    for area, chance in chances.items():
        for above in area.chain[1:]:
            summed[above] = summed.get(above, 0.0) + chance
    return summed


def _said_below(area: AreaNode, chances: dict[AreaNode, float]) -> bool:
    return any(
        other is not area and other.is_in(area) and chance >= SAID_BY_DESCENDANT * chances[area]
        for other, chance in chances.items()
    )


def _because(area: AreaNode, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """With their readings narrowed to those that speak for the area."""
    speaking = []
    for mention in mentions:
        readings = tuple(r for r in mention.readings if _related(r.stretch.area, area))
        if readings:
            best = tuple(sorted(readings, key=lambda r: (-r.weight, -len(r.stretch.area.chain))))
            speaking.append(replace(mention, readings=best))
    return tuple(sorted(speaking, key=lambda m: -_depth(m)))


def _related(one: AreaNode, other: AreaNode) -> bool:
    return one.is_in(other) or other.is_in(one)


def _depth(mention: Mention) -> int:
    return len(mention.readings[0].stretch.area.chain) + mention.exact


def deepest(area: AreaNode) -> AreaNode:
    """A village with one grid is that grid (D09); otherwise the area itself."""
    while area.level == "village" and len(area.below) == 1:
        area = area.below[0]
    return area
