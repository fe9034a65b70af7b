"""Facts of partners' systems."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class PartnerKeyMade(Fact):
    """An administrator gave an organisation's system a key to the API (only its hash is kept)."""

    organisation_id: int
    key_id: int


@dataclass(frozen=True)
class PartnerKeyRevoked(Fact):
    organisation_id: int
    key_id: int


@dataclass(frozen=True)
class WebHookSet(Fact):
    """Where an organisation's system hears of its work orders; `active` false: nowhere any more."""

    organisation_id: int
    active: bool


@dataclass(frozen=True)
class WebHookGivenUp(Fact):
    """A delivery was refused, or its last try failed; `reason` is refused or gave_up. A person resends it."""

    organisation_id: int
    delivery_id: int
    reason: str


@dataclass(frozen=True)
class WebHookResent(Fact):
    organisation_id: int
    delivery_id: int
