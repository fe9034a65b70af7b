"""The clock's tasks: each at its own beat, none held up by another, none twice at once."""

import threading
from collections.abc import Callable
from datetime import datetime

from hotline.wiring.schedule import TASKS, Schedule, Task


def task(name: str, every: float, run: Callable[[datetime], object]) -> Task:
    return Task(name, every, run)


def test_a_task_that_waits_for_a_provider_holds_up_no_other() -> None:
    released, ran = threading.Event(), threading.Event()
    schedule = Schedule((task("slow", 1, lambda _: released.wait(20)), task("quick", 1, lambda _: ran.set())))
    schedule.beat(0)
    assert ran.wait(20)
    released.set()
    schedule.close()


def test_a_task_that_still_runs_is_not_started_again() -> None:
    released = threading.Event()
    started: list[datetime] = []

    def slow(now: datetime) -> None:
        started.append(now)
        released.wait(20)

    schedule = Schedule((task("slow", 1, slow),))
    for moment in range(5):
        schedule.beat(moment)
    released.set()
    schedule.close()
    assert len(started) == 1


def test_a_task_runs_at_its_beat_and_again_after_a_fault() -> None:
    runs: list[int] = []

    def fail(_: datetime) -> None:
        runs.append(1)
        raise RuntimeError("the provider is away")

    schedule = Schedule((task("faulty", 5, fail),))
    for moment in (0, 4, 5):
        schedule.beat(moment)
        while schedule._running["faulty"].running():
            pass
    schedule.close()
    assert len(runs) == 2


def test_every_task_has_a_name_of_its_own() -> None:
    assert len({one.name for one in TASKS}) == len(TASKS)
