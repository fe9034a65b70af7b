"""Twilio as our telephone system: outbound calls, connecting agents, hanging up. Dialogue: ivr/twilio."""

import secrets
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioRestException

from hotline.config import settings
from hotline.errors import ProviderError
from hotline.telephony.ports import Member
from hotline.telephony.twilio.rest import PUBLISHED_BASE, SECONDS, client, told_as_ours

CITIZEN_RING_SECONDS = 30
NOT_FOUND = 404
LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class TwilioControl:
    """TelephonyControl over Twilio's REST API. Agents are voice clients named by their extension."""

    system = "twilio"
    distributes = False

    def __init__(self) -> None:
        self._twilio = settings().twilio
        self._client = client(self._twilio)

    @property
    def webhooks_base(self) -> str:
        """Where Twilio finds ivr/twilio/webhooks.py."""
        return settings().site.public_url.rstrip("/")

    def ring_citizen(self, number: str, *, survey_id: int, attempt: str) -> str:
        with told_as_ours():
            call = self._client.calls.create(
                to=number,
                from_=self._twilio.caller_number,
                url=self._webhook("survey", survey=str(survey_id)),
                status_callback=self._webhook("status"),
                status_callback_event=["completed"],
                timeout=CITIZEN_RING_SECONDS,
            )
        return str(call.sid)

    def ring_agent(self, call_system_id: str, extension: str) -> str:
        """The caller is taken out of the queue to dial the agent: so the agent gets this very caller.

        The leg's id is ours: Twilio names the agent's leg only once it rings.
        """
        leg = secrets.token_hex(12)
        with told_as_ours():
            call = self._client.calls(call_system_id)
            call.update(url=self._webhook("agent-leg", leg=leg, extension=extension), method="POST")
        return leg

    def hang_up(self, system_id: str) -> None:
        try:
            with told_as_ours():
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
        with told_as_ours():
            found = [q for q in self._client.queues.list() if q.friendly_name == queue]
            people = [member for q in found for member in q.members.list()]
        return tuple(str(member.call_sid) for member in sorted(people, key=lambda m: m.position))

    def is_over(self, system_id: str) -> bool:
        with told_as_ours():
            try:
                return str(self._client.calls(system_id).fetch().status) not in LIVE
            except TwilioRestException as error:
                if error.status != NOT_FOUND:
                    raise
                return True

    def recording(self, recording_id: str) -> bytes:
        """The sound file (WAV). Raises ProviderError."""
        account = self._twilio.account_sid
        path = f"/2010-04-01/Accounts/{account}/Recordings/{recording_id}.wav"
        base = self._twilio.api_base.rstrip("/") or PUBLISHED_BASE
        with told_as_ours():
            answer = requests.get(base + path, auth=(account, self._twilio.auth_token), timeout=SECONDS)
        if not answer.ok:
            permanent = 400 <= answer.status_code < 500
            raise ProviderError(f"Twilio answered {answer.status_code} for a recording", permanent=permanent)
        return answer.content

    def _webhook(self, name: str, **fields: str) -> str:
        query = f"?{urlencode(fields)}" if fields else ""
        return f"{self.webhooks_base}/twilio/{name}{query}"
