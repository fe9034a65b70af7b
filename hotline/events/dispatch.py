"""Facts of work orders."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class AutomaticDispatchDecided(Fact):
    """Out without a dispatcher, or to the desk (D02). `reason` is sent, unsure, no_firm or what refused it;
    `score` how sure `model` was (its number, or as shipped), `least` how sure the site wants it to be."""

    ticket_id: int
    reason: str
    score: float
    least: float
    model: str


@dataclass(frozen=True)
class WorkOrderSent(Fact):
    """A department was given the ticket. `principle` says why this one (D01)."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    principle: str


@dataclass(frozen=True)
class ReportAsked(Fact):
    """An organisation has to come by `report_by` (E06, E07); no `caller_id`: the centre called it."""

    ticket_id: int
    summons_id: int
    organisation_id: int
    caller_id: int | None
    report_by: str


@dataclass(frozen=True)
class Reported(Fact):
    """It has come."""

    ticket_id: int
    summons_id: int
    organisation_id: int
    in_time: bool


@dataclass(frozen=True)
class ReportMissed(Fact):
    """The time is over and it has not come."""

    ticket_id: int
    summons_id: int
    organisation_id: int


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
class SiteReached(Fact):
    """The organisation is on site."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class AppraisalBegun(Fact):
    """Others examine or appraise; what and who stands in the ticket's notes."""

    ticket_id: int
    work_order_id: int
    organisation_id: int


@dataclass(frozen=True)
class AppraisalEnded(Fact):
    """By the organisation or the desk: the clocks run again."""

    ticket_id: int


@dataclass(frozen=True)
class WorkOrderDeclined(Fact):
    """`reason` is declined, timed_out, suspended or withdrawn."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    reason: str


@dataclass(frozen=True)
class WorkOrderReturned(Fact):
    """The organisation sent it back; its words stand in the work order, `code` is the kind of reason (empty:
    a centre had only decided the territory). `suggested_id` should have it in its eyes."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    code: str = ""
    suggested_id: int | None = None


@dataclass(frozen=True)
class PartMoved(Fact):
    """An assisting part (F01) is proposed, refused, sent, accepted, answered, waived or withdrawn; `on_time`
    is known once it is answered."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    state: str
    joint_kind: str
    due_at: str
    on_time: bool | None


@dataclass(frozen=True)
class WorkHandedDown(Fact):
    """An office gave its work, or a part of it, to one right below it, still responsible (D04); `hops`: how
    often the ticket was sent out or handed down by now."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    from_organisation_id: int
    hops: int


@dataclass(frozen=True)
class WorkHandedBack(Fact):
    """The office below sent it up again; `code` is the kind of reason, its words stand in the work order."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    to_organisation_id: int
    code: str


@dataclass(frozen=True)
class DisputeOpened(Fact):
    """Returned again or passed on too often: the centre decides whose it is (D07)."""

    ticket_id: int
    because: str
    returns: int


@dataclass(frozen=True)
class DisputeDecided(Fact):
    """The verdict: an organisation has it, or it goes a way of the law. `code` is the kind of grounds;
    `return_upheld` false: whoever returned it last has to take it."""

    ticket_id: int
    organisation_id: int | None
    legal_route: str | None
    code: str
    return_upheld: bool


@dataclass(frozen=True)
class TicketRaised(Fact):
    """To a higher level (Z13), for the reason `code`; `jump` is why a level between was left out (G06)."""

    ticket_id: int
    from_organisation_id: int
    organisation_id: int
    from_level: str
    to_level: str
    code: str
    jump: str


@dataclass(frozen=True)
class SponsorNamed(Fact):
    """A leader took it on (F04); the name is in the ticket."""

    ticket_id: int


@dataclass(frozen=True)
class LongTermListed(Fact):
    """It cannot be solved now, because of `code`; it is looked at again on `review_on`."""

    ticket_id: int
    code: str
    review_on: str


@dataclass(frozen=True)
class LongTermReviewDue(Fact):
    """The day has come to look at it again; once for each date."""

    ticket_id: int
    review_on: str


@dataclass(frozen=True)
class ExtensionAsked(Fact):
    """More days were asked for before the ticket was due at `due_at`; `code` is why."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    days: int
    code: str
    due_at: str


@dataclass(frozen=True)
class ExtensionDecided(Fact):
    """By another than who asked. Refused: `new_due_at` is empty."""

    ticket_id: int
    work_order_id: int
    organisation_id: int
    granted: bool
    days: int
    old_due_at: str
    new_due_at: str | None


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


@dataclass(frozen=True)
class OfferPostponed(Fact):
    """No firm that could be asked is open: the next one is asked at `until`, when the first one opens."""

    ticket_id: int
    role_name: str
    until: str
