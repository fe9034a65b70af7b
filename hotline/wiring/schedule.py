"""What happens by the clock. Each task finds its work in a table: the next beat catches a missed one."""

import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from agents import jobs as agents
from dispatch import jobs as dispatch
from dispatch.partners import jobs as partners
from hotline import clock
from hotline.attachments import jobs as attachments
from hotline.catalogue import service as catalogue
from hotline.db import transaction
from hotline.jobs import wake
from hotline.learning import jobs as learning
from hotline.legal import jobs as legal
from hotline.log_setup import set_up_logging
from hotline.supervision import jobs as supervision
from hotline.surveys import service as surveys
from hotline.tickets import jobs as clocks
from hotline.trail import jobs as trail
from sms import jobs as sms

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    name: str
    every_seconds: float
    run: Callable[[datetime], object]


def advance_surveys(now: datetime) -> int:
    with transaction() as session:
        return surveys.advance_due(session, now)


def publish_catalogues(now: datetime) -> int:
    with transaction() as session:
        return catalogue.publish_due(session, now)


def wake_telephone_jobs(_: datetime) -> None:
    """A worker rings, because a telephone may ring for half a minute and the clock must not wait."""
    with transaction() as session:
        wake(session, "ivr.jobs.ring_due_surveys")
        wake(session, "ivr.jobs.fetch_recordings")
        wake(session, "ivr.transcripts.write_down_messages")
        wake(session, "ivr.forgotten.end_forgotten_calls")


TASKS: tuple[Task, ...] = (
    Task("offer waiting callers to free agents", 3, agents.sweep_distribution),
    Task("let queue members be as agents wish", 15, agents.sweep_membership),
    Task("end wrap-ups that last too long", 5, agents.end_overdue_wrap_ups),
    Task("pass on offers that timed out", 5, dispatch.time_out_offers),
    Task("ask firms that have opened", 30, dispatch.resume_offers),
    Task("go on without what citizens did not send", 60, dispatch.lapse_supplements),
    Task("ask another firm where a price was not answered", 60, dispatch.lapse_quotes),
    Task("see who has not come", 30, dispatch.miss_check_ins),
    Task("decide whose turn it is at the centre", 3600, dispatch.take_turns),
    Task("look again at the long-term list", 600, dispatch.bring_up_long_term),
    Task("send what was not sent", 10, sms.sweep),
    Task("send what partners did not hear", 15, partners.sweep),
    Task("climb the survey ladder", 5, advance_surveys),
    Task("put scheduled catalogues live", 15, publish_catalogues),
    Task("give lawyers' tasks held too long to others", 60, legal.release_stale_tasks),
    Task("give waiting questions to lawyers on duty", 60, legal.give_out_tasks),
    Task("delete files no ticket has", 6 * 3600, attachments.sweep),
    Task("put lights on record", 30, clocks.turn_due_lights),
    Task("seal facts", 5, trail.seal),
    Task("compare facts with their seals", 600, trail.verify_by_the_clock),
    Task("propose what supervisors decide", 60, supervision.supervise),
    Task("learn from accepted tickets", 10, learning.sweep),
    Task("ring about surveys, fetch recordings", 15, wake_telephone_jobs),
)


class Schedule:
    """Each task has a thread of its own: one that waits for a provider holds up no other."""

    def __init__(self, tasks: tuple[Task, ...]) -> None:
        self._tasks = tasks
        self._threads = ThreadPoolExecutor(max(1, len(tasks)), thread_name_prefix="task")
        self._started: dict[str, float] = {}
        self._running: dict[str, Future[None]] = {}

    def beat(self, moment: float) -> None:
        """Start every task whose time has come and whose last run is over. `moment` in seconds."""
        for task in self._tasks:
            last = self._running.get(task.name)
            due = moment - self._started.get(task.name, float("-inf")) >= task.every_seconds
            if due and (last is None or last.done()):
                self._started[task.name] = moment
                self._running[task.name] = self._threads.submit(_run_safely, task)

    def close(self) -> None:
        """Wait for what runs."""
        self._threads.shutdown()


def _run_safely(task: Task) -> None:
    """One that fails is logged and tried at its next beat."""
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
    schedule = Schedule(TASKS)
    logger.info("scheduler started with %d tasks", len(TASKS))
    while not stopping:
        schedule.beat(time.monotonic())
        time.sleep(0.5)
    schedule.close()
