"""Facts of surveys."""

from dataclasses import dataclass

from hotline.events.base import Fact


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
