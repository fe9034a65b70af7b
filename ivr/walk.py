"""Play a dialogue in the terminal, with the real catalogue and the real service; nothing is kept.

    python -m ivr.walk [public_line|survey|after_queue] [12345|12348] [zh|en]

Digits, * and # are keys, an empty line is silence, other words are speech; end of input hangs up.
"""

import sys
from collections.abc import Iterable
from uuid import uuid4

import click
from sqlalchemy.orm import Session

from hotline import clock
from hotline.calls import service as calls
from hotline.config import settings
from hotline.db import engine
from ivr import prompts, service
from ivr.flow import HUNG_UP, Heard, Turn, heard_from
from ivr.verbs import Enqueue, Gather, HangUp, Name, Prompt, Record, Say

KEYS = frozenset("0123456789*#")


class Walk:
    """One dialogue: `said` is what the line says in the turn at hand, `over` how it ended, if it did."""

    def __init__(self, session: Session, flow: str = "public_line", hotline: str = "12345") -> None:
        self._session = session
        inbound = flow != "survey"
        self.call = calls.open_call(
            session,
            hotline=hotline,
            dialled=hotline,
            number=None,
            system="terminal",
            system_id=uuid4().hex,
            now=clock.now(),
            direction="inbound" if inbound else "outbound",
            purpose="public_line" if inbound else "survey",
        )
        self.turn = service.begin(session, self.call, flow, clock.now(), speech=inbound)

    def hear(self, heard: Heard) -> Turn:
        if isinstance(self.turn.verbs[-1], Record) and heard.kind == "speech":
            heard = Heard("message", seconds=len(heard.words))  # about as long as it takes to say it
        heard = service.listen(self.call.hotline, heard)
        state = self.turn.next_state
        self.turn = service.turn(self._session, self.call, state, heard, clock.now())
        return self.turn

    @property
    def said(self) -> list[Prompt]:
        """Prompt keys and names, in order."""
        said: list[Prompt] = []
        for verb in self.turn.verbs:
            said += [verb.prompt] if isinstance(verb, Say) else []
            said += verb.prompts if isinstance(verb, Gather) else []
        return said

    @property
    def over(self) -> str:
        last = self.turn.verbs[-1]
        if isinstance(last, Enqueue):
            return f"-> {last.queue}"
        return "hung up" if isinstance(last, HangUp) else ""


def heard_in(line: str) -> Heard:
    """A line typed at the terminal."""
    text = line.strip()
    return heard_from(text) if KEYS.issuperset(text) else heard_from("", text)


def play(walk: Walk, lines: Iterable[str], language: str) -> Iterable[str]:
    """What to show, as it happens."""
    typed = iter(lines)
    while True:
        yield from (f"  {_shown(said, language)}" for said in walk.said)
        if walk.over:
            break
        line = next(typed, None)
        walk.hear(HUNG_UP if line is None else heard_in(line))
    yield f"{walk.over} ({walk.turn.outcome}, item {walk.call.item_code or '-'})"


def _shown(said: Prompt, language: str) -> str:
    return said.text if isinstance(said, Name) else prompts.text(said, language)


@click.command()
@click.argument("flow", default="public_line", type=click.Choice(["public_line", "survey", "after_queue"]))
@click.argument("hotline", default="12345", type=click.Choice(["12345", "12348"]))
@click.argument("language", default="", type=click.Choice(["", *prompts.LANGUAGES]))
def main(flow: str, hotline: str, language: str) -> None:
    """Play a dialogue in the terminal; nothing of it is kept, since nobody commits."""
    with Session(engine()) as session:
        walk = Walk(session, flow, hotline)
        for line in play(walk, sys.stdin, language or settings().ivr.language):
            click.echo(line)


if __name__ == "__main__":
    main()
