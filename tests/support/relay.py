"""The relay without its process."""

from hotline import clock
from hotline.wiring.relay import deliver_due, fan_out


def deliver_all() -> None:
    """Until nothing is owed."""
    while fan_out(clock.now()) + deliver_due(clock.now()):
        pass
