"""JSON over HTTP between Hotline and its simulated carrier, signed both ways with one derived secret."""

import hashlib
import hmac
import json
import urllib.request
from typing import Any

from hotline.config import settings

HEADER = "X-Carrier-Signature"
TIMEOUT_SECONDS = 10


def secret() -> bytes:
    """Derived, so that the site's own key never leaves; both processes read the same settings."""
    return hmac.new(settings().site.secret_key.encode(), b"simulated carrier", hashlib.sha256).digest()


def sign(body: bytes) -> str:
    return hmac.new(secret(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, signature: str) -> bool:
    return hmac.compare_digest(sign(body).encode(), signature.encode())


def post(url: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The answer's JSON object. Raises urllib's HTTPError for 4xx and 5xx, OSError when nobody answers."""
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", HEADER: sign(body)}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    # no proxy of the environment: this traffic stays on the machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        read: dict[str, Any] = json.loads(answer.read())
    return read
