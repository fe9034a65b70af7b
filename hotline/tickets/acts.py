"""Which act starts, stops, pauses or resumes which clock of a ticket: one table. Pure.

An act has the name it has in the machine of a ticket (`states`); `open` is its registration, `arrive` the
arrival on the spot in an emergency. An act that is not in the table touches no clock.
"""

from dataclasses import dataclass
from enum import StrEnum


class Clock(StrEnum):
    EMERGENCY_DISPATCH = "emergency_dispatch"  # minutes the item names until somebody is sent (Z24)
    EMERGENCY_SITE = "emergency_site"  # until they are there
    INTAKE = "intake"  # until the desk has seen it; for what came without a person, as from the web (Z22)
    CLAIM = "claim"  # until the organisation takes it (E02)
    FIRST_CONTACT = "first_contact"  # until the citizen is spoken to (G03)
    REPLY = "reply"  # until there is an answer (G02)
    RETURN_WINDOW = "return_window"  # as long as a wrong dispatch may be returned (D07, Z23)
    CLOSING = "closing"  # the tier's (G01)
    ACCEPTANCE = "acceptance"  # the law's, for the decision to take it up (Z31-Z33)
    STATUTORY = "statutory"  # the law's, for the handling; runs beside the hotline's own (Z32)


CHANNELS = ("phone", "web", "counter", "grid")  # by which a ticket comes in


@dataclass(frozen=True)
class Act:
    """A clock starts only where the item, its tier and the profile give it a limit."""

    starts: tuple[Clock, ...] = ()
    stops: tuple[Clock, ...] = ()
    pauses: str = ""  # for this reason
    resumes: tuple[str, ...] = ()
    counts: bool = True  # False: what it stops was neither met nor late


_C = Clock
_FROM_THE_START = (_C.CLOSING, _C.REPLY, _C.FIRST_CONTACT, _C.EMERGENCY_DISPATCH, _C.ACCEPTANCE, _C.STATUTORY)
_AT_THE_UNIT = (_C.CLAIM, _C.RETURN_WINDOW, _C.EMERGENCY_SITE)
ANSWERED = Act(
    stops=(_C.REPLY, _C.FIRST_CONTACT, _C.EMERGENCY_SITE, _C.CLAIM, _C.RETURN_WINDOW), resumes=("appraisal",)
)
_SEEN = Act(stops=(_C.INTAKE,))
ENDED = Act(stops=tuple(Clock))
NO_ANSWER_OWED = Act(stops=tuple(Clock), counts=False)

ACTS: dict[str, Act] = {
    "open": Act(starts=(*_FROM_THE_START, _C.INTAKE)),
    "take_in_review": _SEEN,
    "return_to_agent": _SEEN,
    "dispatch": Act(starts=_AT_THE_UNIT, stops=(_C.EMERGENCY_DISPATCH, _C.INTAKE)),
    # taking it is the acceptance the law asks for; the right to return it lasts until its window closes
    "claim": Act(starts=(_C.STATUTORY,), stops=(_C.CLAIM, _C.ACCEPTANCE)),
    "begin": Act(stops=(_C.FIRST_CONTACT, _C.EMERGENCY_SITE)),
    "arrive": Act(stops=(_C.EMERGENCY_SITE,)),
    "come_back": Act(
        starts=(_C.EMERGENCY_DISPATCH,), stops=_AT_THE_UNIT, resumes=("supplement", "appraisal", "long_term")
    ),
    "dispute": Act(stops=_AT_THE_UNIT),
    # the verdict cannot be returned (D07)
    "adjudicate": Act(starts=(_C.CLAIM, _C.EMERGENCY_SITE), stops=(_C.EMERGENCY_DISPATCH,)),
    "ask_for_supplement": Act(pauses="supplement"),
    "supplement": Act(resumes=("supplement",)),
    "begin_appraisal": Act(pauses="appraisal"),
    "end_appraisal": Act(resumes=("appraisal",)),
    "put_on_long_term_list": Act(pauses="long_term"),
    "take_off_long_term_list": Act(resumes=("long_term",)),
    "answer": ANSWERED,
    "release": ENDED,
    "answer_on_the_phone": ENDED,
    "answer_directly": ENDED,
    "answer_with_the_other": ENDED,
    "name_legal_route": ENDED,
    "not_accept": ENDED,
    "merge": NO_ANSWER_OWED,
    "withdraw": NO_ANSWER_OWED,
    "close": ENDED,
    "reopen": Act(starts=_FROM_THE_START),
    "reconsider": Act(starts=_FROM_THE_START),
}
