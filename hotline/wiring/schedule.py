"""What happens by the clock. Each task finds its work in a table: the next beat catches a missed one."""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hotline import clock
from hotline.db import transaction
from hotline.log_setup import set_up_logging
from hotline.surveys import service as surveys

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    name: str
    every_seconds: float
    run: Callable[[datetime], object]


def advance_surveys(now: datetime) -> int:
    with transaction() as session:
        return surveys.advance_due(session, now)


TASKS: tuple[Task, ...] = (Task("climb the survey ladder", 30, advance_surveys),)


def run_due(tasks: tuple[Task, ...], last: dict[str, float], moment: float) -> None:
    """Run every task whose time has come; one that fails is logged and tried at its next beat."""
    for task in tasks:
        if moment - last.get(task.name, float("-inf")) < task.every_seconds:
            continue
        last[task.name] = moment
        try:
            task.run(clock.now())
        except Exception:
            logger.exception("scheduled task failed: %s", task.name)


def run() -> None:
    """The scheduler process, until SIGTERM."""
    set_up_logging()
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: stopping.append(n))
    last: dict[str, float] = {}
    logger.info("scheduler started with %d tasks", len(TASKS))
    while not stopping:
        run_due(TASKS, last, time.monotonic())
        time.sleep(0.5)
