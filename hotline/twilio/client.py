"""The twilio library, pointed at twilio.api_base, with a time-out on every request."""

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from hotline.config import settings

SECONDS = 10


def client() -> Client:
    """What it raises (TwilioRestException, requests' errors) the adapters tell in their own words."""
    account = settings().twilio
    made = Client(account.account_sid, account.auth_token, http_client=TwilioHttpClient(timeout=SECONDS))
    made.api.base_url = account.api_base
    return made
