"""All that is rendered to sound files: the prompts, and every name of the shipped catalogues."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hotline.catalogue.files import UNSORTED
from ivr import prompts

CATALOGUES = Path(__file__).parents[1] / "hotline/catalogue/data"


class SpokenText(NamedTuple):
    """`file` stands below ivr/sounds/<language>, without extension."""

    file: str
    language: str
    text: str


def all_texts() -> Iterator[SpokenText]:
    """Prompts first, in their order; each file once (two items may share a name)."""
    for language in prompts.LANGUAGES:
        for key in prompts.all_keys():
            yield SpokenText(key, language, prompts.spoken(key, language))
        for name in catalogue_names(language):
            yield SpokenText(prompts.name_sound(name), language, prompts.voiced(name, language))


def catalogue_names(language: str) -> list[str]:
    """Categories and items of both hotlines; no keys lead to where unsorted matters wait."""
    field = "name" if language == "zh" else "name_en"
    files = sorted(CATALOGUES.glob("catalogue_*.toml"))
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in files]
    items = [item for table in tables for item in table["item"] if item["handler"] != UNSORTED]
    reached = {item["category"] for item in items}
    categories = [entry for table in tables for entry in table["category"] if entry["code"] in reached]
    names = [entry[field] for entry in (*categories, *items)]
    return list(dict.fromkeys(names))
