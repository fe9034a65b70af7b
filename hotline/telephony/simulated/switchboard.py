"""What people and programs do at the switch: dial, answer, press, speak, hang up, originate, redirect."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from hotline.errors import HotlineError, InvalidInput
from hotline.telephony.simulated.exchange import Exchange, Handset, Leg
from hotline.telephony.simulated.player import Player
from hotline.telephony.simulated.sound import SPOKEN_PACE
from hotline.telephony.simulated.webhooks import Webhooks

RING_SECONDS = 60.0
KEYS = frozenset("0123456789*#")
LONGEST_WORDS = 500


class Busy(HotlineError):
    """That telephone cannot do this now."""

    code = "handset_busy"


@dataclass(frozen=True)
class Outbound:
    """A call the REST interface asks for; times in seconds."""

    to: str
    from_: str
    url: str
    status_callback: str = ""
    status_events: frozenset[str] = frozenset({"completed"})
    timeout: float = RING_SECONDS


@dataclass
class Switchboard:
    account_sid: str
    token: str
    hotline_url: str
    reached_at: str
    caller_number: str = ""
    pace: float = SPOKEN_PACE
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.pace)
        self._webhooks = Webhooks(self.account_sid, self.token, self.hotline_url, self.reached_at)
        self._deeds: dict[str, Callable[[Handset, dict[str, Any]], None]] = {
            "dial": self._dial,
            "answer": self._answer,
            "hang-up": self._hang_up,
            "press": self._press,
            "speak": self._speak,
        }

    def act(self, handset: Handset, deed: str, wishes: dict[str, Any]) -> None:
        """Raises Busy, or InvalidInput naming what to mend."""
        if "pace" in wishes:
            handset.pace = float(wishes["pace"])
        self._deeds[deed](handset, wishes)

    def originate(self, wanted: Outbound) -> Leg:
        """Ring a telephone; the document is asked for once somebody answers."""
        leg = self.exchange.open_leg(
            wanted.to, from_=wanted.from_, to=wanted.to, direction="outbound-api", rings=True
        )
        if leg is None:
            raise Busy("this telephone is in a call")
        leg.status_callback, leg.status_events = wanted.status_callback, wanted.status_events
        self._in_background(self._ring_out, leg, wanted)
        return leg

    def _ring_out(self, leg: Leg, wanted: Outbound) -> None:
        player = Player(self.exchange, self._webhooks, leg)
        self.exchange.wait(lambda: leg.answered or leg.hung_up, wanted.timeout)
        if leg.answered:
            player.run(wanted.url)
        else:
            player.end("busy" if leg.hung_up else "no-answer")

    def _dial(self, handset: Handset, wishes: dict[str, Any]) -> None:
        number = str(wishes.get("number", "")).strip()
        if not number.lstrip("+").isdigit():
            raise InvalidInput("number", "digits only, such as 12345")
        leg = self.exchange.open_leg(
            handset.address, from_=handset.address, to=number, direction="inbound", rings=False
        )
        if leg is None:
            raise Busy("hang up first")
        leg.status_callback = f"{self.hotline_url}/twilio/status"
        player = Player(self.exchange, self._webhooks, leg)
        self._in_background(player.run, f"{self.hotline_url}/twilio/voice")

    def _answer(self, handset: Handset, _: dict[str, Any]) -> None:
        if handset.leg is None or handset.state != "ringing":
            raise Busy("nothing rings")
        self.exchange.answer(handset.leg)

    def _hang_up(self, handset: Handset, _: dict[str, Any]) -> None:
        if handset.leg:
            self.exchange.hang_up(handset.leg)

    def _press(self, handset: Handset, wishes: dict[str, Any]) -> None:
        keys = str(wishes.get("keys", ""))
        if not keys or not KEYS.issuperset(keys):
            raise InvalidInput("keys", "0 to 9, * and #")
        self.exchange.press(self._talking(handset), keys)

    def _speak(self, handset: Handset, wishes: dict[str, Any]) -> None:
        words = str(wishes.get("text", "")).strip()[:LONGEST_WORDS]
        if not words:
            raise InvalidInput("text", "say something")
        self.exchange.speak(self._talking(handset), words)

    def _talking(self, handset: Handset) -> Leg:
        if handset.leg is None or handset.state != "in_call":
            raise Busy("not in a call")
        return handset.leg

    def _in_background(self, work: Callable[..., None], *arguments: Any) -> None:
        Thread(target=work, args=arguments, daemon=True).start()
