"""What happens by the clock: files that never got a ticket are deleted."""

from collections.abc import Collection
from datetime import datetime

from hotline.attachments import queries, store
from hotline.db import transaction


def sweep(now: datetime) -> int:
    """How many were deleted."""
    return store.sweep(now, _without_row)


def _without_row(hashes: Collection[str]) -> Collection[str]:
    with transaction() as session:
        return queries.without_row(session, hashes)
