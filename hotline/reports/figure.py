"""What a figure is: a population, who is left out of it, and who is counted."""

from dataclasses import dataclass
from typing import Literal

TICKET = """
    ticket t JOIN catalogue_item i ON i.id = t.item_id JOIN catalogue_category k ON k.id = i.category_id
"""


@dataclass(frozen=True)
class Population:
    """`sql` selects id, at, hotline, category, organisation_id and what conditions name, for :start to :stop.

    An id is a call's or a ticket's (`rows`); the same ticket comes twice when it has two surveys or limits.
    `moment` says what `at` is.
    """

    sql: str
    rows: Literal["call", "ticket"]
    moment: str
    moment_en: str


@dataclass(frozen=True)
class Figure:
    """`rate` False: the value is the numerator itself."""

    name: str
    title: str
    title_en: str
    definition: str
    definition_en: str
    population: Population
    counted: str
    excluded: str = "false"
    rate: bool = True

    @property
    def rows(self) -> Literal["call", "ticket"]:
        return self.population.rows

    @property
    def unit(self) -> str:
        return "percent" if self.rate else f"{self.rows}s"
