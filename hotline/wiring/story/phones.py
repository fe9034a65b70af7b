"""The telephones of a story: who calls, who answers. One set of people for each telephone system."""

from typing import Protocol

from hotline.telephony.simulated.handset import SimulatedHandset


class Phones(Protocol):
    def agent_is_at_the_desk(self, extension: str) -> None:
        """The agent's telephone is there and can ring."""

    def call(self, number: str, dialled: str, keys: str) -> None:
        """This citizen dials and presses `keys` when asked."""

    def agent_answers(self, extension: str) -> None:
        """The agent's telephone rings and is answered."""

    def hang_up(self, number: str) -> None:
        """This citizen hangs up."""

    def answers_survey(self, number: str, keys: tuple[str, str]) -> None:
        """This citizen's telephone rings, is answered, and both questions get a key."""

    def put_down(self) -> None:
        """Whatever still rings or runs is stopped."""


class SimulatedPhones:
    """Handsets at the simulated switch."""

    def __init__(self, switch_url: str) -> None:
        self._url = switch_url
        self._handsets: dict[str, SimulatedHandset] = {}

    def agent_is_at_the_desk(self, extension: str) -> None:
        self._handset(f"client:{extension}")

    def call(self, number: str, dialled: str, keys: str) -> None:
        handset = self._handset(number)
        handset.dial(dialled)
        handset.press(keys)

    def agent_answers(self, extension: str) -> None:
        self._handset(f"client:{extension}").answer()

    def hang_up(self, number: str) -> None:
        self._handset(number).hang_up()

    def answers_survey(self, number: str, keys: tuple[str, str]) -> None:
        handset = self._handset(number)
        handset.wait_for("ringing", 60)
        handset.answer()
        for key in keys:
            handset.press(key)

    def put_down(self) -> None:
        for handset in self._handsets.values():
            if handset.state != "idle":
                handset.hang_up()

    def _handset(self, address: str) -> SimulatedHandset:
        if address not in self._handsets:
            self._handsets[address] = SimulatedHandset(self._url, address)
        return self._handsets[address]
