"""Twilio as our telephone system: outbound calls, connecting agents, hanging up. Dialogue: ivr/twilio."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import requests
from twilio.base.exceptions import TwilioRestException

from hotline.config import settings
from hotline.errors import ProviderError
from hotline.telephony.ports import CITIZEN_RING_SECONDS, Member
from hotline.twilio import webhooks
from hotline.twilio.client import SECONDS, client

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class TwilioControl:
    """TelephonyControl over Twilio's REST API. Agents are voice clients named by their extension."""

    system = "twilio"
    distributes = False

    def __init__(self) -> None:
        self._twilio = settings().twilio
        self._client = client()

    def ring_citizen(self, number: str, *, hotline: str, survey_id: int, attempt: str) -> str:
        own = settings().telephony.number_of(hotline, begins="+")
        with _told_as_ours():
            call = self._client.calls.create(
                to=number,
                from_=own or self._twilio.caller_number,
                url=webhooks.address("/twilio/survey", survey=str(survey_id)),
                status_callback=webhooks.address("/twilio/status"),
                status_callback_event=["completed"],
                timeout=CITIZEN_RING_SECONDS,
            )
        return str(call.sid)

    def ring_agent(self, call_system_id: str, extension: str) -> str:
        """The caller is taken out of the queue to dial the agent: so the agent gets this very caller.

        The leg's id is ours: Twilio names the agent's leg only once it rings.
        """
        leg = secrets.token_hex(12)
        with _told_as_ours():
            url = webhooks.address("/twilio/agent-leg", leg=leg, extension=extension)
            self._client.calls(call_system_id).update(url=url, method="POST")
        return leg

    def transfer(self, call_system_id: str, queue: str) -> None:
        """The caller's call leaves its <Dial>, which ends the agent's leg."""
        with _told_as_ours():
            url = webhooks.address("/twilio/transferred", queue=queue)
            self._client.calls(call_system_id).update(url=url, method="POST")

    def hang_up(self, system_id: str) -> None:
        try:
            with _told_as_ours():
                self._client.calls(system_id).update(status="completed")
        except ProviderError as error:
            if not error.permanent:
                raise

    def add_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None:
        """Twilio knows no members: agents/ chooses."""

    def pause_member(self, queue: str, extension: str, *, paused: bool, reason: str = "") -> None:
        """Twilio knows no members."""

    def remove_member(self, queue: str, extension: str) -> None:
        """Twilio knows no members."""

    def members(self, queue: str) -> tuple[Member, ...]:
        return ()

    def waiting(self, queue: str) -> tuple[str, ...]:
        with _told_as_ours():
            found = [q for q in self._client.queues.list() if q.friendly_name == queue]
            people = [member for q in found for member in q.members.list()]
        return tuple(str(member.call_sid) for member in sorted(people, key=lambda m: m.position))

    def is_over(self, system_id: str) -> bool:
        with _told_as_ours():
            try:
                return str(self._client.calls(system_id).fetch().status) not in LIVE
            except TwilioRestException as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                return True

    def recording(self, recording_id: str) -> bytes:
        """The sound file (WAV). Raises ProviderError."""
        account = self._twilio.account_sid
        base = self._twilio.api_base.rstrip("/")
        url = f"{base}/2010-04-01/Accounts/{account}/Recordings/{recording_id}.wav"
        with _told_as_ours():
            answer = requests.get(url, auth=(account, self._twilio.auth_token), timeout=SECONDS)
        if not answer.ok:
            permanent = 400 <= answer.status_code < 500
            raise ProviderError(f"Twilio answered {answer.status_code} for a recording", permanent=permanent)
        return answer.content


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Raises ProviderError: permanent when Twilio refused, not when it could not be reached."""
    try:
        yield
    except TwilioRestException as error:
        permanent = 400 <= error.status < 500 and error.status != HTTPStatus.TOO_MANY_REQUESTS
        raise ProviderError(f"Twilio answered {error.status} ({error.code})", permanent=permanent) from error
    except requests.RequestException as error:
        kind = type(error).__name__
        raise ProviderError(f"Twilio cannot be reached ({kind})", permanent=False) from error
