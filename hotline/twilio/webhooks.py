"""Our webhooks as Twilio knows them: where they are, and who may call them in Twilio's name."""

from urllib.parse import urlencode

from flask import Request
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from hotline.config import settings


def address(path: str, **fields: str) -> str:
    """As the outside sees it, whatever proxies stand in between: what Twilio is given, and signs."""
    query = f"?{urlencode(fields)}" if fields else ""
    return f"{settings().site.public_url.rstrip('/')}{path}{query}"


def is_signed(request: Request) -> bool:
    """With our account's token, for the public address of what is asked."""
    token = settings().twilio.auth_token
    asked = address(f"/{request.url.removeprefix(request.root_url)}")
    signature = request.headers.get(SIGNATURE_HEADER, "")
    # an empty token would make every signature one that anybody can compute
    return bool(token and RequestValidator(token).validate(asked, request.form, signature))
