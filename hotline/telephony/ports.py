"""What Hotline asks of a telephone system. Dialogue is not here (ivr/): this is control.

Functions are plain and short: each asks the system once and raises ProviderError when it refuses or cannot be
reached. Call none of them inside a transaction.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from hotline.config import settings

CITIZEN_RING_SECONDS = 30
LINES_TAKEN = "lines_taken"  # why a call was refused before any dialogue


@dataclass(frozen=True)
class Member:
    """An agent's telephone in a queue, as the telephone system sees it."""

    extension: str
    paused: bool
    reason: str = ""


class TelephonyControl(Protocol):
    """One adapter a telephone system; tests/telephony/test_control_contract.py runs over all of them."""

    @property
    def system(self) -> str:
        """As in Call.system."""

    @property
    def distributes(self) -> bool:
        """True: the system chooses the agent itself (Asterisk's app_queue) and has members.
        False: agents/ chooses the agent and asks for `ring_agent`.
        """

    def ring_citizen(self, number: str, *, hotline: str, survey_id: int, attempt: str) -> str:
        """Ring `number` (E.164) from a number of this hotline; answered, the survey is played.
        The new call's system id.

        `attempt` names this one try, so that a system which lets us choose ids can be asked about it later.
        """

    def ring_agent(self, call_system_id: str, extension: str) -> str:
        """Connect the waiting caller to this agent's telephone; the system id of the leg that will ring.

        Rings for telephony.agent_ring_seconds; unanswered, the caller goes on waiting.
        Only for systems that do not distribute.
        """

    def transfer(self, call_system_id: str, queue: str) -> None:
        """Take a caller who talks to an agent into this queue; the agent's telephone is free.

        Raises ProviderError when the caller is gone, or goes on talking.
        """

    def hang_up(self, system_id: str) -> None:
        """End this call. A call that is over already is not an error."""

    def add_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None:
        """Let this telephone take calls of the queue; being a member already is not an error."""

    def pause_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None: ...

    def remove_member(self, queue: str, extension: str) -> None:
        """Not being a member is not an error."""

    def members(self, queue: str) -> tuple[Member, ...]:
        """Who takes calls of the queue; empty where the system does not distribute."""

    def waiting(self, queue: str) -> tuple[str, ...]:
        """System ids of the callers who wait, the longest wait first."""

    def is_over(self, system_id: str) -> bool:
        """True when the system knows no such call, or knows that it has ended."""

    def recording(self, recording_id: str) -> bytes:
        """A sound file that lies with the telephone system. Systems that record to our disk need none:
        they raise ProviderError(permanent=True).
        """


# where each adapter stands; imported only when used, as each needs libraries of its own
ADAPTERS = {
    "asterisk": ("hotline.telephony.asterisk.control", "AsteriskControl"),
    "twilio": ("hotline.telephony.twilio.control", "TwilioControl"),
    "simulated": ("hotline.telephony.simulated.control", "SimulatedControl"),
}


@cache
def telephony() -> TelephonyControl:
    """The adapter of this site's telephone system (telephony.system); each makes itself from the settings."""
    module, name = ADAPTERS[settings().telephony.system]
    return cast(TelephonyControl, getattr(import_module(module), name)())


def queue_of(hotline: str) -> str:
    """The operator queue of a hotline: where every call goes that nothing else claims."""
    return f"hotline_{hotline}"
