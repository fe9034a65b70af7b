"""How the switch speaks to Hotline: form posts, signed as Twilio signs them."""

import logging
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import requests
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from hotline.telephony.simulated.exchange import Leg

logger = logging.getLogger(__name__)
SECONDS = 15


class ApplicationError(Exception):
    """Hotline gave no document that can be played; Twilio says so to the caller and hangs up."""


@dataclass(frozen=True)
class Document:
    """TwiML and where it came from: relative addresses in it start there."""

    url: str
    root: Element

    def address(self, relative: str) -> str:
        return urljoin(self.url, relative)


class Webhooks:
    """Signs addresses below `hotline_url`, as Twilio does. `reached_at` is the way there on this machine: the
    public one may lead through a proxy, or nowhere yet.
    """

    def __init__(self, account_sid: str, token: str, hotline_url: str, reached_at: str) -> None:
        self._account_sid, self._hotline_url, self._reached_at = account_sid, hotline_url, reached_at
        self._validator = RequestValidator(token)

    def document(self, leg: Leg, url: str, **more: str) -> Document:
        """Raises ApplicationError."""
        answer = self._post(leg, url, more)
        if answer is None or not answer.ok:
            code = answer.status_code if answer is not None else "nothing"
            raise ApplicationError(f"{url} answered {code}")
        try:
            return Document(url, ElementTree.fromstring(answer.text))
        except ElementTree.ParseError as error:
            raise ApplicationError(f"{url} answered no TwiML: {error}") from error

    def tell(self, leg: Leg, url: str, **more: str) -> None:
        """A callback; what Hotline answers does not matter."""
        answer = self._post(leg, url, more) if url else None
        if answer is not None and not answer.ok:
            logger.warning("%s answered %s", url, answer.status_code)

    def _post(self, leg: Leg, url: str, more: dict[str, str]) -> requests.Response | None:
        form = {
            "AccountSid": self._account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": leg.sid,
            "CallStatus": leg.status,
            "Direction": leg.direction,
            "From": leg.from_,
            "To": leg.to,
        }
        if leg.parent:
            form["ParentCallSid"] = leg.parent.sid
        form |= more
        headers = {SIGNATURE_HEADER: self._validator.compute_signature(url, form)}
        try:
            near = url.replace(self._hotline_url, self._reached_at, 1)
            return requests.post(near, data=form, headers=headers, timeout=SECONDS)
        except requests.RequestException as error:
            logger.warning("%s cannot be reached (%s)", url.partition("?")[0], type(error).__name__)
            return None
