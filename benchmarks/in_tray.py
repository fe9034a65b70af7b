"""An organisation's in-tray (/work) among five million tickets: the real page, through Flask, for busy and
idle organisations, on every tab, at the first, the second, a middle and the last page. Beside it the barest
look: twenty orders of that organisation and their tickets, by one index."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks.city import grow
from benchmarks.house import house
from benchmarks.ladder import ratio
from dispatch.queries import IN_TRAY
from hotline import clock
from hotline.db import transaction
from hotline.staff.models import Staff
from hotline.wiring.app import create_app

TICKETS, ROUNDS, AIM = 5_000_000, 8, 150.0
LAST = 500  # a list counts up to 10,000
BY_BUSYNESS = text("SELECT organisation_id, count(*) FROM work_order GROUP BY 1 ORDER BY 2 DESC, 1")
BARE = text(
    "SELECT ticket.number, ticket.text, work_order.* FROM work_order JOIN ticket ON ticket.id = ticket_id"
    " WHERE work_order.organisation_id = :who AND work_order.state = 'answered'"
    " ORDER BY work_order.ended_at DESC LIMIT 20"
)


@dataclass(frozen=True)
class Looks:
    """Milliseconds of each look at one organisation's pages."""

    orders: int
    ours: dict[str, list[float]]  # by tab and page
    bare: list[float]

    @property
    def all(self) -> list[float]:
        return [took for looks in self.ours.values() for took in looks]

    @property
    def held(self) -> bool:
        return p95(self.all) < AIM

    def row(self) -> dict[str, Any]:
        slowest = max(self.ours, key=lambda page: median(self.ours[page]))
        return {
            "orders": self.orders,
            "p50_ms": round(median(self.all), 1),
            "p95_ms": round(p95(self.all), 1),
            "slowest_page_p50_ms": round(median(self.ours[slowest]), 1),
            "bare_p50_ms": round(median(self.bare), 2),
            "times_bare": ratio(median(self.all), median(self.bare)),
            "cpu_ms": {},
        }


def run(
    _seconds: float,
    tell: Callable[[str, Looks], None],
    count: int = TICKETS,
    rounds: int = ROUNDS,
    preset: str = "xuzhou_like",
) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    ours: list[float] = []
    with house():
        grow(count, clock.now(), preset)
        for name, who, orders in _organisations():
            looks = _looked_at(who, orders, rounds)
            tell(name, looks)
            rows[name], ours = looks.row(), ours + looks.all
    return {"tickets": count, "p95_ms": round(p95(ours), 1), "aim_p95_ms": AIM, **rows}


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def _organisations() -> Iterator[tuple[str, int, int]]:
    with transaction() as session:
        found = session.execute(BY_BUSYNESS).all()
    for name, place in (("busiest", 0), ("tenth", 9), ("middling", len(found) // 2), ("least", -1)):
        yield name, *found[place]


def _looked_at(who: int, orders: int, rounds: int) -> Looks:
    browser, pages = _signed_in(who), [(tab, page) for tab in IN_TRAY for page in (1, 2, LAST // 2, LAST)]
    for tab, page in pages:  # warm: a site that is open is
        _look(browser, tab, page)
    looks: dict[str, list[float]] = {f"{tab} {page}": [] for tab, page in pages}
    bare = []
    dice = random.Random(who)
    for _ in range(rounds):
        for tab, page in dice.sample(pages, len(pages)):
            looks[f"{tab} {page}"].append(_look(browser, tab, page))
            bare.append(_bare(who))
    return Looks(orders, looks, bare)


def _signed_in(who: int) -> FlaskClient:
    with transaction() as session:
        person = Staff(
            username=f"bench-{who}",
            name="承办",
            password_hash="none",
            role="organisation",
            organisation_id=who,
        )
        session.add(person)
        session.flush()
        staff_id = person.id
    browser = create_app().test_client()
    with browser.session_transaction() as cookie:
        cookie["staff_id"] = staff_id
    return browser


def _look(browser: FlaskClient, tab: str, page: int) -> float:
    began = time.perf_counter()
    answer = browser.get("/work", query_string={"tab": tab, "page": page})
    took = 1000 * (time.perf_counter() - began)
    assert answer.status_code == 200, answer.status
    return took


def _bare(who: int) -> float:
    began = time.perf_counter()
    with transaction() as session:
        session.execute(BARE, {"who": who}).all()
    return 1000 * (time.perf_counter() - began)
