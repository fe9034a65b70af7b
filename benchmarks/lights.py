"""The scan for lights that turned, over 100,000 open tickets with two clocks each: while none turns, and when
many do at once. Beside it the barest query on the same index, and the barest change of as many rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import text

from benchmarks.house import house
from benchmarks.ladder import ratio
from hotline import clock
from hotline.db import Base, transaction
from hotline.tickets import jobs
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketClock
from hotline.wiring.seed import seed

TICKETS, SCANS, LATE = 100_000, 200, (100, 1000, 10_000)
AHEAD = timedelta(days=1)  # nothing turns while this runs, but what is made late

BARE_SCAN = text("SELECT id FROM ticket_clock WHERE turns_at < :now ORDER BY turns_at LIMIT 500")
BARE_CHANGE = text("UPDATE ticket_clock SET light = 'yellow', turns_at = due_at WHERE turns_at < :now")


@dataclass(frozen=True)
class Timed:
    """Milliseconds of each run; `late` clocks were found in it."""

    late: int
    ours: list[float]
    bare: list[float]
    held = True

    def row(self) -> dict[str, Any]:
        return {
            "late": self.late,
            "ours_p50_ms": round(median(self.ours), 2),
            "ours_p95_ms": round(quantiles(self.ours, n=20)[-1] if len(self.ours) > 1 else self.ours[0], 2),
            "bare_p50_ms": round(median(self.bare), 2),
            "times_bare": ratio(median(self.ours), median(self.bare)),
            "cpu_ms": {},
        }


def run(
    _seconds: float, tell: Callable[[str, Timed], None], count: int = TICKETS, late: tuple[int, ...] = LATE
) -> dict[str, Any]:
    rows = {}
    with house():
        now = clock.now()
        fill(count, now)
        quiet = Timed(0, [scan(now, 0) for _ in range(SCANS)], [bare_scan(now) for _ in range(SCANS)])
        for name, found in (("quiet", quiet), *((f"late_{n}", many(n, now)) for n in late)):
            tell(name, found)
            rows[name] = found.row()
    return {"open_tickets": count, **rows}


def fill(count: int, now: datetime) -> None:
    """One ticket as the product opens it, and copies of it."""
    with transaction() as session:
        seed(session, preset="small", now=now)
        new = tickets.NewTicket(
            hotline="12345", channel="web", kind="complaint", item_code="0801", text="占道经营"
        )
        first = tickets.open_ticket(session, new, actor="system:benchmark", now=now).id
    ticket, clocks = columns(Ticket, "id", "number"), columns(TicketClock, "id", "ticket_id")
    with transaction() as session:
        session.execute(
            text(
                f"INSERT INTO ticket (number, {ticket}) SELECT 'B' || n, {ticket}"
                " FROM ticket, generate_series(2, :count) n WHERE id = :first"
            ),
            {"count": count, "first": first},
        )
        session.execute(
            text(
                f"INSERT INTO ticket_clock (ticket_id, {clocks}) SELECT copy.id, {clocks}"
                " FROM ticket_clock t, ticket copy WHERE t.ticket_id = :first AND copy.id <> :first"
            ),
            {"first": first},
        )
        spread = "UPDATE ticket_clock SET turns_at = :soonest + random() * interval '20 days'"
        session.execute(text(spread), {"soonest": now + AHEAD})
        session.execute(text("ANALYZE ticket_clock"))


def columns(table: type[Base], *without: str) -> str:
    return ", ".join(column.name for column in table.__table__.columns if column.name not in without)


def many(late: int, now: datetime) -> Timed:
    """So many turned at once: ours puts each on record, the bare one changes as many rows."""
    make_late(late, now)
    ours = scan(now, late)
    make_late(late, now)
    return Timed(late, [ours], [bare_change(now)])


def make_late(late: int, now: datetime) -> None:
    some = "SELECT id FROM ticket_clock WHERE light = 'green' LIMIT :late"
    with transaction() as session:
        session.execute(
            text(f"UPDATE ticket_clock SET yellow_at = :past, turns_at = :past WHERE id IN ({some})"),
            {"past": now - timedelta(seconds=1), "late": late},
        )


def scan(now: datetime, expected: int) -> float:
    began = time.perf_counter()
    turned = jobs.turn_due_lights(now)
    took = 1000 * (time.perf_counter() - began)
    assert turned == expected, f"{turned} clocks turned, not {expected}"
    return took


def bare_scan(now: datetime) -> float:
    began = time.perf_counter()
    with transaction() as session:
        assert not session.execute(BARE_SCAN, {"now": now}).all()
    return 1000 * (time.perf_counter() - began)


def bare_change(now: datetime) -> float:
    began = time.perf_counter()
    with transaction() as session:
        session.execute(BARE_CHANGE, {"now": now})
    return 1000 * (time.perf_counter() - began)
