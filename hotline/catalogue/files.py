"""What a catalogue may say: everything wrong with one is said at once, each fault by code and field.

A file declares its own counts (B01), of items in force; one whose content differs from them is refused.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from hotline.errors import HotlineError

DATA = Path(__file__).parent / "data"
PRINTABLE = r"^[^\x00-\x1f\x7f]+$"


def _text(longest: int) -> StringConstraints:
    return StringConstraints(max_length=longest, pattern=PRINTABLE, strip_whitespace=True)


Text10 = Annotated[str, _text(10)]
Text60 = Annotated[str, _text(60)]
Text40 = Annotated[str, _text(40)]
Text200 = Annotated[str, _text(200)]
Text300 = Annotated[str, _text(300)]
Code = Annotated[str, StringConstraints(max_length=10, pattern=r"^[A-Z]*[0-9]+$")]
Days = Annotated[int, Field(ge=1, le=999)]
Kind = Literal["consult", "help", "suggestion", "complaint", "service"]
Handler = Literal["department", "firm", "emergency", "legal", "mediation", "unsorted"]
UNSORTED = "unsorted"  # handler of the item for matters that fit no other: a person says what they are (B02)
Tier = Literal["simple", "general", "complex", "difficult"]
Level = Literal["city", "county", "town"]

WORDS = {
    "missing": "is missing",
    "extra_forbidden": "no such field",
    "model_type": "is not a table",
    "string_pattern_mismatch": "is empty or has characters that do not belong there",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `noun` is 'meta', 'category', 'item' or empty (the file itself); `index` is
    the entry's place from 0; `kind` is stable, `values` are what a page needs to say it in its language."""

    noun: str
    index: int | None
    code: str
    path: tuple[str, ...]
    kind: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def field(self) -> str:
        return self.path[0] if self.path else ""

    def __str__(self) -> str:
        """'item 0104: kind: is missing'; an entry without a code is named by its place."""
        entry = self.code or (f"number {self.index + 1}" if self.index is not None else "")
        return ": ".join(part for part in (f"{self.noun} {entry}".strip(), *self.path, self.text) if part)


class CatalogueRefused(HotlineError):
    """A catalogue, or a file beside it, is wrong; `problems` has one line for each fault.

    `faults` are those that know their entry and field.
    """

    code = "catalogue_refused"

    def __init__(self, source: str, faults: Sequence[Fault | str]) -> None:
        self.faults = [fault for fault in faults if isinstance(fault, Fault)]
        self.problems = [str(fault) for fault in faults]
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))


def whole(kind: str, text: str, **values: Any) -> Fault:
    """A fault of the file itself."""
    return Fault("", None, "", (), kind, text, values)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(Part):
    hotline: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,10}$")]
    title: Annotated[str, _text(80)]
    version: Annotated[str, _text(40)]
    categories: Days
    items: Annotated[int, Field(ge=1, le=9999)]
    tier_simple_days: Days
    tier_general_days: Days
    tier_complex_days: Days
    tier_difficult_days: Days


class CategoryEntry(Part):
    code: Code
    name: Text60
    name_en: Annotated[str, _text(100)]


class ItemEntry(Part):
    code: Code
    official_code: Text40 | None = None
    category: str
    name: Annotated[str, _text(80)]
    name_en: Annotated[str, _text(150)]
    kind: Kind
    handler: Handler
    department: Text60
    assisting: list[Text60] = []
    level: Level | None = None
    tier: Tier
    tier_days: Days
    emergency_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    keywords: Annotated[list[Text200], Field(min_length=1)]
    examples: Annotated[list[Text200], Field(min_length=1)]
    confidential_default: bool
    transfer: Text10 | None = None
    statutory_limit: Text200 | None = None
    closing_standard: Text300 | None = None
    evidence_characters: Annotated[int, Field(ge=1, le=2000)] | None = None  # of the answer (I04)
    evidence_photos: Annotated[int, Field(ge=1, le=20)] | None = None
    retired: bool = False


class CatalogueFile(Part):
    meta: Header
    category: list[CategoryEntry]
    item: list[ItemEntry]


