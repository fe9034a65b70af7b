"""A dialogue as a pure turn function: place + what was heard -> verbs + next place.

FastAGI waits on a socket and Twilio calls back for each step; both, and ivr/walk.py, play the same flows.
A flow is a table `place -> function(state, heard) -> Turn`; every flow begins at START.
Hang-ups never reach a flow: ivr/service.py ends the call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hotline.catalogue.understanding.emergencies import Alarm
from ivr.verbs import Gather, Record, Verb

START = "start"


@dataclass(frozen=True)
class Line:
    """What stays the same from turn to turn: the call's hotline and the site's rules for it."""

    hotline: str
    language: str
    queue: str
    speech: bool = False  # does this line have a recogniser?
    speaks: bool = True  # can it say any words, or only what was rendered?
    known_number: bool = True  # can we ring back?
    menu: bool = True
    tries: int = 2
    seconds: int = 5
    message_seconds: int = 180


@dataclass(frozen=True)
class Matter:
    """Where the catalogue puts what was heard: an item, or a whole category (two digits)."""

    code: str
    confidence: float
    source: Literal["keys", "speech", "confirmed"]
    name: str = ""  # as this line can say it; empty when it cannot


@dataclass(frozen=True)
class DialogueState:
    """Where one dialogue stands and what it remembers. Twilio carries it in the signed action URL."""

    line: Line
    flow: str
    place: str = START
    wrong: int = 0  # inputs in a row that could not be used
    solved: bool | None = None  # the survey's first answer
    offered: Matter | None = None  # read back, and not confirmed yet

    def carried(self) -> dict[str, str]:
        """As short text fields; the line is known from the call."""
        fields = {"flow": self.flow, "place": self.place, "wrong": str(self.wrong)}
        if self.solved is not None:
            fields["solved"] = str(int(self.solved))
        if self.offered:
            fields |= {"offered": self.offered.code, "confidence": str(self.offered.confidence)}
        return fields

    @classmethod
    def resume(cls, line: Line, fields: Mapping[str, str]) -> "DialogueState":
        """Raises KeyError or ValueError for fields that `carried` never wrote."""
        solved = bool(int(fields["solved"])) if "solved" in fields else None
        code = fields.get("offered")
        offered = Matter(code, float(fields["confidence"]), "speech") if code else None
        return cls(line, fields["flow"], fields["place"], int(fields["wrong"]), solved, offered)


@dataclass(frozen=True)
class Guess:
    """An item the caller's words may be about."""

    code: str
    name: str
    confidence: float


@dataclass(frozen=True)
class Heard:
    """What came back from the line; `matter` and `alarm` are the catalogue's, there before a flow sees it.

    `guesses`: what the words may be about, best first; none where nobody could be asked.

    `unheard`: somebody spoke, and no recogniser had words for it in time. `message`: it is kept, `seconds`
    long, in the file `recording` below the recordings directory, or with the carrier.
    """

    kind: Literal["keys", "speech", "unheard", "message", "silence", "hang_up"]
    keys: str = ""
    words: str = ""
    guesses: tuple[Guess, ...] = ()
    matter: Matter | None = None
    alarm: Alarm | None = None
    seconds: int = 0
    recording: str = ""


SILENCE = Heard("silence")
UNHEARD = Heard("unheard")
HUNG_UP = Heard("hang_up")


def heard_from(keys: str, words: str = "") -> Heard:
    """Keys win over words: a press is meant."""
    if keys:
        return Heard("keys", keys=keys)
    return Heard("speech", words=words) if words.strip() else SILENCE


# What a turn asks the bridge to record.
@dataclass(frozen=True)
class Understood:
    matter: Matter


@dataclass(frozen=True)
class EmergencySaid:
    alarm: Alarm


@dataclass(frozen=True)
class SurveyDone:
    """`grade` is the key 1 (very satisfied) to 5 (very dissatisfied)."""

    solved: bool
    grade: int


@dataclass(frozen=True)
class NobodyCame:
    """The wait is over without a person; ring back if we know the number."""


@dataclass(frozen=True)
class MessageLeft:
    """As it was heard: a lawyer answers it."""

    seconds: int
    recording: str


Act = Understood | EmergencySaid | SurveyDone | NobodyCame | MessageLeft


@dataclass(frozen=True)
class Turn:
    """Verbs for the line, and the place where what a last Gather or Record hears goes.

    `outcome` names the step in the log.
    """

    verbs: tuple[Verb, ...]
    state: DialogueState
    goto: str = ""
    outcome: str = ""
    acts: tuple[Act, ...] = ()

    def __post_init__(self) -> None:
        listens = bool(self.verbs) and isinstance(self.verbs[-1], Gather | Record)
        if listens != bool(self.goto):
            raise ValueError("a turn that listens, and only such a turn, says where it goes next")

    @property
    def next_state(self) -> DialogueState:
        """What the carrier brings back with what it hears."""
        return replace(self.state, place=self.goto)


Place = Callable[[DialogueState, Heard], Turn]
Flow = Mapping[str, Place]
