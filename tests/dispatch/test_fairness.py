"""E08: `python -m tests.dispatch.service_requests 10000` is the same with ten thousand and more firms."""

from tests.dispatch.service_requests import ahead, offers, request, settle

REQUESTS = 120


def test_of_real_requests_each_firm_has_its_share_and_the_barred_have_none(seeded: str) -> None:
    trade = settle(able=8, barred=2)
    request(REQUESTS)
    had = offers()
    assert set(had) == set(trade.able) and had.total() == REQUESTS
    assert ahead(trade, had) <= 1 + 1e-9
