"""The twilio library, pointed at twilio.api_base, its errors told as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from hotline.config import Twilio
from hotline.errors import ProviderError

PUBLISHED_BASE = "https://api.twilio.com"
SECONDS = 10
TOO_MANY_REQUESTS = 429


class RebasedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Sends to another server what the library means for api.twilio.com."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=SECONDS)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        return super().request(method, url.replace(PUBLISHED_BASE, self._base, 1), *args, **options)


def client(twilio: Twilio) -> Client:
    return Client(twilio.account_sid, twilio.auth_token, http_client=RebasedHttpClient(twilio.api_base))


@contextmanager
def told_as_ours() -> Iterator[None]:
    """Raises ProviderError: permanent when Twilio refused, not when it could not be reached."""
    try:
        yield
    except TwilioRestException as error:
        permanent = 400 <= error.status < 500 and error.status != TOO_MANY_REQUESTS
        raise ProviderError(f"Twilio answered {error.status} ({error.code})", permanent=permanent) from error
    except requests.RequestException as error:
        kind = type(error).__name__
        raise ProviderError(f"Twilio cannot be reached ({kind})", permanent=False) from error
