"""The allowed moves of a text message on its way to one citizen; pure."""

from enum import StrEnum


class SmsState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # claimed by a sender that has not yet recorded what came of it
    SENT = "sent"  # the carrier took it
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # perhaps sent, perhaps not: never sent again by itself


MOVES: dict[SmsState, frozenset[SmsState]] = {
    # to sent: the answer to an attempt that was already given up as stuck came after all
    SmsState.QUEUED: frozenset({SmsState.SENDING, SmsState.SENT}),
    SmsState.SENDING: frozenset({SmsState.SENT, SmsState.QUEUED, SmsState.FAILED, SmsState.UNKNOWN}),
    SmsState.SENT: frozenset({SmsState.DELIVERED, SmsState.FAILED}),
    SmsState.UNKNOWN: frozenset({SmsState.SENT}),  # likewise a late answer
    SmsState.DELIVERED: frozenset(),
    SmsState.FAILED: frozenset(),
}


def sources(new: SmsState) -> list[SmsState]:
    """The states from which `new` may be reached."""
    return [old for old, reachable in MOVES.items() if new in reachable]


class PartState(StrEnum):
    """What the carrier said last about one part."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class ReceiptStatus(StrEnum):
    """What one receipt says; `pending` is news on the way (buffered, handset off) and settles nothing."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


FINAL = (ReceiptStatus.DELIVERED, ReceiptStatus.FAILED)
