"""Twilio Programmable Messaging."""

from http import HTTPStatus

import requests
from twilio.base.exceptions import TwilioRestException

from hotline.config import settings
from hotline.errors import ProviderError
from hotline.twilio import webhooks
from hotline.twilio.client import client
from sms.providers.base import OutcomeUnknown, OutgoingSms
from sms.states import ReceiptStatus

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
            message = client().messages.create(
                to=sms.recipient,
                from_=settings().twilio.caller_number,
                body=sms.text,
                status_callback=webhooks.address("/sms/twilio/status"),
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


def _refusal(error: TwilioRestException) -> ProviderError:
    said = f"Twilio answered {error.status}, code {error.code}"
    if error.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return ProviderError(said, permanent=False)
    # another 5xx may come from half-way, after the message was taken
    return OutcomeUnknown(said) if error.status >= 500 else ProviderError(said, permanent=True)


def _broken(error: requests.ConnectionError) -> ProviderError:
    """A connection that never stood carried nothing; one that broke may have carried the message."""
    if "NewConnectionError" in repr(error):
        return ProviderError("Twilio unreachable", permanent=False)
    return OutcomeUnknown("the connection to Twilio broke")
