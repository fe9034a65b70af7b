"""Each benchmark runs, small: what it measures is there. How fast it is here says nothing."""

from typing import Any

from benchmarks import calls, in_tray, lights, routing, sms, suggestions, tickets
from benchmarks.ladder import Climb, side_by_side
from benchmarks.sipp_load import Load


def quiet(_name: str, _step: Any) -> None:
    pass


def test_every_call_of_a_step_is_in_the_database_and_the_static_line_plays_the_same_prompts() -> None:
    with calls.lines() as (ours, static):
        kept = calls.step(ours, 4, 2, recorded=True)
        told = calls.step(static, 4, 2, recorded=False)
    assert (kept.load.calls, kept.good, kept.recorded) == (8, 8, True)
    assert (told.load.calls, told.good) == (8, 8)


def test_every_ticket_accepted_is_in_the_database() -> None:
    with tickets.senders() as senders:
        steps = [sender(5, 2) for sender in senders.values()]
    assert [(step.sent, step.accepted, step.rows) for step in steps] == [(10, 10, 10)] * 3


def test_every_text_is_delivered_on_record_and_the_bare_library_is_measured_beside_it() -> None:
    figures = sms.run(0.1, quiet)
    assert figures["ours_per_second"] > 0
    assert figures["bare_per_second"] > 0
    assert all(batch["facts"] == 100 for batch in figures["rounds"]["ours"])


def test_a_suggestion_is_timed_beside_what_it_cannot_do_without() -> None:
    times = suggestions.measure(300, meaning=True)
    assert (times.items, len(times.suggest), len(times.floor)) == (300, 200, 200)
    assert times.row()["times_floor"] >= 0.5 and times.megabytes > 50


def test_every_light_that_turned_is_found_and_none_besides() -> None:
    figures = lights.run(0, quiet, count=300, late=(7,))
    assert (figures["quiet"]["late"], figures["late_7"]["late"]) == (0, 7)
    assert figures["quiet"]["bare_p50_ms"] > 0


def test_an_in_tray_is_looked_at_by_busy_and_idle_organisations_on_every_tab() -> None:
    figures = in_tray.run(0, quiet, count=1_500, rounds=2, preset="small")
    assert figures["busiest"]["orders"] > 5 * figures["tenth"]["orders"] > figures["least"]["orders"]
    assert figures["p95_ms"] > figures["busiest"]["bare_p50_ms"] > 0


def test_a_route_a_turn_and_an_offer_are_timed_and_no_offer_stays() -> None:
    figures = routing.run(0, quiet, preset="small", decisions=30, requests=100)
    assert set(figures) == {"routing", "turns", "offer"}
    assert figures["offer"]["p50_ms"] > figures["turns"]["p50_ms"] > 0


def test_a_line_climbs_until_it_fails_twice_at_one_rate() -> None:
    taken: list[float] = []

    def take(rate: float) -> calls.CallStep:
        taken.append(rate)
        fails = rate >= 60 or taken == [20, 40]
        return calls.CallStep(Load(rate, 100, 50 if fails else 100, 1.0, rate), None, {})

    climb = Climb("line", take, (20, 40, 60, 80))
    side_by_side([climb], quiet)
    assert taken == [20, 40, 40, 60, 60]
    assert climb.best_rate == 40


def test_a_call_missing_from_the_database_fails_its_step() -> None:
    whole = {"call_received": 100, "call_entered_ivr": 100, "call_understood": 100, "call_ended": 100}
    load = Load(50, 100, 100, 1.0, 50)
    assert calls.CallStep(load, whole, {}).held
    assert not calls.CallStep(load, whole | {"call_ended": 99}, {}).held
    assert not calls.CallStep(load, whole | {"call_understood": 98}, {}).held
