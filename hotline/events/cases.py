"""Facts of matters that move between the hotlines."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class CallTransferred(Fact):
    """The caller waits in the other hotline's queue, for the same case; the first answer keeps counting."""

    call_id: int
    staff_id: int
    queue: str
    case_number: str


@dataclass(frozen=True)
class CallTransferFailed(Fact):
    """The telephone system did not do it: the caller still talks to this agent."""

    call_id: int
    staff_id: int


@dataclass(frozen=True)
class TicketReferred(Fact):
    """The ticket is the other hotline's now, under an item of its catalogue; it stays open (D10)."""

    ticket_id: int
    from_hotline: str
    to_hotline: str
    item_code: str
    category_code: str


@dataclass(frozen=True)
class CaseStuck(Fact):
    """Moved too often: it stays where it is, and a supervisor decides (D07)."""

    case_number: str
    call_id: int | None
    ticket_id: int | None


@dataclass(frozen=True)
class CaseDecided(Fact):
    """A supervisor said which hotline keeps a stuck case; nobody moves it again."""

    case_number: str
    call_id: int | None
    ticket_id: int | None
    keeps: str
    reason: str
