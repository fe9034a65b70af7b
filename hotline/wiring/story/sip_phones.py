"""The telephones of a story on a real Asterisk: sipp plays the citizens and the agent's desk telephone."""

from pathlib import Path

from hotline.config import Settings
from hotline.telephony.asterisk import sipp
from hotline.telephony.asterisk.sipp import hang_up, key, pause, talk, wait_for_hang_up
from hotline.wiring.story.telling import must

# A citizen's telephone follows a script, so how long they stay is settled when they dial.
TALKS_SECONDS, WAITS_SECONDS = 30, 8
HEARS_SECONDS = 1.5


class SipPhones:
    """The first citizen stays for the whole talk; one who dials after that soon gives up waiting."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings = settings
        self._sipp = sipp.Sipp(directory, settings.asterisk.sip_port)
        self._running: dict[str, sipp.Phones] = {}
        self._talked = False

    def agent_is_at_the_desk(self, extension: str) -> None:
        desk = (extension, self._settings.asterisk.agent_password)
        self._running[extension] = self._sipp.agents([desk], talk(), wait_for_hang_up())

    def call(self, number: str, dialled: str, keys: str) -> None:
        seconds = WAITS_SECONDS if self._talked else TALKS_SECONDS
        script = (talk(), *sipp.keys(keys, after=HEARS_SECONDS), pause(seconds), hang_up())
        self._running[number] = self._sipp.call(dialled, *script, callers=[number])

    def agent_answers(self, extension: str) -> None:
        """The desk telephone answers whatever rings."""
        must(self._running[extension].process.poll() is None, f"the telephone of {extension} is on")

    def hang_up(self, number: str) -> None:
        self._running.pop(number).succeeds()
        self._talked = True

    def answers_survey(self, number: str, keys: tuple[str, str]) -> None:
        """Behind the carrier's port; pressing a key cuts a prompt short."""
        port = int(self._settings.asterisk.trunk.rpartition(":")[2])
        presses = [key(digit, after=HEARS_SECONDS) for digit in keys]
        self._running[f"{number} at home"] = self._sipp.answer_calls(
            port, talk(), *presses, wait_for_hang_up()
        )

    def put_down(self) -> None:
        for phones in self._running.values():
            phones.stop()
