"""E08: ten thousand requests for one trade, among the firms the register really offers."""

import random
from collections import Counter

from sqlalchemy import update

from dispatch.rotation import Candidate, next_firm
from hotline.db import transaction
from hotline.organisations.models import Organisation
from hotline.organisations.queries import eligible_firms
from tests.dispatch.people import DRAINS, NOW, county, firms_of_the_trade

REQUESTS = 10_000


def test_of_ten_thousand_requests_each_firm_has_its_share_and_the_barred_have_none(seeded: str) -> None:
    pick = random.Random(12)
    with transaction() as session:
        ids = firms_of_the_trade(session, *[pick.randint(1, 12) for _ in range(40)])
        suspended, unlicensed = ids[:5], ids[5:10]
        session.execute(update(Organisation).where(Organisation.id.in_(suspended)).values(suspended=True))
        session.execute(update(Organisation).where(Organisation.id.in_(unlicensed)).values(licensed=False))
        offered = eligible_firms(session, DRAINS, county(session).id, NOW)
        firms = {firm.id: firm.capacity_per_day or 1 for firm in offered}
    offers: Counter[int] = Counter()
    today: Counter[int] = Counter()
    for _ in range(REQUESTS):
        if today.total() == sum(firms.values()):  # a new day
            today.clear()
        turns = [Candidate(id_, capacity, 0.9, offers[id_], today[id_]) for id_, capacity in firms.items()]
        chosen = next_firm(turns, asked=())
        assert chosen is not None and today[chosen] < firms[chosen]  # never above its capacity of the day
        offers[chosen] += 1
        today[chosen] += 1
    assert set(offers) == set(ids[10:]) and offers.total() == REQUESTS
    lowest = min(offers[id_] / capacity for id_, capacity in firms.items())
    for id_, capacity in firms.items():
        assert offers[id_] / capacity - lowest <= 1 / capacity + 1e-9
