"""Facts of the trail itself: what a verification found."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class TrailVerified(Fact):
    """Every fact under these seals is as it was sealed; `head` is the last seal's hash."""

    first_seal: int
    last_seal: int
    facts: int
    head: str


@dataclass(frozen=True)
class TrailBroken(Fact):
    """Facts were changed, removed or added after sealing; `fault`, `seal`, `near_event` are of the first."""

    first_seal: int
    last_seal: int
    faults: int
    fault: str
    seal: int
    near_event: int
