"""Requests for one trade through the real services: opened, offered to the firm whose turn it is, accepted.

    python -m tests.dispatch.service_requests 10000

Four weeks, by day, within the window the turns are counted over; no day brings more than the firms can do.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from time import monotonic

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch import service
from dispatch.models import WorkOrder
from dispatch.rotation import WINDOW
from hotline.db import transaction
from hotline.organisations import service as organisations
from hotline.organisations.models import Organisation
from tests.dispatch.people import DISPATCHER, NOW, firms_of_the_trade, open_ticket

DAYS = 28
assert timedelta(DAYS) < WINDOW


@dataclass(frozen=True)
class Trade:
    """`able` firms by id with what they can do a day; others by why they cannot be asked."""

    able: dict[int, int]
    barred: dict[str, list[int]]


def settle(able: int, barred: int) -> Trade:
    """So many able ones, and so many each that are suspended, have no licence, or are open at night only."""
    dice = Random(12)
    capacities = [dice.randint(4, 16) for _ in range(able + 3 * barred)]
    with transaction() as session:
        ids = firms_of_the_trade(session, *capacities)
        kinds = [ids[n * barred : (n + 1) * barred] for n in range(3)]
        suspended, unlicensed, closed = kinds
        for firm in suspended:
            organisations.suspend(session, firm, reason="抽查不合格", actor=DISPATCHER, now=NOW)
        _set(session, unlicensed, licensed=False)
        _set(session, closed, hours="20:00-06:00")
        _set(session, ids[-able // 2 :], hours="08:00-20:00")
    named = dict(zip(("suspended", "unlicensed", "closed"), kinds, strict=True))
    return Trade(dict(list(zip(ids, capacities, strict=True))[-able:]), named)


def _set(session: Session, firms: Sequence[int], **what: object) -> None:
    session.execute(update(Organisation).where(Organisation.id.in_(firms)).values(what))


def request(requests: int) -> None:
    """So many, evenly over the weeks, from ten in the morning to six; the firm that is asked says yes."""
    for number in range(requests):
        days, part = divmod(number * DAYS / requests, 1)
        now = NOW + timedelta(days=days) + part * timedelta(hours=8)
        with transaction() as session:
            ticket = open_ticket(session, number=f"+861390{number:07d}", now=now)
            offer = service.dispatch(session, ticket, actor=DISPATCHER, now=now)
            assert offer is not None
            who = {"responsible_person": "王工", "price_estimate": "80元", "actor": "staff:99"}
            service.accept(session, offer.id, **who, now=now)


def offers() -> Counter[int]:
    """How many each firm of the trade had."""
    with transaction() as session:
        had = select(WorkOrder.organisation_id, func.count()).where(WorkOrder.kind == "firm")
        return Counter(dict(session.execute(had.group_by(WorkOrder.organisation_id)).all()))


def ahead(trade: Trade, had: Counter[int]) -> float:
    """By how many of its own offers a firm is at most ahead of any other; the bound is one (E08)."""
    least = min(had[firm] / capacity for firm, capacity in trade.able.items())
    return max(had[firm] - least * capacity for firm, capacity in trade.able.items())


def main(requests: int) -> None:
    from benchmarks.house import house
    from hotline.wiring.seed import seed

    load, began = os.getloadavg()[0], monotonic()
    with house():
        with transaction() as session:
            seed(session, preset="small", now=NOW)
        trade = settle(able=60, barred=6)
        request(requests)
        had = offers()
    shares: Sequence[float] = [had[firm] / capacity for firm, capacity in trade.able.items()]
    figures = {
        "requests": requests,
        "eligible_firms": len(trade.able),
        "offers_to_others": {why: sum(had[firm] for firm in firms) for why, firms in trade.barred.items()},
        "offers_a_unit_of_capacity": [round(min(shares), 2), round(max(shares), 2)],
        "furthest_ahead_in_own_offers": round(ahead(trade, had), 3),
        "load_before": load,
        "seconds": round(monotonic() - began),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
