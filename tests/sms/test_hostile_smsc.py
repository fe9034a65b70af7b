"""A carrier that breaks the protocol neither stops the bind nor makes it send twice."""

from collections.abc import Callable

import pytest

from hotline.db import transaction
from sms.models import SmsPart
from tests.sms.conftest import bound, message, queue, state
from tests.sms.hostile_smsc import GENERIC_NACK, RESPONSE, HostileSmsc
from tests.support.waiting import eventually

House = Callable[..., None]


def _house(house: House, smsc: HostileSmsc) -> None:
    house(provider="smpp", smpp={"port": smsc.port, "password": "secret", "enquire_link_seconds": 1})


@pytest.mark.parametrize("mood", ["nack", "nack_without_reason"])
def test_a_message_the_carrier_cannot_read_fails_or_is_tried_later_and_the_bind_lives(
    house: House, mood: str
) -> None:
    with HostileSmsc(mood) as smsc:
        _house(house, smsc)
        bad = queue()
        with bound():
            eventually(lambda: message(bad).attempts == 1 and state(bad) in ("failed", "queued"))
            smsc.mood = "take"
            good = queue("thanks:survey:2")
            eventually(lambda: state(good) == "sent")
        assert smsc.binds == 1


@pytest.mark.parametrize("mood", ["nack_without_number", "too_short", "too_long"])
def test_a_stream_that_cannot_be_followed_is_begun_anew_and_its_message_is_unknown(
    house: House, mood: str
) -> None:
    with HostileSmsc(mood) as smsc:
        _house(house, smsc)
        lost = queue()
        with bound():
            eventually(lambda: state(lost) == "unknown")
            smsc.mood = "take"
            good = queue("thanks:survey:2")
            eventually(lambda: state(good) == "sent")
        assert (smsc.binds, smsc.submits) == (2, 2)


@pytest.mark.parametrize(
    "mood",
    [
        "unknown_command",
        "unknown_answer",
        "enquire_link_and_take",
        "take_with_parameters",
        "deliver_before_bound",
    ],
)
def test_oddities_around_a_good_answer_do_not_harm_it(house: House, mood: str) -> None:
    with HostileSmsc(mood) as smsc:
        _house(house, smsc)
        sent = queue()
        with bound():
            eventually(lambda: state(sent) == "sent")
        with transaction() as session:
            assert session.get_one(SmsPart, (sent, 1)).provider_ref == "h1"
        assert smsc.binds == 1
        if mood == "unknown_command":
            assert (GENERIC_NACK, 3) in smsc.said
        if mood == "enquire_link_and_take":
            assert (0x15 | RESPONSE, 0) in smsc.said


def test_a_wrong_password_sends_nothing_and_is_tried_again_with_patience(house: House) -> None:
    with HostileSmsc("wrong_password") as smsc:
        _house(house, smsc)
        waiting = queue()
        with bound():
            eventually(lambda: smsc.binds >= 2)
            assert (state(waiting), smsc.submits) == ("queued", 0)
            smsc.mood = "take"
            eventually(lambda: state(waiting) == "sent")
        assert smsc.binds < 6


def test_a_quiet_connection_is_asked_whether_it_lives(house: House) -> None:
    with HostileSmsc() as smsc:
        _house(house, smsc)
        with bound():
            eventually(lambda: smsc.said.count((0x15, 0)) >= 2)
