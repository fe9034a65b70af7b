"""What is different between two catalogues, and how changes of one are carried over to another; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hotline.catalogue.files import CatalogueFile, CategoryEntry, ItemEntry, counts

DERIVED = {"categories", "items", "version", "tier_days"}  # follow from the rest, or change every time


@dataclass(frozen=True)
class FieldChange:
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """One entry that differs; `old` and `new` are empty where it is new or gone."""

    noun: Literal["meta", "category", "item"]
    code: str
    name: str
    way: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


Entry = CategoryEntry | ItemEntry


def diff(old: CatalogueFile, new: CatalogueFile) -> list[Change]:
    """Header, categories, items; entries in the order of their codes."""
    header = fields(old.meta.model_dump(), new.meta.model_dump())
    changes = [Change("meta", "", new.meta.title, "changed", header)] if header else []
    changes += _entries("category", old.category, new.category)
    return changes + _entries("item", old.item, new.item)


def fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    names = [name for name in {**old, **new} if name not in DERIVED]
    pairs = ((name, old.get(name), new.get(name)) for name in names)
    return tuple(FieldChange(name, was, is_) for name, was, is_ in pairs if was != is_)


def merge(base: CatalogueFile, mine: CatalogueFile, theirs: CatalogueFile) -> dict[str, Any]:
    """`theirs` with what `mine` changed of `base`, as a file would say it."""
    categories = _overlay(base.category, mine.category, theirs.category)
    items = _overlay(base.item, mine.item, theirs.item)
    meta = theirs.meta.model_dump()
    meta |= {change.name: change.new for change in fields(base.meta.model_dump(), mine.meta.model_dump())}
    for item in items:
        item["tier_days"] = meta[f"tier_{item['tier']}_days"]
    counted = dict(zip(("categories", "items"), counts(categories, items), strict=True))
    meta |= {"version": mine.meta.version, **counted}
    return {"meta": meta, "category": categories, "item": items}


def disputed(base: CatalogueFile, mine: CatalogueFile, theirs: CatalogueFile) -> list[str]:
    """Codes of items of which both changed one field, each to something else."""
    here, there = _new_values(base, mine), _new_values(base, theirs)
    both = here.keys() & there.keys()
    return sorted({code for code, name in both if here[code, name] != there[code, name]})


def _new_values(base: CatalogueFile, now: CatalogueFile) -> dict[tuple[str, str], Any]:
    items = (change for change in diff(base, now) if change.noun == "item")
    return {(change.code, field.name): field.new for change in items for field in change.fields}


def _entries(noun: Literal["category", "item"], old: Sequence[Entry], new: Sequence[Entry]) -> list[Change]:
    was, is_ = {entry.code: entry for entry in old}, {entry.code: entry for entry in new}
    changes = []
    for code in sorted(was.keys() | is_.keys()):
        before, after = was.get(code), is_.get(code)
        found = fields(before.model_dump() if before else {}, after.model_dump() if after else {})
        if found:
            way: Literal["added", "removed", "changed"] = (
                "added" if before is None else "removed" if after is None else "changed"
            )
            changes.append(Change(noun, code, (after or before or new[0]).name, way, found))
    return changes


def _overlay(base: Sequence[Entry], mine: Sequence[Entry], theirs: Sequence[Entry]) -> list[dict[str, Any]]:
    """Field by field, so that two people may have changed one entry each in its way."""
    was = {entry.code: entry.model_dump() for entry in base}
    merged = {entry.code: entry.model_dump() for entry in theirs}
    for entry in mine:
        mended = fields(was.get(entry.code, {}), entry.model_dump())
        if mended:
            rest = merged.get(entry.code, entry.model_dump())
            merged[entry.code] = rest | {change.name: change.new for change in mended}
    return [merged[code] for code in sorted(merged)]
