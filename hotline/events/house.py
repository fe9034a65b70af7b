"""Facts of the house: organisations and what they offer."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class OrganisationsMade(Fact):
    """Areas and organisations were generated; the same preset and seed make the same ones."""

    preset: str
    seed: int
    departments: int
    firms: int
    areas: int


@dataclass(frozen=True)
class PlacesLoaded(Fact):
    """The gazetteer was filled anew; `source` is the file's name, or 'generated'."""

    source: str
    names: int


@dataclass(frozen=True)
class OrganisationSuspended(Fact):
    """A firm was barred from offers (E08), or admitted again; `reason` is what the person wrote."""

    organisation_id: int
    suspended: bool
    reason: str


@dataclass(frozen=True)
class OfferedItemsPublished(Fact):
    """A site (a town's or county's service centre) said anew which items it offers (B03)."""

    area_id: int
    hotline: str
    items: int
