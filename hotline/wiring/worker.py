"""The rq worker: runs the jobs other parts wake. No fork a job: a job is short, and its row is its safety."""

import rq

from hotline import live
from hotline.jobs import QUEUE
from hotline.log_setup import set_up_logging


def run() -> None:
    """The worker process; SIGTERM lets the job at hand finish."""
    set_up_logging()
    rq.SimpleWorker([QUEUE], connection=live.connection()).work(with_scheduler=False, logging_level="WARNING")
