"""Facts of supervision. `unit_id` is the organisation concerned: its users' pages listen for
`organisation_id`, and so hear nothing of what is none of their business."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class PaperIssued(Fact):
    """A card or a step of the ladder was put to the unit (H03); `answer_by` is empty where none is asked."""

    paper_id: int
    ticket_id: int
    unit_id: int
    paper: str
    number: str
    answer_by: str


@dataclass(frozen=True)
class PaperAnswered(Fact):
    paper_id: int
    ticket_id: int
    unit_id: int
    paper: str
    in_time: bool


@dataclass(frozen=True)
class PaperUnanswered(Fact):
    """The date went by without an answer; `next` is the paper that is proposed now, perhaps none."""

    paper_id: int
    ticket_id: int
    unit_id: int
    paper: str
    next: str


@dataclass(frozen=True)
class ReferralSigned(Fact):
    """A named officer asks for a discipline inspection (H04)."""

    paper_id: int
    ticket_id: int
    unit_id: int
    staff_id: int


@dataclass(frozen=True)
class RatingCounted(Fact):
    """A dissatisfied rating counts against the unit and whoever answered for this work order (H05)."""

    mark_id: int
    ticket_id: int
    survey_id: int
    unit_id: int
    work_order_id: int | None


@dataclass(frozen=True)
class LightCounted(Fact):
    """A red light counts against the unit (H02); again, when a light taken back came true after all."""

    mark_id: int
    ticket_id: int
    unit_id: int
    clock: str
    round: int


@dataclass(frozen=True)
class MarkTakenBack(Fact):
    """It counts no more. `reason`: the fact that corrected a clock, or why a rating is not valid."""

    mark_id: int
    ticket_id: int
    unit_id: int
    reason: str


@dataclass(frozen=True)
class TargetsLoaded(Fact):
    """Targets of units were loaded for these years, in place of those there were (H11)."""

    years: list[int]
    targets: int


@dataclass(frozen=True)
class MatterOpened(Fact):
    """Something waits for a supervisor: a paper proposed, or what a count led to (H02, H05). `per` is unit,
    person or ticket; `because` a word for the reason."""

    matter_id: int
    ticket_id: int | None
    unit_id: int
    what: str
    per: str
    because: str
    count: int


@dataclass(frozen=True)
class MatterGrew(Fact):
    """One more, or one less, and it stands."""

    matter_id: int
    ticket_id: int | None
    unit_id: int
    what: str
    count: int


@dataclass(frozen=True)
class MatterEnded(Fact):
    """`how`: done, dropped by a person, or withdrawn because the count fell."""

    matter_id: int
    ticket_id: int | None
    unit_id: int
    what: str
    how: str
    count: int


@dataclass(frozen=True)
class CircularDrawnUp(Fact):
    """Figures of all units under public supervision were put down for a period (H09)."""

    circular_id: int
    first_day: str
    last_day: str
    units: int


@dataclass(frozen=True)
class CircularPublished(Fact):
    """Another person than who drew it up let everybody read it (H08)."""

    circular_id: int
    staff_id: int


@dataclass(frozen=True)
class UnitWatched(Fact):
    """A unit was put under public supervision (E04), or taken off it."""

    unit_id: int
    supervised: bool


@dataclass(frozen=True)
class IncidentRecorded(Fact):
    """Bad handling of these tickets ended in an incident, which counts against the unit once (H12)."""

    incident_id: int
    unit_id: int
    ticket_ids: list[int]


@dataclass(frozen=True)
class IncidentTakenBack(Fact):
    """It was recorded wrongly and counts no more."""

    incident_id: int
    unit_id: int
