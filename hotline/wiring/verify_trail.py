"""`hotline verify-trail`: says whether the facts are as they were sealed, and where they are not."""

import re
import time
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.tickets import queries as tickets
from hotline.trail import queries
from hotline.trail.chain import Breach, Fault
from hotline.trail.verification import Verdict, verify

TELL_SECONDS = 2
SENTENCES = {
    Breach.CHANGED: "fact {near} was changed (seal {seal})",
    Breach.REMOVED: "a fact behind fact {near} was removed (seal {seal})",
    Breach.ADDED: "fact {near} was added, or moved there, after sealing (seal {seal})",
    Breach.SEAL_ALTERED: "seal {seal}, or the one before it, was altered",
    Breach.SEAL_MISSING: "seal {seal} is missing",
    Breach.HEAD_GONE: "the head you noted is not in the chain: its end was cut off, or it was written anew",
}


def run(*, event_id: int | None = None, head: str = "", ticket: str = "") -> bool:
    """Prints what it finds; True when all is well. Raises NotFound, InvalidInput."""
    if head and not re.fullmatch(r"[0-9a-f]{64}", head):
        raise InvalidInput("head", "64 characters 0-9 and a-f, as verify-trail printed them")
    with transaction() as session:
        first = _first_seal(session, event_id, ticket)
    verdict = verify(first, noted=head, told=_progress())
    for line in (*_found(verdict), *_stand(ticket)):
        click.echo(line)
    return verdict.good


def _first_seal(session: Session, event_id: int | None, ticket: str) -> int:
    if event_id is not None:
        seal = queries.seal_of_fact(session, event_id)
        if seal is None:
            raise NotFound(f"there is no fact {event_id}, or it is not sealed yet")
        return seal
    if not ticket:
        return 1
    found = tickets.by_number(session, ticket)
    seal = queries.first_seal_since(session, found.accepted_at)
    if seal is None:
        raise NotFound(f"the facts of ticket {ticket} are not sealed yet")
    return seal


def _found(verdict: Verdict) -> list[str]:
    """The sentence people look for, then the faults."""
    compared = f"{verdict.facts:,} facts under {verdict.seals:,} seals"
    if verdict.good:
        return [f"Whole: {compared} are as they were sealed."]
    unsaid = verdict.faults - len(verdict.shown)
    more = [f"  … and {unsaid:,} more"] if unsaid else []
    return [f"BROKEN: {compared}, {verdict.faults:,} faults:", *map(_sentence, verdict.shown), *more]


def _sentence(fault: Fault) -> str:
    return "  " + SENTENCES[fault.breach].format(near=fault.near, seal=fault.seal)


def _stand(ticket: str) -> list[str]:
    with transaction() as session:
        state = queries.state(session)
        lines = [f"{state.unsealed:,} facts are not sealed yet."]
        if ticket:
            count = len(tickets.history(session, tickets.by_number(session, ticket).id))
            lines.append(f"Ticket {ticket}: {count} facts; compared was everything since it was accepted.")
    if state.head:
        lines.append(f"Head: {state.head.hash.hex()}")
    return lines


def _progress() -> Callable[[Verdict], None]:
    """A line every other second, beside the answer."""
    last = time.monotonic()

    def tell(verdict: Verdict) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_SECONDS and verdict.last:
            last = time.monotonic()
            click.echo(f"… {verdict.facts:,} facts, to {verdict.last.sealed_at:%Y-%m-%d %H:%M} UTC", err=True)

    return tell
