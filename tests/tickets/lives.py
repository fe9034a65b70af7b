"""Random lives of tickets in memory: the product's table of moves, acts, clocks and lights, no database.

    python -m tests.tickets.lives 100000

lives so many in two processes and compares each with what its facts alone tell. A life knows whom the ticket
lies with and who answers for it; how services, parts and offers see to that, only lives with a database show
(tests/dispatch/random_lives.py).
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import Pool
from random import Random
from typing import Any

from hotline.catalogue import files
from hotline.errors import InvalidInput
from hotline.events import Fact
from hotline.service_hours import Calendar, shipped_calendar
from hotline.tickets import clockwork
from hotline.tickets.acts import ACTS
from hotline.tickets.clockwork import Clockwork
from hotline.tickets.lights import light
from hotline.tickets.profiles import Profile, shipped_profile
from hotline.tickets.recount import Recounted, recount
from hotline.tickets.states import AT_WORK, ENDED, HELD_BY_ONE, ON_THE_DESK, TABLE, Hold, Move, TicketState

PROFILES = ("seed", "beijing", "shandong")
FIRST, SPREAD = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=500)
GAPS = (30, 700, 20_000, 90_000, 400_000)  # seconds between two acts: from at once to days later
LENGTH, OFFICES = 20, 50
KEPT = (
    "clock", "round", "started_at", "limit_text", "margin_text", "due_at", "calendar", "extension", "pauses",
    "paused_at", "stopped_at", "met", "yellow_at", "light",
)  # fmt: skip
_S = TicketState


@cache
def items() -> list[files.ItemEntry]:
    return files.parse((files.DATA / "catalogue_12345.toml").read_text(encoding="utf-8")).item


@cache
def calendar() -> Calendar:
    return shipped_calendar("Asia/Shanghai")


class Row(Recounted):
    """A clock as a row of ticket_clock keeps it."""

    ticket_id: int
    turns_at: datetime | None

    def __init__(self, ticket_id: int, **kept: Any) -> None:
        super().__init__(**kept, due_at=kept["started_at"], calendar="")
        self.ticket_id, self.turns_at = ticket_id, None


@dataclass
class Life:
    """One ticket from its registration on; the same number lives the same life."""

    id: int
    dice: Random = field(init=False)
    state: TicketState = _S.REGISTERED
    holds: set[Hold] = field(default_factory=set)
    lies_with: int | None = None  # the organisation it was sent to
    organisation_id: int | None = None  # who answers for it; none: the hotline
    channel: str = field(init=False)
    rows: list[clockwork.Row] = field(default_factory=list)
    facts: list[tuple[str, datetime, dict[str, Any]]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.id)
        self.profile: Profile = shipped_profile(self.dice.choice(PROFILES))
        self.item = self.dice.choice(items())
        self.channel = self.dice.choice(("phone", "web"))
        self.now = FIRST + self.dice.random() * SPREAD
        self.told(self.clocks(), "open")

    @property
    def tier(self) -> str:
        return self.item.tier

    def live(self) -> None:
        for _ in range(LENGTH):
            self.now += timedelta(seconds=self.dice.choice(GAPS) * (0.5 + self.dice.random()))
            if self.dice.random() < 0.4:
                self.look_for_lights()
            if self.dice.random() < 0.7:
                self.move(one_of(self.legal(), self.dice))
            else:
                self.dice.choice(BESIDES)(self)
            self.check_who_answers()
        self.look_for_lights()

    # --- what may happen -----------------------------------------------------------------------------------

    def legal(self) -> list[Move]:
        return [move for move in TABLE if move.old == self.state and not move.stopped_by & self.holds]

    def move(self, move: Move) -> None:
        self.state = move.new
        if move.new == _S.DISPATCHED:
            self.lies_with = self.dice.randrange(OFFICES)
            self.organisation_id = self.lies_with if self.organisation_id is None else self.organisation_id
        if move.act == "claim":
            self.organisation_id = self.lies_with
        if move.new not in AT_WORK | HELD_BY_ONE:
            self.lies_with = None
            self.holds.discard(Hold.PART)  # nobody assists it any more
        if move.new == _S.IN_FOLLOW_UP:
            self.holds.add(Hold.NOTICE)
        self.told(self.clocks(), move.act)
        self.done[f"{move.old} {move.act}"] += 1

    def hold(self) -> None:
        """A part is asked for, a leader names himself, a part is split off; or one of them is through."""
        if self.holds and self.dice.random() < 0.7:
            self.holds.remove(self.dice.choice(sorted(self.holds)))
        elif self.state not in ENDED:
            kinds = [Hold.SPONSOR, Hold.CHILD] + [Hold.PART] * (self.state in AT_WORK)
            self.holds.add(self.dice.choice(kinds))

    def extend(self) -> None:
        clocks = self.clocks()
        try:
            clocks.extend("closing", self.dice.randint(1, 4), "more time")
        except InvalidInput:  # it has had all it may
            return
        self.keep(clocks, "extend")

    def file_anew(self) -> None:
        if self.state in ON_THE_DESK:
            self.item = self.dice.choice(items())
            clocks = self.clocks()
            clocks.limit_anew()
            self.keep(clocks, "file_anew")

    def force_majeure(self) -> None:
        clocks = self.clocks()
        if self.dice.random() < 0.5 or self.state in ENDED:
            clocks.resume(clocks.rows, "force_majeure")
        else:
            clocks.pause("force_majeure")
        self.keep(clocks, "force_majeure")

    def act_without_a_move(self) -> None:
        """Experts appraise, somebody arrives on the spot; or an act that makes no sense here."""
        if self.state not in ENDED:
            self.told(self.clocks(), self.dice.choice(sorted(ACTS)))

    def look_for_lights(self) -> None:
        """As the job does every thirty seconds."""
        for row in self.rows:
            if row.turns_at and row.turns_at < self.now:
                self.record(clockwork.turn(row, self.organisation_id, self.now))

    # --- what is kept --------------------------------------------------------------------------------------

    def clocks(self) -> Clockwork:
        return Clockwork(self, self.rows, Row, self.profile, calendar(), self.now)

    def told(self, clocks: Clockwork, act: str) -> None:
        clocks.act(act)
        self.keep(clocks, act)

    def keep(self, clocks: Clockwork, act: str) -> None:
        self.record(clocks.facts)
        self.done[act] += 1

    def record(self, facts: list[Fact]) -> None:
        self.facts += [(fact.kind, self.now, vars(fact)) for fact in facts]

    # --- what must be so -----------------------------------------------------------------------------------

    def check_who_answers(self) -> None:
        """Whoever has said yes has the ticket before them and answers for it; what is sent lies with one."""
        if self.state in AT_WORK:
            assert self.lies_with is not None, self
        if self.state in HELD_BY_ONE:
            assert self.organisation_id is not None and self.organisation_id == self.lies_with, self

    def check_told_again(self) -> None:
        """Its facts alone give the same clocks, the same lights now, and the same lights on record."""
        again = recount(self.facts, calendar(), self.now)
        assert [_kept(one) for one in again] == [_kept(row) for row in self.rows], self.id
        assert [light(one, self.now) for one in again] == [light(row, self.now) for row in self.rows], self.id
        turned = sorted((one.clock, one.round, *turning) for one in again for turning in one.lights)
        assert turned == sorted(self.on_record()), self.id

    def on_record(self) -> Iterator[tuple[str, int, str, datetime]]:
        for kind, _at, said in self.facts:
            if kind == "light_turned":
                yield said["clock"], said["round"], said["light"], datetime.fromisoformat(said["since"])


def one_of(moves: list[Move], dice: Random) -> Move:
    """Onwards rather than to an end, or the lives would be short."""
    return dice.choices(moves, [1 if move.new in ENDED else 5 for move in moves])[0]


BESIDES: list[Callable[[Life], None]] = [
    Life.hold, Life.hold, Life.extend, Life.file_anew, Life.force_majeure, Life.act_without_a_move,
]  # fmt: skip


def _kept(clock: Any) -> list[Any]:
    return [getattr(clock, name) for name in KEPT]


def lived(number: int) -> Counter[str]:
    """One life, compared; what was done in it and how often its facts were told."""
    life = Life(number)
    life.live()
    life.check_told_again()
    return life.done + Counter(kind for kind, _at, _said in life.facts)


def main(lives: int) -> None:
    load, began = os.getloadavg()[0], time.monotonic()
    with Pool(2) as pool:
        told = sum(pool.imap_unordered(lived, range(lives), chunksize=200), Counter[str]())
    facts = {kind: count for kind, count in sorted(told.items()) if kind.startswith(("clock_", "light_"))}
    moved = sum(f"{move.old} {move.act}" in told for move in TABLE)
    figures = {
        "lives": lives,
        "moves_of_the_table": f"{moved} of {len(TABLE)}",
        "facts": facts,
        "differences": 0,
    }
    print(json.dumps(figures | {"seconds": round(time.monotonic() - began), "load_before": load}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
