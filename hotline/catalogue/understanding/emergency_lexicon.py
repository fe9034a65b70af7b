"""The emergency lexicon as its file has it: words in classes, rules over classes, and what quietens a rule.

A city may add a file of its own. Everything wrong with a file is said at once, each fault by rule or class.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from hotline.catalogue.files import WORDS, CatalogueRefused

NAME = r"[a-z][a-z_0-9]*"
CHOICE = re.compile(r"\{([^{}]*)\}")
PATTERN = re.compile(rf"^(?P<terms>.+?)(?:@(?P<within>[0-9]+))?(?P<without>(?:\s+!{NAME})*)$")
MOST_SPELLINGS = 2000  # of one entry: more is a slip of the pen

Name = Annotated[str, StringConstraints(pattern=rf"^{NAME}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reading(Part):
    """Distances are in characters."""

    longest: Annotated[int, Field(ge=1)]
    within: Annotated[int, Field(ge=1)]
    negation_reach: Annotated[int, Field(ge=0)]
    hunch_above: float
    hunch_above_if_now: float
    doubt_below: float
    traditional: str
    simplified: str


class Quieter(Part):
    """Heard anywhere in the text, or only in the clause of the words that decided. `firm`: even if urgent."""

    reach: Literal["text", "clause"]
    firm: bool = False


class RuleEntry(Part):
    code: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    name_en: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,12}$")]
    item_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    when: list[str] = []
    quiet: list[str] | None = None
    hunch: bool = False
    sure: bool = False


class LexiconFile(Part):
    reading: Reading
    words: dict[Name, str]
    quieter: dict[Name, Quieter]
    rule: Annotated[list[RuleEntry], Field(min_length=1)]


class OwnFile(Part):
    """A city's additions. `off`: codes of shipped rules it does without; it may write them anew."""

    off: list[Name] = []
    words: dict[Name, str] = {}
    quieter: dict[Name, Quieter] = {}
    rule: list[RuleEntry] = []


Shape = TypeVar("Shape", LexiconFile, OwnFile)


@dataclass(frozen=True)
class Pattern:
    """Every term is a choice of classes; all stand `within` so many characters, `without` these classes."""

    terms: tuple[tuple[str, ...], ...]
    in_order: bool
    within: int
    without: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    code: str
    name: str
    name_en: str
    number: str
    item_code: str
    patterns: tuple[Pattern, ...]
    quieters: tuple[str, ...]
    hunch: bool  # heard by the points of emergency_hunch, where no words are
    sure: bool  # heard whatever those points say


@dataclass(frozen=True)
class Lexicon:
    """`spellings`: every way to write a word, with the classes it belongs to."""

    reading: Reading
    spellings: Mapping[str, tuple[str, ...]]
    quieters: Mapping[str, Quieter]
    rules: tuple[Rule, ...]


def parse(text: str, source: str = "emergencies") -> Lexicon:
    """The checked lexicon of a file. Raises CatalogueRefused naming every fault."""
    return _checked(_shaped(LexiconFile, text, source), source)


def extended(shipped: str, own: str, source: str) -> Lexicon:
    """The shipped lexicon and a city's own: its words join the classes, its rules come before the others.

    Raises CatalogueRefused naming every fault of `own`.
    """
    file, addition = _shaped(LexiconFile, shipped, "emergencies"), _shaped(OwnFile, own, source)
    codes = {rule.code for rule in file.rule}
    unknown = [
        f"off: {code}: there is no such rule to switch off" for code in addition.off if code not in codes
    ]
    words = {
        name: f"{file.words.get(name, '')} {addition.words.get(name, '')}"
        for name in file.words | addition.words
    }
    kept = [rule for rule in file.rule if rule.code not in addition.off]
    both = LexiconFile(
        reading=file.reading,
        words=words,
        quieter=file.quieter | addition.quieter,
        rule=[*addition.rule, *kept],
    )
    return _checked(both, source, unknown)


def _shaped(shape: type[Shape], text: str, source: str) -> Shape:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueRefused(source, [f"not TOML: {error}"]) from error
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        problems = [
            f"{_where(raw, e['loc'])}: {WORDS.get(e['type'], e['msg'])}"
            for e in error.errors(include_url=False)
        ]
        raise CatalogueRefused(source, problems) from error


def _checked(file: LexiconFile, source: str, problems: Sequence[str] = ()) -> Lexicon:
    problems = [*problems, *_contradictions(file)]
    if problems:
        raise CatalogueRefused(source, problems)
    return Lexicon(file.reading, _spellings(file.words), file.quieter, tuple(_rules(file)))


