"""The door of the API: who knocks, how often, what they say; each act once; every refusal as problem+json."""

import hashlib
import json
from typing import Any

from flask import Response, g, make_response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from dispatch.partners import keys
from dispatch.partners.models import PartnerAnswer
from hotline import clock, quota
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import HotlineError, InvalidInput
from hotline.web.errors import STATUS

LONGEST_KEY = 80
OWN_STATUS = {
    "key_refused": 401,
    "too_many": 429,
    "key_used_before": 422,
    "invalid_input": 422,
    "offer_expired": 409,
    "firm_not_allowed": 409,
    "held_back": 409,
    "return_too_late": 409,
    "verdict_stands": 409,
    "price_not_agreed": 409,
}


class KeyRefused(HotlineError):
    code = "key_refused"


class TooMany(HotlineError):
    code = "too_many"


class KeyUsedBefore(HotlineError):
    """The same Idempotency-Key for another request."""

    code = "key_used_before"


def let_in() -> None:
    """Raises KeyRefused, TooMany."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    with transaction() as session:
        g.partner = keys.recognise(session, key.strip()) if scheme.lower() == "bearer" else None
    if g.partner is None:
        raise KeyRefused("send Authorization: Bearer with a key that was not revoked")
    if quota.used(f"api:{g.partner.key_hash[:20]}", 60) > settings().partners.requests_per_minute:
        raise TooMany("too many requests in this minute")


def said(name: str) -> str:
    """A text of the request's JSON object; empty when it was left out. Raises InvalidInput."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidInput("body", "send a JSON object")
    value = body.get(name, "")
    if not isinstance(value, str) or "\0" in value:
        raise InvalidInput(name, "send a text")
    return value


def answered_before(session: Session) -> dict[str, Any] | None:
    """What this very request was answered already. Two at once: the second waits for the first.

    Raises KeyUsedBefore.
    """
    if (asked := _asked()) is None:
        return None
    organisation_id, key = asked
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"api {organisation_id} {key}"))))
    found = session.get(PartnerAnswer, asked)
    if found is None:
        return None
    if found.request_hash != _hash():
        raise KeyUsedBefore("this Idempotency-Key came with another request before")
    return found.body


def remember(session: Session, body: dict[str, Any]) -> None:
    if asked := _asked():
        row = PartnerAnswer(organisation_id=asked[0], idempotency_key=asked[1], request_hash=_hash())
        row.body, row.at = body, clock.now()
        session.add(row)


def refused(error: HotlineError) -> Response:
    status = OWN_STATUS.get(error.code) or STATUS.get(error.code, 400)
    field = error.field if isinstance(error, InvalidInput) else None
    return _problem(status, error.code, str(error), field)


def not_understood(error: HTTPException) -> Response:
    return _problem(error.code or 500, error.name.lower().replace(" ", "_"), error.description or "")


def _problem(status: int, code: str, detail: str, field: str | None = None) -> Response:
    body = {"type": f"urn:hotline:problem:{code}", "title": code, "status": status, "detail": detail}
    answer = make_response(json.dumps(body | ({"field": field} if field else {})), status)
    answer.mimetype = "application/problem+json"
    if code == "too_many":
        answer.headers["Retry-After"] = "60"
    return answer


def _asked() -> tuple[int, str] | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        raise InvalidInput("Idempotency-Key", f"at most {LONGEST_KEY} characters")
    return (g.partner.organisation_id, key) if key else None


def _hash() -> str:
    return hashlib.sha256(request.path.encode() + b"\n" + request.get_data(cache=True)).hexdigest()
