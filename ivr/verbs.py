"""What a line can be told to do. A flow says what, never how: AGI and TwiML each have their own way."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    """Play one prompt; `prompt` is a key of ivr/prompts.toml."""

    prompt: str


@dataclass(frozen=True)
class Name:
    """Said among prompts: the name of an item or a category, in the language of the line."""

    text: str


Prompt = str | Name


@dataclass(frozen=True)
class Gather:
    """Play prompts and listen. Pressing a key or speaking cuts the prompts short.

    What is heard goes to the turn's `goto`. `seconds` is the silence allowed; between two keys
    the telephone system may allow less.
    """

    prompts: tuple[Prompt, ...]
    max_digits: int
    seconds: int
    finish_on: str = "#"
    speech: bool = False


@dataclass(frozen=True)
class Record:
    """A tone, then what the caller says is kept, for at most `seconds`: until # or 0, or a long silence.

    What came of it goes to the turn's `goto`: a message with its length, the key 0, or silence.
    """

    seconds: int


@dataclass(frozen=True)
class Enqueue:
    """Wait for a person, ahead of others if it is urgent; the dialogue is over."""

    queue: str
    urgent: bool = False


@dataclass(frozen=True)
class HangUp:
    """The dialogue and the call are over."""


Verb = Say | Gather | Record | Enqueue | HangUp
