"""Ticket numbers citizens can read aloud: GD + local date + six digits; and the code that opens a ticket."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Sequence
from sqlalchemy.orm import Session

from hotline.db import Base

TICKET_SEQUENCE = Sequence("ticket_number", metadata=Base.metadata)
_NEXT = TICKET_SEQUENCE.next_value().select()
_DIGITS = "23456789"  # 0 and 1 are misheard on the telephone


def next_number(session: Session, now: datetime, zone: ZoneInfo) -> str:
    """Never used twice: the counter runs on across days and only its last six digits are shown."""
    counter = session.connection().execute(_NEXT).scalar_one()
    return f"GD{now.astimezone(zone):%Y%m%d}{counter % 1_000_000:06d}"


def query_code() -> str:
    """Six digits that go to the citizen only."""
    return "".join(secrets.choice(_DIGITS) for _ in range(6))