def _where(raw: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    match loc:
        case ("rule", int(index), *rest):
            entry = raw["rule"][index]
            code = entry.get("code") if isinstance(entry, dict) else None
            return ": ".join([f"rule {code or f'number {index + 1}'}", *(str(part) for part in rest)])
        case _:
            return ": ".join(str(part) for part in loc)


def _contradictions(file: LexiconFile) -> Iterator[str]:
    """What no entry shows alone: names nobody declared, codes used twice, braces that do not close."""
    if len(file.reading.traditional) != len(file.reading.simplified):
        yield "reading: traditional and simplified must pair off, character by character"
    for name, entries in file.words.items():
        yield from (f"words {name}: {fault}" for fault in _faults_of_entries(entries, file.words))
    for name in ("negation", "harmless", "now", "urgent", *file.quieter):
        if name not in file.words:
            yield f"words {name}: is missing"
    for code, times in Counter(rule.code for rule in file.rule).items():
        if times > 1:
            yield f"rule {code}: code: used {times} times"
    for rule in file.rule:
        yield from (f"rule {rule.code}: {fault}" for fault in _faults_of_rule(rule, file))


def _faults_of_entries(entries: str, words: Mapping[str, str]) -> Iterator[str]:
    for entry in entries.split():
        if entry.startswith("@"):
            if entry[1:] not in words:
                yield f"{entry}: there is no class {entry[1:]}"
        elif re.search(r"[{}|]", CHOICE.sub("", entry)):
            yield f"{entry}: braces and bars do not match"
        elif len(spellings := _spelled(entry)) > MOST_SPELLINGS:
            yield f"{entry}: stands for {len(spellings)} spellings"
        elif "" in spellings:
            yield f"{entry}: may stand for nothing at all"


def _faults_of_rule(rule: RuleEntry, file: LexiconFile) -> Iterator[str]:
    if bool(rule.when) == rule.hunch:
        yield "has either words (when) or a hunch, not both and not neither"
    for quieter in rule.quiet or ():
        if quieter not in file.quieter:
            yield f"quiet: there is no quieter {quieter}"
    for when in rule.when:
        pattern = _pattern(when, file.reading.within)
        if pattern is None or (" + " in when and " > " in when):
            yield f"when {when!r}: write 'a + b' or 'a > b' (in this order), then @characters, then !class"
        else:
            for name in {name for term in pattern.terms for name in term} | set(pattern.without):
                if name not in file.words:
                    yield f"when {when!r}: there is no class {name}"


def _pattern(when: str, within: int) -> Pattern | None:
    found = PATTERN.match(when)
    if found is None:
        return None
    terms = tuple(
        tuple(re.split(r"\s*\|\s*", term.strip())) for term in re.split(r"\s[+>]\s", found["terms"])
    )
    without = tuple(name.removeprefix("!") for name in found["without"].split())
    return Pattern(terms, " > " in when, int(found["within"] or within), without)


def _rules(file: LexiconFile) -> Iterator[Rule]:
    for entry in file.rule:
        patterns = (_pattern(when, file.reading.within) for when in entry.when)
        yield Rule(
            code=entry.code,
            name=entry.name,
            name_en=entry.name_en,
            number=entry.number,
            item_code=entry.item_code,
            patterns=tuple(pattern for pattern in patterns if pattern),
            quieters=tuple(file.quieter if entry.quiet is None else entry.quiet),
            hunch=entry.hunch,
            sure=entry.sure,
        )


def _spellings(words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    classes: dict[str, set[str]] = {}
    for name in words:
        for spelling in _all_spellings(name, words):
            classes.setdefault(spelling, set()).add(name)
    return {spelling: tuple(sorted(names)) for spelling, names in classes.items()}


def _all_spellings(name: str, words: Mapping[str, str], above: tuple[str, ...] = ()) -> Iterator[str]:
    """`@other` brings the words of another class; a class that brings itself is read once."""
    for entry in words[name].split():
        if not entry.startswith("@"):
            yield from _spelled(entry)
        elif entry[1:] not in above:
            yield from _all_spellings(entry[1:], words, (*above, name))


def _spelled(entry: str) -> list[str]:
    """'冒{了|}烟' -> 冒了烟, 冒烟."""
    parts = CHOICE.split(entry)  # plain text and choices by turns
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(chosen).lower() for chosen in product(*choices)]
