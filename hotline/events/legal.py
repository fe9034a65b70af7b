"""Facts of questions that lawyers answer, and of recordings that people play."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class LawyerAsked(Fact):
    """A lawyer shall answer this ticket of 12348; `seconds` is how long the caller's message is (Z26)."""

    lawyer_task_id: int
    ticket_id: int
    call_id: int | None
    due_at: str
    seconds: int | None


@dataclass(frozen=True)
class LawyerTaskMoved(Fact):
    """`reason`: empty, on_duty (the rota gave it out), given_back, too_long (held without an answer) or a
    ClosedBecause."""

    lawyer_task_id: int
    ticket_id: int
    old: str
    new: str
    reason: str


@dataclass(frozen=True)
class LawyerDutySet(Fact):
    """A supervisor said when this lawyer is on duty and for which categories (none: all); without a weekday
    they are off the rota (M05)."""

    staff_id: int
    weekdays: list[int]
    begins: str
    ends: str
    categories: list[str]


@dataclass(frozen=True)
class RecordingPlayed(Fact):
    """A person asked for the sound of this call (S02)."""

    call_id: int
    ticket_id: int
    staff_id: int
    recording_id: int
