"""Every fact Hotline records, in the past tense. Kinds and fields are for ever (docs/events.md).

Fields ending in `_id` are subjects. No fact carries a telephone number, a name or free text of a citizen.
"""

from dataclasses import dataclass
from typing import ClassVar

KINDS: dict[str, type["Fact"]] = {}


@dataclass(frozen=True)
class Fact:
    """Base of all facts; `kind` is the class name in snake case."""

    kind: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.kind = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")
        KINDS[cls.kind] = cls


# --- calls -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CallReceived(Fact):
    """A call reached one of our numbers. `direction` is inbound or outbound."""

    call_id: int
    hotline: str
    dialled: str
    system: str
    direction: str
    caller_id: int | None


@dataclass(frozen=True)
class CallBlocked(Fact):
    """All lines were taken, or the number is not ours: the caller heard busy (counted apart, rules 2.2)."""

    call_id: int
    reason: str


@dataclass(frozen=True)
class CallEnteredIvr(Fact):
    """The greeting began."""

    call_id: int


@dataclass(frozen=True)
class IvrStepTaken(Fact):
    """One turn of the dialogue. `input` is keys, speech, silence or hang_up; `keys` what was pressed."""

    call_id: int
    place: str
    input: str
    keys: str
    outcome: str


@dataclass(frozen=True)
class CallUnderstood(Fact):
    """Keys or words were placed in the catalogue; the agent confirms."""

    call_id: int
    item_code: str
    confidence: float
    source: str


@dataclass(frozen=True)
class CallQueued(Fact):
    """The caller waits for a person (`q` of the KPI definitions)."""

    call_id: int
    queue: str


@dataclass(frozen=True)
class AgentRung(Fact):
    """An agent's telephone rings for this call."""

    call_id: int
    leg_id: int
    staff_id: int


@dataclass(frozen=True)
class AgentMissedRing(Fact):
    """The agent's telephone rang and was not answered; the caller keeps waiting."""

    call_id: int
    leg_id: int
    staff_id: int


@dataclass(frozen=True)
class CallAnswered(Fact):
    """A person talks to the caller (`a`)."""

    call_id: int
    leg_id: int
    staff_id: int


@dataclass(frozen=True)
class CallRecorded(Fact):
    """A recording of this call is on disk; the path is relative to the recordings directory."""

    call_id: int
    path: str


@dataclass(frozen=True)
class CallEnded(Fact):
    """Hang-up (`h`). `reason` is one of calls.states.EndReason."""

    call_id: int
    reason: str
    answered: bool


@dataclass(frozen=True)
class CallWrappedUp(Fact):
    """The agent finished after-call work (`w`) and gave a disposition."""

    call_id: int
    staff_id: int
    disposition: str


@dataclass(frozen=True)
class CallBackRequested(Fact):
    """A person shall ring a citizen. `reason` is one of callbacks.models.CallBackReason."""

    callback_id: int
    call_id: int | None
    ticket_id: int | None
    reason: str


@dataclass(frozen=True)
class CallBackEnded(Fact):
    """`outcome`: reached, not_reached, cancelled (not needed any more: the caller got through, or
    answered by another way)."""

    callback_id: int
    call_id: int | None
    ticket_id: int | None
    outcome: str


# --- agents ----------------------------------------------------------------------------------------------


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
    """Someone looked at an unmasked number, with the purpose they gave (S02)."""

    caller_id: int
    staff_id: int
    purpose: str
    call_id: int | None = None
    ticket_id: int | None = None


@dataclass(frozen=True)
class ContactConsentGiven(Fact):
    """The citizen allowed their contact to be passed to a firm (PIPL 23)."""

    ticket_id: int
    caller_id: int


# --- tickets ---------------------------------------------------------------------------------------------


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
class ItemSuggested(Fact):
    """What the agent was shown and what they chose; `text_hash` is sha256 of the text."""

    ticket_id: int
    text_hash: str
    shown: str
    chosen: str


@dataclass(frozen=True)
class TicketStateChanged(Fact):
    """`organisation_id` answers for the ticket from this move on; empty means the hotline itself."""

    ticket_id: int
    old: str
    new: str
    reason: str
    organisation_id: int | None = None


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
class ClockStarted(Fact):
    """A deadline was computed: `clock` is closing or reply."""

    ticket_id: int
    clock: str
    due_at: str
    limit: str


@dataclass(frozen=True)
class ClockStopped(Fact):
    ticket_id: int
    clock: str
    met: bool


@dataclass(frozen=True)
class TicketLookUpRefused(Fact):
    """Somebody asked for this ticket with a wrong query code (R02)."""

    ticket_id: int


# --- dispatch --------------------------------------------------------------------------------------------


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


# --- short messages --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SmsQueued(Fact):
    sms_id: int
    template: str
    parts: int
    ticket_id: int | None


@dataclass(frozen=True)
class SmsSent(Fact):
    """The carrier took it."""

    sms_id: int
    provider: str
    ticket_id: int | None


@dataclass(frozen=True)
class SmsDelivered(Fact):
    """The last part's receipt says the handset has it."""

    sms_id: int
    ticket_id: int | None


@dataclass(frozen=True)
class SmsFailed(Fact):
    """Refused for good, expired, or given up; `unknown` = the sender died between act and record."""

    sms_id: int
    reason: str
    ticket_id: int | None


@dataclass(frozen=True)
class SmsReceived(Fact):
    """A citizen wrote; the text stays in sms_inbound."""

    sms_inbound_id: int
    caller_id: int | None


# --- surveys ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SurveyInvited(Fact):
    survey_id: int
    ticket_id: int
    closure: int


@dataclass(frozen=True)
class SurveyReplyUnreadable(Fact):
    """A reply that is no answer; the first gets one polite repeat."""

    survey_id: int
    ticket_id: int
    first: bool


@dataclass(frozen=True)
class SurveyCallDue(Fact):
    """No answer in time: the IVR shall ring and ask."""

    survey_id: int
    ticket_id: int


@dataclass(frozen=True)
class SurveyAnswered(Fact):
    """`satisfaction` is one of the five grades (Z21); `mode` is sms, link, ivr or person."""

    survey_id: int
    ticket_id: int
    closure: int
    solved: bool
    satisfaction: str
    mode: str


@dataclass(frozen=True)
class SurveyExpired(Fact):
    survey_id: int
    ticket_id: int


# --- the house -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CatalogueLoaded(Fact):
    catalogue_version_id: int
    hotline: str
    version: str
    items: int


@dataclass(frozen=True)
class OrganisationsMade(Fact):
    """Areas and organisations were generated; the same preset and seed make the same ones."""

    preset: str
    seed: int
    departments: int
    firms: int
    areas: int


@dataclass(frozen=True)
class OrganisationSuspended(Fact):
    """A firm was barred from offers (E08), or admitted again; `reason` is what the person wrote."""

    organisation_id: int
    suspended: bool
    reason: str
