"""Facts of tickets and their clocks."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class TicketOpened(Fact):
    """A matter was registered. `call_id` is empty for the web."""

    ticket_id: int
    call_id: int | None
    number: str
    hotline: str
    ticket_kind: str
    item_code: str
    category_code: str
    tier: str
    channel: str
    area_id: int | None


@dataclass(frozen=True)
class TerritoryDecided(Fact):
    """Where the ticket belongs was decided after it was registered (D03); `organisation_id` is the centre
    whose review it was, empty means the hotline itself."""

    ticket_id: int
    area_id: int
    organisation_id: int | None


@dataclass(frozen=True)
class ItemSuggested(Fact):
    """What the agent was shown and what they chose; `text_hash` is sha256 of the text."""

    ticket_id: int
    text_hash: str
    shown: str
    chosen: str


@dataclass(frozen=True)
class ItemChanged(Fact):
    """A dispatcher gave the ticket another item (B02); its closing clock now ends at `due_at`."""

    ticket_id: int
    old: str
    new: str
    tier: str
    due_at: str
    reason: str


@dataclass(frozen=True)
class TicketStateChanged(Fact):
    """`organisation_id` answers for the ticket from this move on; empty means the hotline itself."""

    ticket_id: int
    old: str
    new: str
    reason: str
    organisation_id: int | None = None


@dataclass(frozen=True)
class AnswerReleased(Fact):
    """The citizen may read the answer and is told of it; `closure` counts answers released, from 1."""

    ticket_id: int
    closure: int
    on_time: bool


@dataclass(frozen=True)
class HoldPlaced(Fact):
    """Something stands against a move: an open part, a sign-off, a notice on its way."""

    ticket_id: int
    hold: str
    ref: str


@dataclass(frozen=True)
class HoldCleared(Fact):
    """`how`: answered, waived, signed, delivered …"""

    ticket_id: int
    hold: str
    ref: str
    how: str


@dataclass(frozen=True)
class SupplementAsked(Fact):
    """The citizen was asked for what is missing (C04); `code` is why, the question is in `supplement`."""

    ticket_id: int
    supplement_id: int
    organisation_id: int | None
    code: str
    lapses_at: str


@dataclass(frozen=True)
class SupplementEnded(Fact):
    """`how`: it came on the web or by telephone, lapsed, or the ticket went elsewhere first (dropped)."""

    ticket_id: int
    supplement_id: int
    how: str


@dataclass(frozen=True)
class QuoteTold(Fact):
    """A firm told its price (kept in `quote`) and the citizen is asked (E09)."""

    ticket_id: int
    quote_id: int
    organisation_id: int | None


@dataclass(frozen=True)
class QuoteAnswered(Fact):
    """`verdict`: agreed, another_firm or not_wanted; `how`: web, telephone or silence."""

    ticket_id: int
    quote_id: int
    organisation_id: int
    work_order_id: int
    verdict: str
    how: str


@dataclass(frozen=True)
class GrievanceRaised(Fact):
    """The citizen contests a paid job (E09); `about` price or quality; the firm answers by `due_at`."""

    ticket_id: int
    grievance_id: int
    organisation_id: int
    work_order_id: int
    about: str
    due_at: str


@dataclass(frozen=True)
class GrievanceAnswered(Fact):
    """The firm told its side (kept in `grievance`); the desk decides by `due_at`."""

    ticket_id: int
    grievance_id: int
    organisation_id: int
    due_at: str


@dataclass(frozen=True)
class GrievanceDecided(Fact):
    """`refund` in yuan, to be paid by `due_at`; "0.00": none."""

    ticket_id: int
    grievance_id: int
    organisation_id: int
    refund: str
    due_at: str | None


@dataclass(frozen=True)
class RefundPaid(Fact):
    """The citizen has the money back."""

    ticket_id: int
    grievance_id: int
    organisation_id: int


@dataclass(frozen=True)
class TicketClosed(Fact):
    """`closure` counts closures of this ticket from 1; `on_time` against the closing clock then in force."""

    ticket_id: int
    closure: int
    on_time: bool


@dataclass(frozen=True)
class TicketReopened(Fact):
    ticket_id: int
    closure: int
    reason: str


@dataclass(frozen=True)
class ReviewTaken(Fact):
    """Somebody at the desk has the ticket in review; `from_staff_id` had it before."""

    ticket_id: int
    staff_id: int
    from_staff_id: int | None


@dataclass(frozen=True)
class TicketMended(Fact):
    """The agent put right what the desk had sent back; `changed` names what: text, place, area, item."""

    ticket_id: int
    changed: str


@dataclass(frozen=True)
class TicketTurnedAway(Fact):
    """It ended without being handled, and the citizen is told so: `outcome` is legal_route (Z04) or
    not_accepted (Z06), `reason` the code of what the citizen reads; `closure` as in answer_released."""

    ticket_id: int
    outcome: str
    reason: str
    closure: int


@dataclass(frozen=True)
class TicketWithdrawn(Fact):
    """The citizen took it back; why stands in the ticket's notes."""

    ticket_id: int


