"""Facts of calls and call-backs."""

from dataclasses import dataclass

from hotline.events.base import Fact


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
    """Keys or words were placed in the catalogue; the agent confirms. `source`: keys, confirmed, alarm."""

    call_id: int
    item_code: str
    confidence: float
    source: str


@dataclass(frozen=True)
class EmergencyHeard(Fact):
    """What was said sounds like an emergency, by this rule of the lexicon (docs/decisions/emergencies.md)."""

    call_id: int
    rule: str
    number: str


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
    """Hang-up (`h`). `reason` is one of calls.states.EndReason; told again if it was a message after all."""

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
