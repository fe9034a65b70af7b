"""Twilio's side of the line, for tests: signs webhooks and walks the TwiML it gets, verb by verb."""

from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.ivr.conftest import PUBLIC_URL

BASE = PUBLIC_URL
CITIZEN = "+8613800138000"


class Carrier:
    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._validator = RequestValidator(token)
        self._calls = 0

    def post(self, url: str, form: dict[str, str], *, signature: str | None = None) -> TestResponse:
        signed = self._validator.compute_signature(url, form) if signature is None else signature
        return self._client.post(url, data=form, headers={"X-Twilio-Signature": signed}, base_url=BASE)

    def dial(self, to: str = "+8612345", from_: str = CITIZEN) -> "CarriedCall":
        self._calls += 1
        call = CarriedCall(self, f"CA{self._calls:032d}", from_, to)
        call.fetch("/twilio/voice", CallStatus="ringing", Direction="inbound")
        return call


class CarriedCall:
    """One call: `document` is the TwiML being played."""

    def __init__(self, carrier: Carrier, sid: str, from_: str, to: str) -> None:
        self._carrier = carrier
        self.sid = sid
        self._form = {"CallSid": sid, "From": from_, "To": to, "AccountSid": "AC" + "0" * 32}
        self.url = BASE
        self.document = Element("Response")

    def fetch(self, url: str, **form: str) -> "CarriedCall":
        """Ask for a document and play it from now on."""
        self.url = urljoin(self.url, url)
        answer = self._carrier.post(self.url, self._form | form)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "text/xml"
        self.document = ElementTree.fromstring(answer.text)
        return self

    def tell(self, url: str, **form: str) -> int:
        """A callback whose answer is ignored; its HTTP status."""
        return self._carrier.post(urljoin(BASE, url), self._form | form).status_code

    def press(self, digits: str) -> "CarriedCall":
        return self.fetch(self.verb("Gather").attrib["action"], Digits=digits)

    def speak(self, words: str) -> "CarriedCall":
        gather = self.verb("Gather")
        assert "speech" in gather.attrib["input"].split()
        return self.fetch(gather.attrib["action"], SpeechResult=words, Confidence="0.9")

    def leave_message(self, seconds: int, ended_by: str = "") -> "CarriedCall":
        """`ended_by` is a key, "hangup", or nothing after a silence."""
        told = {"RecordingSid": f"RE{self.sid[2:]}", "RecordingDuration": str(seconds), "Digits": ended_by}
        record = self.verb("Record").attrib
        assert self.tell(record["recordingStatusCallback"], **told, RecordingStatus="completed") == 204
        return self.fetch(record["action"], **told)

    def stay_silent(self) -> "CarriedCall":
        """No input: Twilio goes on with the verb after Gather or Record."""
        verbs = list(self.document)
        listening = next(verb for verb in verbs if verb.tag in ("Gather", "Record"))
        after = verbs[verbs.index(listening) + 1]
        assert after.tag == "Redirect"
        return self.fetch(str(after.text))

    def wait_in_queue(self) -> "CarriedCall":
        return self.fetch(self.verb("Enqueue").attrib["waitUrl"], QueueTime="0", QueuePosition="1")

    def hang_up(self) -> None:
        assert self.tell("/twilio/status", CallStatus="completed") == 204

    def verb(self, tag: str) -> Element:
        found = self.document.find(f".//{tag}")
        assert found is not None, f"no {tag} in {self.verbs}"
        return found

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in self.document]

    @property
    def heard(self) -> str:
        return " ".join(say.text or "" for say in self.document.iter("Say"))
