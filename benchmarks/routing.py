"""Whose a ticket is, decided: each item of the catalogue at places of a city with 2,000 firms, beside the
barest look at who has the role there. Reading the item and finding the office, or the firms, are timed apart,
and in CPU of our own process too: a busy machine lengthens that less than the time that goes by.

Then whose turn it is among 2,000 firms of one trade: the turns alone, beside the least of a list; and all of
an offer with the orders of thirty days, beside a list of the firms.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from statistics import median, quantiles
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from benchmarks.house import Cpu, house
from benchmarks.ladder import ratio
from dispatch import queries, rotation, service
from hotline import clock
from hotline.callers.service import caller_for
from hotline.catalogue.queries import items
from hotline.db import transaction
from hotline.organisations.models import Area, Organisation
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.wiring.seed import seed

DECISIONS, FIRMS, RANKINGS, REQUESTS = 1_000, 2_000, 100, 30_000
AIMS = {"routing": 5.0, "turns": 50.0}
BARE = text(
    "SELECT organisation.id FROM organisation JOIN area ON area.id = area_id"
    " WHERE role_name = :role AND area.code = ANY(string_to_array(:path, '/'))"
)
BARE_FIRMS = text("SELECT id FROM organisation WHERE kind = 'firm' AND licensed AND NOT suspended")
SERVE = text(
    "INSERT INTO service_area (organisation_id, area_id) SELECT id, :county FROM organisation"
    " WHERE kind = 'firm' ON CONFLICT DO NOTHING"
)
# as thirty days of requests would have left them: a firm's share goes by its capacity
ORDERS = text("""
INSERT INTO work_order (ticket_id, organisation_id, kind, round, part, state, principle, sent_at, expires_at,
                        responsible_person, public_reply, ended_at)
SELECT :ticket, id, 'firm', row_number() OVER (), 'lead', 'answered', 'rotation',
       :now - random() * interval '30 days', :now, '王工', '已修好', :now
