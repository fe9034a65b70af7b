"""Reading a catalogue file: everything wrong with it is said at once, each fault by code and field.

The file declares its own counts (B01); a file whose content differs from them is refused.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from hotline.errors import HotlineError

PRINTABLE = r"^[^\x00-\x1f]+$"
Text10 = Annotated[str, StringConstraints(max_length=10, pattern=PRINTABLE)]
Text60 = Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)]
Text200 = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
Code = Annotated[str, StringConstraints(max_length=10, pattern=r"^[A-Z]*[0-9]+$")]
Days = Annotated[int, Field(ge=1, le=999)]
Kind = Literal["consult", "help", "suggestion", "complaint", "service"]
Handler = Literal["department", "firm", "emergency", "legal", "mediation"]
Tier = Literal["simple", "general", "complex", "difficult"]

WORDS = {
    "missing": "is missing",
    "extra_forbidden": "no such field",
    "model_type": "is not a table",
    "string_pattern_mismatch": "is empty or has characters that do not belong there",
}


class CatalogueRefused(HotlineError):
    """A catalogue file is wrong; `problems` has one line for each fault."""

    code = "catalogue_refused"

    def __init__(self, source: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = problems


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(Part):
    hotline: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,10}$")]
    title: Annotated[str, StringConstraints(max_length=80, pattern=PRINTABLE)]
    version: Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)]
    categories: Days
    items: Annotated[int, Field(ge=1, le=9999)]
    tier_simple_days: Days
    tier_general_days: Days
    tier_complex_days: Days
    tier_difficult_days: Days


class CategoryEntry(Part):
    code: Code
    name: Text60
    name_en: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)]


class ItemEntry(Part):
    code: Code
    category: str
    name: Annotated[str, StringConstraints(max_length=80, pattern=PRINTABLE)]
    name_en: Annotated[str, StringConstraints(max_length=150, pattern=PRINTABLE)]
    kind: Kind
    handler: Handler
    department: Text60
    tier: Tier
    tier_days: Days
    keywords: Annotated[list[Text200], Field(min_length=1)]
    examples: Annotated[list[Text200], Field(min_length=1)]
    confidential_default: bool
    transfer: Text10 | None = None
    statutory_limit: Text200 | None = None


class CatalogueFile(Part):
    meta: Header
    category: list[CategoryEntry]
    item: list[ItemEntry]


def parse(text: str, source: str = "catalogue") -> CatalogueFile:
    """The checked content of a catalogue file. Raises CatalogueRefused naming every fault."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueRefused(source, [f"not TOML: {error}"]) from error
    problems: list[str] = []
    try:
        catalogue = CatalogueFile.model_validate(raw)
    except ValidationError as error:
        problems = [f"{_where(raw, e['loc'])}: {_say(e)}" for e in error.errors(include_url=False)]
    problems += _contradictions(raw)
    if problems:
        raise CatalogueRefused(source, problems)
    return catalogue


def _where(raw: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    """('item', 3, 'kind') -> 'item 0104: kind'; an entry without a code is named by its place."""
    match loc:
        case (("item" | "category") as noun, int(index), *rest):
            entry = raw[noun][index]
            code = entry.get("code") if isinstance(entry, dict) else None
            return ": ".join([f"{noun} {code or f'number {index + 1}'}", *(str(part) for part in rest)])
        case _:
            return ": ".join(str(part) for part in loc)


def _say(error: ErrorDetails) -> str:
    text = WORDS.get(error["type"], error["msg"])
    about_absence = error["type"] in ("missing", "extra_forbidden")
    return text if about_absence else f"{text} (found {error['input']!r:.60})"


def _entries(raw: dict[str, Any], noun: str) -> list[dict[str, Any]]:
    found = raw.get(noun)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _contradictions(raw: dict[str, Any]) -> Iterator[str]:
    """What each entry alone cannot show: counts, codes used twice, categories and tiers that do not agree."""
    header = raw.get("meta")
    header = header if isinstance(header, dict) else {}
    categories, items = _entries(raw, "category"), _entries(raw, "item")
    for noun, field, entries in (("category", "categories", categories), ("item", "items", items)):
        declared = header.get(field)
        if isinstance(declared, int) and declared != len(entries):
            yield f"meta: {field}: the header declares {declared}, the file has {len(entries)}"
        for code, times in Counter(str(entry.get("code")) for entry in entries if entry.get("code")).items():
            if times > 1:
                yield f"{noun} {code}: code: used {times} times"
    known = {entry.get("code") for entry in categories}
    for entry in items:
        yield from _item_contradictions(entry, header, known)


def _item_contradictions(entry: dict[str, Any], header: dict[str, Any], known: set[Any]) -> Iterator[str]:
    code, category = entry.get("code"), entry.get("category")
    if isinstance(category, str) and category not in known:
        yield f"item {code}: category: there is no category {category}"
    elif isinstance(category, str) and isinstance(code, str) and not code.startswith(category):
        yield f"item {code}: code: does not begin with its category {category}, so the keys would mislead"
    days = header.get(f"tier_{entry.get('tier')}_days")
    if isinstance(days, int) and isinstance(entry.get("tier_days"), int) and entry["tier_days"] != days:
        yield f"item {code}: tier_days: {entry['tier_days']}, but the header gives this tier {days}"
