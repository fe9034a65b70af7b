"""Facts of staff: signing in, presence, what they looked at."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class StaffSignedIn(Fact):
    staff_id: int


@dataclass(frozen=True)
class StaffSignedOut(Fact):
    staff_id: int


@dataclass(frozen=True)
class SignInRefused(Fact):
    """A sign-in that failed; `username` is a staff name, never a citizen's."""

    username: str


@dataclass(frozen=True)
class AgentStateChanged(Fact):
    """available, paused, wrap_up, ringing, talking or signed_out; `reason` belongs to paused."""

    staff_id: int
    old: str
    new: str
    reason: str


@dataclass(frozen=True)
class TelephonyLinkChanged(Fact):
    """Control of the telephone system was lost, or is there again and calls agree with it once more."""

    system: str
    up: bool


@dataclass(frozen=True)
class ContactRevealed(Fact):
    """Someone looked at an unmasked number, with the purpose they gave (S02). No `staff_id`: whoever holds a
    work order's link or key, and the actor is the organisation."""

    caller_id: int
    staff_id: int | None
    purpose: str
    call_id: int | None = None
    ticket_id: int | None = None


@dataclass(frozen=True)
class ContactConsentGiven(Fact):
    """The citizen allowed their contact to be passed to a firm (PIPL 23)."""

    ticket_id: int
    caller_id: int
