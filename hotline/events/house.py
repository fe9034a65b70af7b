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
class AreasLoaded(Fact):
    """A site's own areas came from this file; so many were new, changed, removed."""

    source: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class HistoryImported(Fact):
    """What an old system closed came in from this file; so many were new, here already, refused (R06)."""

    system: str
    source: str
    new: int
    known: int
    refused: int


@dataclass(frozen=True)
class OrganisationsLoaded(Fact):
    """A site's own organisations came from this file; so many were new, changed."""

    source: str
    added: int
    changed: int


@dataclass(frozen=True)
class PresenceMade(Fact):
    """An organisation is at the centre from this day on (E06); `presence` is permanent, rotating, on_call or
    engaged. One whose turn it is (E05) comes for the month because of so many petitions in the one before."""

    presence_id: int
    organisation_id: int
    presence: str
    first_day: str
    last_day: str
    petitions: int | None


@dataclass(frozen=True)
class PresenceEnded(Fact):
    """The organisation is at the centre no longer after this day."""

    presence_id: int
    organisation_id: int
    last_day: str


@dataclass(frozen=True)
class PlacesLoaded(Fact):
    """The gazetteer was filled anew; `source` is the file's name, or 'generated'."""

    source: str
    names: int


@dataclass(frozen=True)
class OrganisationSuspended(Fact):
    """A firm was barred from offers (E08), or admitted again; `reason` is what the person wrote. Without
    `from_at` at once, without `until` for as long as nobody lifts it."""

    organisation_id: int
    suspended: bool
    reason: str
    from_at: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class FirmChanged(Fact):
    """The register's entry or price list of a firm: field -> [old, new], as words."""

    organisation_id: int
    changes: dict[str, list[str]]


@dataclass(frozen=True)
class FirmReviewed(Fact):
    """The yearly review; who failed it gets no offers. `note` is what the person wrote."""

    organisation_id: int
    passed: bool
    note: str
    next_due: str


@dataclass(frozen=True)
class OfferedItemsPublished(Fact):
    """A site (a town's or county's service centre) said anew which items it offers (B03)."""

    area_id: int
    hotline: str
    items: int


@dataclass(frozen=True)
class DelegationMade(Fact):
    """An office's matters go to another from the first day to the last; on what basis stands in the row."""

    delegation_id: int
    organisation_id: int
    delegate_id: int
    first_day: str
    last_day: str


@dataclass(frozen=True)
class DelegationCalledOff(Fact):
    """It ended on `last_day`, earlier than was said; before its first day: it never came about."""

    delegation_id: int
    organisation_id: int
    delegate_id: int
    last_day: str


@dataclass(frozen=True)
class DutyRosterSaved(Fact):
    """An organisation said anew who is on duty from `first_day` to `last_day`; names are in the roster."""

    organisation_id: int
    first_day: str
    last_day: str
    shifts: int
