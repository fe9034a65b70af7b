"""Twilio Programmable Messaging. `twilio.api_base` may point at an emulator on this machine."""

from typing import Any

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from hotline.config import settings
from hotline.errors import ProviderError
from sms.providers.base import OutcomeUnknown, OutgoingSms
from sms.states import ReceiptStatus

TIMEOUT_SECONDS = 10
TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE = 429, 503

# MessageStatus of a status callback; what is missing here (queued, sending, sent) is news on the way
STATUSES = {
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.DELIVERED,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
}


class TwilioSms:
    name = "twilio"
    safe_to_repeat = False  # Twilio has no idempotency key for messages

    def submit(self, sms: OutgoingSms) -> tuple[str, ...]:
        try:
            message = _client().messages.create(
                to=sms.recipient,
                from_=settings().twilio.caller_number,
                body=sms.text,
                status_callback=f"{settings().site.public_url}/sms/twilio/status",
            )
        except TwilioRestException as error:
            raise _refusal(error) from error
        except requests.ConnectTimeout as error:
            raise ProviderError("Twilio unreachable", permanent=False) from error
        except requests.ConnectionError as error:
            raise _broken(error) from error
        except requests.RequestException as error:
            raise OutcomeUnknown(f"no answer from Twilio: {type(error).__name__}") from error
        return (str(message.sid),)


def _client() -> Client:
    account = settings().twilio
    client = Client(
        account.account_sid, account.auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS)
    )
    client.api.base_url = account.api_base
    return client


def _refusal(error: TwilioRestException) -> ProviderError:
    said = f"Twilio answered {error.status}, code {error.code}"
    if error.status in (TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE):
        return ProviderError(said, permanent=False)
    # another 5xx may come from half-way, after the message was taken
    return OutcomeUnknown(said) if error.status >= 500 else ProviderError(said, permanent=True)


def _broken(error: requests.ConnectionError) -> ProviderError:
    """A connection that never stood carried nothing; one that broke may have carried the message."""
    if "NewConnectionError" in repr(error):
        return ProviderError("Twilio unreachable", permanent=False)
    return OutcomeUnknown("the connection to Twilio broke")


def is_signed(path: str, form: Any, signature: str) -> bool:
    """Twilio signs the address it was given, so ours as the outside sees it; right behind a proxy too."""
    token = settings().twilio.auth_token
    url = settings().site.public_url.rstrip("/") + path
    return bool(token) and RequestValidator(token).validate(url, form, signature)
