"""Keys to the API: made, shown once, revoked, recognised."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.partners.models import PartnerKey
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import PartnerKeyMade, PartnerKeyRevoked
from hotline.organisations.models import Organisation


def make(
    session: Session, organisation_id: int, name: str, *, actor: str, now: datetime
) -> tuple[PartnerKey, str]:
    """The row and the key itself, which nobody can be shown again. Raises NotFound, InvalidInput."""
    if session.get(Organisation, organisation_id) is None:
        raise NotFound(f"no organisation {organisation_id}")
    if not name.strip():
        raise InvalidInput("name", "say which system uses it")
    key = f"hotline_{secrets.token_urlsafe(32)}"
    row = PartnerKey(
        organisation_id=organisation_id,
        name=name.strip()[:60],
        key_hash=_hash(key),
        hint=key[-4:],
        made_at=now,
    )
    session.add(row)
    session.flush()
    record(session, PartnerKeyMade(organisation_id=organisation_id, key_id=row.id), actor=actor, at=now)
    return row, key


def revoke(session: Session, organisation_id: int, key_id: int, *, actor: str, now: datetime) -> None:
    """From this moment on it opens nothing. Twice changes nothing. Raises NotFound."""
    row = session.get(PartnerKey, key_id, with_for_update=True)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound(f"no key {key_id}")
    if row.revoked_at is None:
        row.revoked_at = now
        fact = PartnerKeyRevoked(organisation_id=organisation_id, key_id=key_id)
        record(session, fact, actor=actor, at=now)


def recognise(session: Session, key: str) -> PartnerKey | None:
    """None for an unknown or revoked key."""
    wanted = select(PartnerKey).where(PartnerKey.key_hash == _hash(key), PartnerKey.revoked_at.is_(None))
    return session.scalar(wanted)


def _hash(key: str) -> str:
    """Keys are long and random: a plain hash cannot be turned round."""
    return hashlib.sha256(key.encode()).hexdigest()