def parse(text: str, source: str = "catalogue") -> CatalogueFile:
    """The checked content of a catalogue file. Raises CatalogueRefused naming every fault."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CatalogueRefused(source, [whole("not_toml", f"not TOML: {error}", error=error)]) from error
    return check(raw, source)


def write(content: CatalogueFile) -> str:
    """The file that says this; `parse` reads the same from it."""
    return tomli_w.dumps(content.model_dump(exclude_defaults=True), multiline_strings=False)


def line_of(fault: Fault, text: str) -> int | None:
    """The line of a TOML file at which the entry with this fault begins, from 1."""
    if fault.index is None:
        return None
    headings = (n for n, line in enumerate(text.splitlines(), 1) if line.strip() == f"[[{fault.noun}]]")
    return next(islice(headings, fault.index, None), None)


def check(raw: dict[str, Any], source: str = "catalogue") -> CatalogueFile:
    """The same for what was read from elsewhere. Raises CatalogueRefused naming every fault."""
    faults: list[Fault] = []
    try:
        catalogue = CatalogueFile.model_validate(raw)
    except ValidationError as error:
        faults = [_fault(raw, one) for one in error.errors(include_url=False)]
    faults += _contradictions(raw)
    if faults:
        raise CatalogueRefused(source, faults)
    return catalogue


def check_entry(raw: dict[str, Any], header: Header, categories: set[str]) -> ItemEntry:
    """One item as it would stand in a catalogue with this header. Raises CatalogueRefused."""
    faults: list[Fault] = []
    try:
        entry = ItemEntry.model_validate(raw)
    except ValidationError as error:
        together = {"item": [raw]}
        faults = [
            _fault(together, {**one, "loc": ("item", 0, *one["loc"])})
            for one in error.errors(include_url=False)
        ]
    faults += _faults_of_item(0, raw, header.model_dump(), categories)
    if faults:
        raise CatalogueRefused("item", faults)
    return entry


def _fault(raw: dict[str, Any], error: ErrorDetails) -> Fault:
    values = {**error.get("ctx", {}), "input": f"{error['input']!r:.60}"}
    place: tuple[str, int | None, str] = ("", None, "")
    rest: list[int | str] = []
    match error["loc"]:
        case (("item" | "category") as noun, int(index), *rest):
            entry = raw[noun][index]
            code = str(entry.get("code") or "") if isinstance(entry, dict) else ""
            place = (str(noun), int(index), code)
        case (noun, *rest):
            place = (str(noun), None, "")
    return Fault(*place, tuple(map(str, rest)), error["type"], _say(error), values)


def _say(error: ErrorDetails) -> str:
    text = WORDS.get(error["type"], error["msg"])
    about_absence = error["type"] in ("missing", "extra_forbidden")
    return text if about_absence else f"{text} (found {error['input']!r:.60})"


def _entries(raw: dict[str, Any], noun: str) -> list[dict[str, Any]]:
    found = raw.get(noun)
    return [entry if isinstance(entry, dict) else {} for entry in found] if isinstance(found, list) else []


def _contradictions(raw: dict[str, Any]) -> Iterator[Fault]:
    """What each entry alone cannot show: counts, codes used twice, categories and tiers that do not agree."""
    header = raw.get("meta")
    header = header if isinstance(header, dict) else {}
    categories, items = _entries(raw, "category"), _entries(raw, "item")
    for declared_as, count in zip(("categories", "items"), counts(categories, items), strict=True):
        yield from _wrong_count(header, declared_as, count)
    yield from _used_twice("category", categories)
    yield from _used_twice("item", items)
    known = {entry.get("code") for entry in categories}
    for index, entry in enumerate(items):
        yield from _faults_of_item(index, entry, header, known)


def counts(categories: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """(categories, items) as a header declares them (B01): neither what is retired, nor where matters wait
    that fit no item (B02)."""
    sorting = [item for item in items if item.get("handler") != UNSORTED]
    aside = {item.get("category") for item in items} - {item.get("category") for item in sorting}
    in_force = sum(item.get("retired") is not True for item in sorting)
    return sum(category.get("code") not in aside for category in categories), in_force


def _wrong_count(header: dict[str, Any], name: str, found: int) -> Iterator[Fault]:
    declared = header.get(name)
    if isinstance(declared, int) and declared != found:
        text = f"the header declares {declared}, the file has {found}"
        yield Fault("meta", None, "", (name,), "counts", text, {"declared": declared, "found": found})


def _used_twice(noun: str, entries: list[dict[str, Any]]) -> Iterator[Fault]:
    times = Counter(str(entry["code"]) for entry in entries if entry.get("code"))
    for index, entry in enumerate(entries):
        code = str(entry.get("code") or "")
        if times.pop(code, 0) > 1:  # told once, at its first place
            count = sum(str(other.get("code")) == code for other in entries)
            yield Fault(noun, index, code, ("code",), "used_twice", f"used {count} times", {"times": count})


def _faults_of_item(
    index: int, entry: dict[str, Any], header: dict[str, Any], known: set[Any]
) -> Iterator[Fault]:
    for path, kind, text, values in _item_contradictions(entry, header, known):
        yield Fault("item", index, str(entry.get("code") or ""), (path,), kind, text, values)


def _item_contradictions(
    entry: dict[str, Any], header: dict[str, Any], known: set[Any]
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(field, kind, text, values)"""
    code, category, department = entry.get("code"), entry.get("category"), entry.get("department")
    if isinstance(category, str) and category not in known:
        yield "category", "no_category", f"there is no category {category}", {"category": category}
    elif isinstance(category, str) and isinstance(code, str) and not code.startswith(category):
        text = f"does not begin with its category {category}, so the keys would mislead"
        yield "code", "misleading_code", text, {"category": category}
    days = header.get(f"tier_{entry.get('tier')}_days")
    if isinstance(days, int) and isinstance(entry.get("tier_days"), int) and entry["tier_days"] != days:
        text = f"{entry['tier_days']}, but the header gives this tier {days}"
        yield "tier_days", "tier_days", text, {"days": days}
    assisting = entry.get("assisting")
    if isinstance(assisting, list) and department in assisting:
        yield "assisting", "assists_itself", f"{department} leads already", {"department": department}
    if entry.get("handler") == "firm" and entry.get("level"):
        yield "level", "firm_level", "firms take turns in a county; only offices have a level", {}
