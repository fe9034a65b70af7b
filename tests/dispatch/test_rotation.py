"""E08: turns are fair, within the bound the module states."""

import random
import timeit

from dispatch.rotation import Candidate, next_firm


def firms(capacities: list[int | None]) -> list[Candidate]:
    return [Candidate(number, capacity, 0.9, 0) for number, capacity in enumerate(capacities, start=1)]


def after_offer(candidates: list[Candidate], chosen: int) -> list[Candidate]:
    return [
        Candidate(c.organisation_id, c.capacity, c.rating, c.recent_offers + (c.organisation_id == chosen))
        for c in candidates
    ]


def test_over_ten_thousand_requests_nobody_is_more_than_one_offer_ahead() -> None:
    pick = random.Random(8)
    candidates = firms([pick.randint(1, 30) for _ in range(40)])
    for request in range(10_000):
        chosen = next_firm(candidates, asked=())
        assert chosen is not None
        candidates = after_offer(candidates, chosen)
        if request % 97 == 0 or request == 9_999:
            lowest = min(c.recent_offers / c.capacity for c in candidates if c.capacity)
            for c in candidates:
                assert c.capacity
                assert c.recent_offers / c.capacity - lowest <= 1 / c.capacity + 1e-9
    assert sum(c.recent_offers for c in candidates) == 10_000


def test_a_firm_with_twice_the_capacity_gets_twice_the_offers() -> None:
    candidates = firms([5, 10])
    for _ in range(300):
        candidates = after_offer(candidates, next_firm(candidates, asked=()) or 0)
    assert [c.recent_offers for c in candidates] == [100, 200]


def test_equals_go_by_rating_then_by_id() -> None:
    plain, better = Candidate(1, 5, 0.8, 2), Candidate(2, 5, 0.95, 2)
    assert next_firm([plain, better], asked=()) == 2
    assert next_firm([Candidate(4, 5, 0.9, 0), Candidate(3, 5, 0.9, 0)], asked=()) == 3
    assert next_firm([Candidate(1, None, None, 0), Candidate(2, 0, None, 0)], asked=()) == 1


def test_nobody_is_asked_twice_and_at_last_nobody_is_left() -> None:
    candidates = firms([1, 1, 1])
    asked: list[int] = []
    while (chosen := next_firm(candidates, asked)) is not None:
        asked.append(chosen)
    assert sorted(asked) == [1, 2, 3]


def test_who_has_as_many_jobs_of_today_as_it_can_do_is_passed_over_until_nobody_has_room() -> None:
    full, busy = Candidate(1, 2, 0.9, 2, today=2), Candidate(2, 2, 0.9, 30, today=1)
    assert next_firm([full, busy], asked=()) == 2
    assert next_firm([full, busy], asked=(2,)) == 1
    untold = Candidate(3, None, 0.9, 40, today=9)
    assert next_firm([full, untold], asked=()) == 3


def test_two_thousand_firms_are_ranked_far_within_fifty_milliseconds() -> None:
    pick = random.Random(3)
    two_thousand = [
        Candidate(number, pick.randint(1, 30), pick.random(), pick.randint(0, 200), pick.randint(0, 30))
        for number in range(2_000)
    ]
    fastest = min(timeit.repeat(lambda: next_firm(two_thousand, asked=()), number=1, repeat=20))
    assert fastest < 0.05
