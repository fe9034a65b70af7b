"""The address a page listens at, with a signed token that says who listens. No database, no Redis needed."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode, urlsplit

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hotline.config import settings
from hotline.staff.models import Staff

TOKEN_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Listener:
    """Who listens: what they may be told depends on it."""

    staff_id: int
    role: str
    organisation_id: int | None


def sign(listener: Listener) -> str:
    return _serializer().dumps(asdict(listener))


def read(token: str) -> Listener | None:
    """None for a token that is forged or older than TOKEN_SECONDS."""
    try:
        return Listener(**_serializer().loads(token, max_age=TOKEN_SECONDS))
    except (BadSignature, TypeError):
        return None


def for_page(staff: Staff) -> str:
    """Empty when no live process runs; the page then refreshes slowly and says so.

    Behind a proxy the proxy passes /live on (docs/operating.md); without one the live port is addressed.
    """
    web = settings().web
    if not (web.live_port and settings().site.secret_key):
        return ""
    token = sign(Listener(staff.id, staff.role, staff.organisation_id))
    host = urlsplit(f"//{request.host}").hostname
    origin = "" if web.trusted_proxies else f"http://{_bracketed(host or web.host)}:{web.live_port}"
    return f"{origin}/live?{urlencode({'token': token})}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().site.secret_key, salt="live")
