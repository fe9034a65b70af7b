"""Facts of short messages."""

from dataclasses import dataclass

from hotline.events.base import Fact


@dataclass(frozen=True)
class SmsQueued(Fact):
    sms_id: int
    template: str
    parts: int
    ticket_id: int | None


@dataclass(frozen=True)
class SmsSent(Fact):
    """The carrier took it."""

    sms_id: int
    provider: str
    ticket_id: int | None


@dataclass(frozen=True)
class SmsDelivered(Fact):
    """The last part's receipt says the handset has it."""

    sms_id: int
    ticket_id: int | None


@dataclass(frozen=True)
class SmsFailed(Fact):
    """Refused for good, expired, or given up; `unknown` = the sender died between act and record."""

    sms_id: int
    reason: str
    ticket_id: int | None


@dataclass(frozen=True)
class SmsReceived(Fact):
    """A citizen wrote; the text stays in sms_inbound."""

    sms_inbound_id: int
    caller_id: int | None
