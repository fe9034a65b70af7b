"""The port to a carrier: what every adapter takes, gives and raises."""

from dataclasses import dataclass
from typing import Protocol

from hotline.errors import ProviderError
from sms.states import ReceiptStatus

SMPP = "smpp"  # has a process of its own (sms/smpp_bind.py), which looks for work itself: nobody to wake


@dataclass(frozen=True)
class OutgoingSms:
    """A claimed message. `key` is the same for every attempt at it."""

    id: int
    recipient: str
    sender: str
    text: str

    @property
    def key(self) -> str:
        return f"sms-{self.id}"


@dataclass(frozen=True)
class Receipt:
    """One statement of a carrier about a reference. `stated_at` is the carrier's own time, as written."""

    provider_ref: str
    status: ReceiptStatus
    raw: str
    stated_at: str | None = None


class OutcomeUnknown(ProviderError):
    """The message left, no answer came: the carrier may or may not have it."""

    code = "outcome_unknown"

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False)


class NotSubmitted(ProviderError):
    """The message certainly did not leave; the attempt does not count."""

    code = "not_submitted"

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False)


class SmsProvider(Protocol):
    """A carrier that is asked and answers, e.g. over HTTP."""

    name: str
    safe_to_repeat: bool  # the carrier recognises `key`, so a second submit sends nothing twice

    def submit(self, sms: OutgoingSms) -> tuple[str, ...]:
        """Hand the message over; the carrier's references, one a part or one for all parts.

        Raises ProviderError (permanent or not) when refused, OutcomeUnknown when no answer came.
        """
        ...
