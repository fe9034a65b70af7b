"""The one question that tells near items apart, for the agent to ask (data/questions.toml)."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from hotline.catalogue.understanding.classifier import Suggestion

FILE = Path(__file__).parent / "data" / "questions.toml"
POSSIBLE = 0.1  # a second item less likely than this needs no question


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(Part):
    """What the caller may answer, and the item it leads to; `hotline` where that is the other one's."""

    say: str
    say_en: str
    item: str
    hotline: str = ""


class Question(Part):
    hotline: str
    ask: str
    ask_en: str
    answers: tuple[Reply, ...]

    def codes(self, *, own: bool) -> set[str]:
        """Items of its own hotline, or of the other."""
        return {reply.item for reply in self.answers if (not reply.hotline) == own}


class QuestionFile(Part):
    question: tuple[Question, ...]


def question_for(hotline: str, suggestions: Sequence[Suggestion]) -> Question | None:
    """Two of its items are possible; or one is first and the other belongs to the other hotline."""
    possible = {one.code for one in suggestions[:1]}
    possible |= {one.code for one in suggestions[1:] if one.confidence >= POSSIBLE}
    for question in questions():
        if question.hotline != hotline:
            continue
        near = question.codes(own=True) & possible
        led_across = bool(question.codes(own=False)) and suggestions and suggestions[0].code in near
        if len(near) > 1 or led_across:
            return question
    return None


@cache
def questions() -> tuple[Question, ...]:
    return QuestionFile.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8"))).question