FROM organisation, generate_series(1, (:requests * capacity_per_day / 14000.0)::int)
WHERE kind = 'firm' AND licensed AND NOT suspended""")


@dataclass(frozen=True)
class Timed:
    """Milliseconds of each decision, and of CPU for one; `steps` also in CPU of our own process."""

    name: str
    ours: list[float]
    bare: list[float]
    cpu_ms: dict[str, float]
    steps: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        return p95(self.ours) < AIMS.get(self.name, inf)

    def row(self) -> dict[str, Any]:
        return {
            "p50_ms": round(median(self.ours), 2),
            "p95_ms": round(p95(self.ours), 2),
            "bare_p50_ms": round(median(self.bare), 2),
            "times_bare": ratio(median(self.ours), median(self.bare)),
            "cpu_ms": self.cpu_ms,
            **{key: ms for name, took in self.steps.items() for key, ms in _step(name, took)},
        }


def _step(name: str, took: list[tuple[float, float]]) -> Iterator[tuple[str, float]]:
    wall, cpu = zip(*took, strict=True)
    yield f"{name}_p50_ms", round(median(wall), 2)
    yield f"{name}_p95_ms", round(p95(wall), 2)
    yield f"{name}_own_cpu_p95_ms", round(p95(cpu), 2)


def run(
    _seconds: float,
    tell: Callable[[str, Timed], None],
    preset: str = "xuzhou_like",
    decisions: int = DECISIONS,
    requests: int = REQUESTS,
) -> dict[str, Any]:
    rows = {}
    with house():
        now = clock.now()
        with transaction() as session:
            seed(session, preset=preset, now=now)
        for found in (_routes(decisions, now), *_turns(requests, now)):
            tell(found.name, found)
            rows[found.name] = found.row()
    return rows


def p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


# --- whose it is -------------------------------------------------------------------------------------------


def _routes(decisions: int, now: datetime) -> Timed:
    """Nothing is dispatched: the decision alone, each in a transaction of its own."""
    dice, ours, bare = random.Random(1), [], []
    steps: dict[str, list[tuple[float, float]]] = {"item": [], "office": [], "firms": []}
    with transaction() as session:
        codes = [item.code for item in items(session, "12345")]
        places = session.scalars(select(Area).where(Area.level.in_(["county", "town", "village"]))).all()
        matters = [_matter(session, code, dice.choice(places), now) for code in codes]
    chosen, cpu, own = dice.choices(matters, k=decisions), Cpu(), time.process_time()
    for matter in chosen:
        with transaction() as session:
            ticket = session.get_one(Ticket, matter)
            read = _took(partial(getattr, ticket, "item"))
            found = _took(partial(queries.suggestion, session, ticket, now))
        ours.append(read[0] + found[0])
        steps["item"].append(read)
        steps["firms" if ticket.item.handler == "firm" else "office"].append(found)
    used = {"ours": round(1000 * (time.process_time() - own) / decisions, 2), **cpu.per(decisions)}
    for matter in chosen:
        with transaction() as session:
            ticket = session.get_one(Ticket, matter)
            told = {"role": ticket.item.department, "path": ticket.area.path if ticket.area else ""}
            bare.append(_timed(partial(session.execute, BARE, told)))
    return Timed("routing", ours, bare, used, steps)


def _matter(session: Session, code: str, place: Area, now: datetime) -> int:
    new = tickets.NewTicket(
        hotline="12345",
        channel="phone",
        kind="complaint",
        item_code=code,
        text="请派人处理",
        area_id=place.id,
        caller_id=caller_for(session, "+8613800138000", now).id,
        share_contact=True,
    )
    return tickets.open_ticket(session, new, actor="system:benchmark", now=now).id


# --- whose turn it is --------------------------------------------------------------------------------------


def _turns(requests: int, now: datetime) -> list[Timed]:
    """The turns alone, and all of an offer: who may be asked, what they had, the order and its facts."""
    ticket_id = _one_trade(requests, now)
    dice = random.Random(2)
    firms = [
        rotation.Candidate(n, dice.randint(1, 30), dice.random(), dice.randint(0, 200), dice.randint(0, 30))
        for n in range(FIRMS)
    ]
    turns = [_timed(lambda: rotation.next_firm(firms, ())) for _ in range(RANKINGS)]
    barest = [_timed(lambda: min(firms, key=lambda firm: firm.organisation_id)) for _ in range(RANKINGS)]
    cpu, own = Cpu(), time.process_time()
    offered = [_offered(ticket_id, now) for _ in range(RANKINGS)]
    used = {"ours": round(1000 * (time.process_time() - own) / RANKINGS, 2), **cpu.per(RANKINGS)}
    with transaction() as session:
        bare = [_timed(lambda: session.execute(BARE_FIRMS).all()) for _ in range(RANKINGS)]
    return [Timed("turns", turns, barest, {}), Timed("offer", offered, bare, used)]


def _one_trade(requests: int, now: datetime) -> int:
    """All firms of the city are of one trade and serve one county; a ticket that wants one of them."""
    with transaction() as session:
        county = session.scalars(select(Area).where(Area.level == "county").order_by(Area.code)).first()
        assert county is not None
        ticket = tickets.get(session, _matter(session, "1802", county, now))
        able = {"role_name": ticket.item.department, "suspended": False, "licensed": True}
        session.execute(update(Organisation).where(Organisation.kind == "firm").values(able))
        session.execute(SERVE, {"county": county.id})
        session.execute(ORDERS, {"ticket": ticket.id, "now": now, "requests": requests})
        session.execute(text("ANALYZE work_order, service_area, organisation"))
        return ticket.id


def _offered(ticket_id: int, now: datetime) -> float:
    """Made, and taken back with its transaction: the next one finds the same."""
    try:
        with transaction() as session:
            took = _timed(lambda: _offer(session, ticket_id, now))
            raise _TakenBack
    except _TakenBack:
        return took


def _offer(session: Session, ticket_id: int, now: datetime) -> None:
    ticket = tickets.get(session, ticket_id)
    assert service.dispatch(session, ticket, actor="system:benchmark", now=now)


class _TakenBack(Exception):
    pass


def _timed(act: Callable[[], object]) -> float:
    return _took(act)[0]


def _took(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds that went by, and of CPU in this process."""
    began, cpu = time.perf_counter(), time.process_time()
    act()
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - cpu)
