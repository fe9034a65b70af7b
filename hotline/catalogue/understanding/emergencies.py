"""Does anybody need 110, 119, 120 or 122 now? Asked of all that is said or typed, before any form (Z05, N04).

A rule is heard when words of all its classes stand close together. It is quietened when they are denied, or
only spoken of (over, a drill, a claim, the news), unless the same clause says that it is happening now.
Points fitted on sentences doubt a rule heard in plainly ordinary talk, and hear what no rule has words for.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

from hotline.catalogue.files import DATA
from hotline.catalogue.understanding.emergency_hunch import Hunch, PointTable, read_points
from hotline.catalogue.understanding.emergency_lexicon import Lexicon, Pattern, Rule, parse

FILE = DATA / "emergencies.toml"
BREAKS = frozenset("，,、。.！!？?；;：:…~—\n")
TRIES = 20  # a text that says the same thing hundreds of times may not take hundreds of times as long


@dataclass(frozen=True)
class Alarm:
    """`number` is where to hand over, `item_code` the item of 12345, `words` what in the text decided."""

    rule: str
    number: str
    item_code: str
    words: tuple[str, ...]


class Hit(NamedTuple):
    start: int
    end: int


class Listener:
    """One lexicon, ready to listen; shared by threads."""

    def __init__(self, lexicon: Lexicon, points: PointTable) -> None:
        self.rules = {rule.code: rule for rule in lexicon.rules}
        self._lexicon = lexicon
        self._points = points
        reading = lexicon.reading
        self._simplified = str.maketrans(reading.traditional + ",!?;:", reading.simplified + "，！？；：")
        self._by_beginning: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for spelling, classes in lexicon.spellings.items():
            self._by_beginning.setdefault(spelling[:2], []).append((spelling, classes))

    def alarm(self, text: str, likeness: float = 0.0) -> Alarm | None:
        """The first rule heard, in the order of the file. Never raises; well under a millisecond for a few
        sentences.

        `likeness` are points of another witness, who compared the text with what callers say of each item.
        """
        text = text[: self._lexicon.reading.longest]
        heard, places = self._read(text)
        hits, hunch = self._hits(heard), self._points.hunch(heard, likeness)
        doubted = hunch is not None and hunch.score < self._lexicon.reading.doubt_below
        for rule, found in self._heard(hits, hunch):
            if (rule.sure or not doubted) and not self._quietened(rule, found, hits, heard):
                words = tuple(text[places[hit.start] : places[hit.end - 1] + 1] for hit in sorted(found))
                return Alarm(rule.code, rule.number, rule.item_code, words)
        return None

    def _heard(
        self, hits: dict[str, list[Hit]], hunch: Hunch | None
    ) -> Iterator[tuple[Rule, tuple[Hit, ...]]]:
        """Rules with the words that speak for them, in the order of the file; the hunch is the last."""
        for rule in self._lexicon.rules:
            for pattern in rule.patterns:
                for found in islice(_matches(pattern, hits), TRIES):
                    yield rule, found
        reading = self._lexicon.reading
        enough = reading.hunch_above_if_now if "now" in hits or "urgent" in hits else reading.hunch_above
        if hunch and hunch.score > enough:
            for rule in self._lexicon.rules:
                if rule.hunch and rule.number == hunch.number:
                    yield rule, tuple(Hit(*place) for place in hunch.places)

    def _read(self, text: str) -> tuple[str, list[int]]:
        """What is compared, and where each of its characters stands in the text.

        A recogniser may put blanks between all characters; a person who types one means a comma.
        """
        spelled_out = len(text.split()) * 2 > len("".join(text.split()))
        heard: list[str] = []
        places: list[int] = []
        for place, character in enumerate(text):
            if not character.isspace():
                heard.append(_lower(character))
                places.append(place)
            elif not spelled_out and heard and heard[-1] not in BREAKS:
                heard.append("，")
                places.append(place)
        return "".join(heard).translate(self._simplified), places

    def _hits(self, heard: str) -> dict[str, list[Hit]]:
        """Where each class stands, without words in a harmless one ("打不着火") or denied ("没有着火")."""
        spans = self._spans(heard)
        harmless: dict[int, list[Hit]] = {}
        for hit in (hit for hit, classes in spans.items() if "harmless" in classes):
            for place in range(hit.start, hit.end):
                harmless.setdefault(place, []).append(hit)
        standing = {hit: classes for hit, classes in spans.items() if not _shadowed(hit, harmless)}
        denials = {hit.end for hit, classes in standing.items() if "negation" in classes}
        found: dict[str, list[Hit]] = {}
        for hit, classes in standing.items():
            for name in () if self._denied(hit, denials, heard) else classes:
                found.setdefault(name, []).append(hit)
        return found

    def _spans(self, heard: str) -> dict[Hit, tuple[str, ...]]:
        """Every word of the lexicon in the text, with its classes; words are looked up by how they begin."""
        return {
            Hit(start, start + len(spelling)): classes
            for start in range(len(heard))
            for beginning in {heard[start], heard[start : start + 2]}
            for spelling, classes in self._by_beginning.get(beginning, ())
            if heard.startswith(spelling, start)
        }

    def _denied(self, hit: Hit, denials: set[int], heard: str) -> bool:
        """Some word of denial ends right before it, or `negation_reach` characters before it."""
        reach = self._lexicon.reading.negation_reach
        return any(
            end in denials and BREAKS.isdisjoint(heard[end : hit.start])
            for end in range(hit.start - reach, hit.start + 1)
        )

    def _quietened(self, rule: Rule, found: Sequence[Hit], hits: dict[str, list[Hit]], heard: str) -> bool:
        clause, beside = _clause(heard, found), _clause(heard, found[:1])
        is_now = "urgent" in hits or any(_inside(one, [beside]) for one in hits.get("now", ()))
        for name in rule.quieters:
            quieter = self._lexicon.quieters[name]
            if is_now and not quieter.firm:
                continue
            if any(quieter.reach == "text" or _inside(one, [clause]) for one in hits.get(name, ())):
                return True
        return False


def _lower(character: str) -> str:
    """Full-width letters and digits too; still one character."""
    if "！" <= character <= "～" and character not in BREAKS:
        character = chr(ord(character) - 0xFEE0)
    return character.lower()[0]


def _inside(hit: Hit, others: Sequence[Hit]) -> bool:
    return any(other.start <= hit.start and hit.end <= other.end for other in others)


def _shadowed(hit: Hit, harmless: Mapping[int, list[Hit]]) -> bool:
    """Part of a harmless word or across its edge; a longer word that holds one stands."""
    return any(
        not (hit.start <= one.start and one.end <= hit.end)
        for place in (hit.start, hit.end - 1)
        for one in harmless.get(place, ())
    )


def _clause(heard: str, found: Sequence[Hit]) -> Hit:
    """From the break before the first deciding word to the one after the last."""
    start, end = min(found).start, max(hit.end for hit in found)
    while start > 0 and heard[start - 1] not in BREAKS:
        start -= 1
    while end < len(heard) and heard[end] not in BREAKS:
        end += 1
    return Hit(start, end)


def _matches(pattern: Pattern, hits: Mapping[str, list[Hit]]) -> Iterator[tuple[Hit, ...]]:
    """Every way to find all the terms of a pattern close together, none over another."""
    choices = []
    for term in pattern.terms:
        choice = [hit for name in term if name in hits for hit in hits[name]]
        if not choice:
            return
        choices.append(sorted(choice))
    if not any(name in hits for name in pattern.without):
        yield from _together(pattern, choices, ())


def _together(
    pattern: Pattern, choices: list[list[Hit]], chosen: tuple[Hit, ...]
) -> Iterator[tuple[Hit, ...]]:
    if len(chosen) == len(choices):
        yield chosen
        return
    candidates = choices[len(chosen)]
    last = max((one.end for one in chosen), default=0)
    first = bisect_left(candidates, Hit(last - pattern.within, 0)) if chosen else 0
    for hit in candidates[first:]:
        every = (*chosen, hit)
        if chosen and hit.start > min(every).start + pattern.within:
            return
        if _apart(hit, chosen, pattern.in_order) and max(last, hit.end) - min(every).start <= pattern.within:
            yield from _together(pattern, choices, every)


def _apart(hit: Hit, chosen: Sequence[Hit], in_order: bool) -> bool:
    return all(hit.start >= one.end or (hit.end <= one.start and not in_order) for one in chosen)


@cache
def shipped_lexicon() -> Lexicon:
    return parse(FILE.read_text(encoding="utf-8"), FILE.name)


@cache
def shipped_points() -> PointTable:
    return read_points(DATA / "emergency_points.tsv")


@cache
def shipped_listener() -> Listener:
    """Read when somebody first listens: a third of a second and 33 MB that most processes never need."""
    return Listener(shipped_lexicon(), shipped_points())
