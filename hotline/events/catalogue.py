"""Facts of the catalogue: which version is live since when, and what was done to drafts."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class CatalogueLoaded(Fact):
    catalogue_version_id: int
    hotline: str
    version: str
    items: int


@dataclass(frozen=True)
class CataloguePublished(Fact):
    """A version went live; `way` is loaded, published or rolled_back, `note` says why."""

    catalogue_version_id: int
    hotline: str
    version: str
    way: str
    note: str
    previous_id: int | None


@dataclass(frozen=True)
class CatalogueScheduled(Fact):
    catalogue_version_id: int
    hotline: str
    goes_live_at: str
    note: str


@dataclass(frozen=True)
class CatalogueTakenBack(Fact):
    """A scheduled version is a draft again; `reason` is taken_back or overtaken (another one went live)."""

    catalogue_version_id: int
    hotline: str
    reason: str


@dataclass(frozen=True)
class CatalogueDraftOpened(Fact):
    """`way` is opened, imported, or renewed on top of a version that went live meanwhile."""

    catalogue_version_id: int
    hotline: str
    way: str
    based_on_id: int | None


@dataclass(frozen=True)
class CatalogueItemEdited(Fact):
    """In a draft; `fields` are the names of what changed."""

    catalogue_version_id: int
    hotline: str
    code: str
    fields: list[str]


@dataclass(frozen=True)
class CatalogueDraftDiscarded(Fact):
    catalogue_version_id: int
    hotline: str
