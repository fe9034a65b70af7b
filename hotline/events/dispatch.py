"""Facts of work orders."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class WorkOrderSent(Fact):
    """A department was given the ticket. `principle` says why this one (D01)."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    principle: str


@dataclass(frozen=True)
class WorkOrderOffered(Fact):
    """A firm was offered the job until `expires_at`."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    expires_at: str


@dataclass(frozen=True)
class WorkOrderAccepted(Fact):
    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class WorkBegun(Fact):
    """The organisation has spoken to the citizen, or tried to, and starts (what was said is in the order)."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class WorkOrderDeclined(Fact):
    """`reason` is declined, timed_out, suspended or withdrawn."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    reason: str


@dataclass(frozen=True)
class WorkOrderReturned(Fact):
    """The department sent it back; its reason stands in the work order."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class WorkOrderAnswered(Fact):
    """Public reply and internal note were written (kept in the work order, not here)."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class WorkOrderAnswerRejected(Fact):
    """The hotline sent the answer back to the same organisation; why stands in the work order."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class NoFirmFound(Fact):
    """Every eligible firm declined, or none serves the area: a dispatcher must decide."""

    ticket_id: int