@dataclass(frozen=True)
class TicketMerged(Fact):
    """Answered with another ticket about the same, and counted with it."""

    ticket_id: int
    lead_id: int


@dataclass(frozen=True)
class TicketReconsidered(Fact):
    """What had ended as `outcome` is on the review desk again; it stands for itself."""

    ticket_id: int
    outcome: str


@dataclass(frozen=True)
class UnitComplainedOf(Fact):
    """The complaint is about this organisation, which from now on may not have it (H10); empty: about none.
    No subject: pages of organisations are told of subjects."""

    ticket_id: int
    unit: int | None


@dataclass(frozen=True)
class TicketSplit(Fact):
    """A part of the matter became a ticket of its own."""

    ticket_id: int
    child_id: int


@dataclass(frozen=True)
class ClockStarted(Fact):
    """A deadline was computed from `started_at`; `round` counts the starts of this clock on the ticket.
    `margin` is how long before it the light turns yellow, `calendar` the version that decided."""

    ticket_id: int
    clock: str
    due_at: str
    limit: str
    round: int
    started_at: str
    margin: str
    calendar: str


@dataclass(frozen=True)
class ClockStopped(Fact):
    """`met` empty: it counts neither as met nor as late, for the ticket was merged or withdrawn."""

    ticket_id: int
    clock: str
    met: bool | None
    round: int


@dataclass(frozen=True)
class ClockPaused(Fact):
    """From now on its time does not count, for a listed reason."""

    ticket_id: int
    clock: str
    round: int
    reason: str


@dataclass(frozen=True)
class ClockResumed(Fact):
    """The pause for this reason is over; unless another lasts the clock runs again, due at `due_at`."""

    ticket_id: int
    clock: str
    round: int
    reason: str
    due_at: str
    calendar: str


@dataclass(frozen=True)
class ClockExtended(Fact):
    """An extension was granted: `amount` more of the limit's unit; both dates are kept."""

    ticket_id: int
    clock: str
    round: int
    amount: int
    reason: str
    old_due_at: str
    due_at: str
    calendar: str


@dataclass(frozen=True)
class ClockLimitChanged(Fact):
    """The ticket has another tier: another limit from the same start (G01)."""

    ticket_id: int
    clock: str
    round: int
    limit: str
    margin: str
    due_at: str
    calendar: str


@dataclass(frozen=True)
class LightTurned(Fact):
    """A clock went yellow or red after the moment `since`, once per clock and colour; `organisation_id`
    answered for the ticket when this was put on record, empty means the hotline itself."""

    ticket_id: int
    clock: str
    round: int
    light: str
    since: str
    due_at: str
    organisation_id: int | None


@dataclass(frozen=True)
class AttachmentAdded(Fact):
    """A file belongs to the ticket (A09); `sha256` and `size` (bytes) are those of what is stored, `party` is
    whose it is: the citizen's, the hotline's or an organisation's."""

    ticket_id: int
    attachment_id: int
    sha256: str
    suffix: str
    size: int
    party: str
    organisation_id: int | None


@dataclass(frozen=True)
class AttachmentsOpened(Fact):
    """Somebody opened these files of a confidential ticket (S02); `attachments` are their ids."""

    ticket_id: int
    staff_id: int
    attachments: list[int]
    purpose: str


@dataclass(frozen=True)
class TicketRead(Fact):
    """Somebody opened a confidential ticket, and why: a word for the reason, never free text."""

    ticket_id: int
    staff_id: int
    purpose: str


@dataclass(frozen=True)
class TicketLookUpRefused(Fact):
    """Somebody asked for this ticket with a wrong query code (R02)."""

    ticket_id: int
