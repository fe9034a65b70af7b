"""The bind against a real SMPP server over TCP: nothing lost, nothing sent twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import smpp34
from smpplib import consts
from sqlalchemy import select

from hotline.db import transaction
from sms.models import SmsInbound, SmsReceipt
from sms.texts import Template
from tests.sms.conftest import CITIZEN, bound, delivered, facts, message, queue, state
from tests.sms.smsc import Smsc
from tests.support.waiting import eventually

House = Callable[..., None]
SAR_MSG_REF_NUM, SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM = 0x020C, 0x020E, 0x020F  # SMPP 3.4, 5.3.2
MESSAGE_PAYLOAD = 0x0424


@pytest.fixture
def smsc(house: House) -> Iterator[Smsc]:
    with Smsc() as server:
        house(
            provider="smpp",
            smpp={"port": server.port, "password": "secret", "window": 10, "enquire_link_seconds": 1},
        )
        yield server


def inbound() -> list[tuple[str, str]]:
    with transaction() as session:
        rows = session.scalars(select(SmsInbound).order_by(SmsInbound.id)).all()
        return [(row.sender, row.text) for row in rows]


def test_a_chinese_text_arrives_whole_with_its_number_of_parts(smsc: Smsc) -> None:
    long = queue("repeat:survey:1", template=Template.SURVEY_REPEAT)
    short = queue("thanks:survey:2")
    with bound():
        eventually(lambda: state(long) == state(short) == "sent")
    sent = {taken.number for taken in smsc.taken}
    assert sent == {CITIZEN.removeprefix("+")}
    parts = [taken for taken in smsc.taken if taken.esm_class & 0x40]
    assert len(parts) == message(long).parts == 2
    in_order = sorted(parts, key=lambda taken: taken.body[5])
    assert "".join(part.text for part in in_order) == message(long).text
    assert all(len(part.body) <= 140 for part in parts)


@pytest.mark.parametrize("receipts", ["after", "before", "twice"])
def test_a_receipt_early_late_or_twice_delivers_once(smsc: Smsc, receipts: str) -> None:
    smsc.receipts = receipts
    sent = queue(template=Template.SURVEY_REPEAT)
    with bound():
        eventually(lambda: delivered(sent))
        eventually(lambda: not _open_receipts())
    assert facts("sms_sent", "sms_delivered") == ["sms_sent", "sms_delivered"]


def test_one_undelivered_part_fails_the_message(smsc: Smsc) -> None:
    sent = queue(template=Template.SURVEY_REPEAT)
    with bound():
        eventually(lambda: state(sent) == "sent")
        smsc.send_receipt(smsc.taken[0].ref, "DELIVRD")
        smsc.send_receipt(smsc.taken[1].ref, "ACCEPTD")
        assert state(sent) == "sent"
        smsc.send_receipt(smsc.taken[1].ref, "UNDELIV")
        assert state(sent) == "failed"
    assert message(sent).reason == "undelivered"


def test_a_receipt_for_a_message_we_never_sent_is_kept_and_harms_nothing(smsc: Smsc) -> None:
    with bound():
        eventually(lambda: smsc.esmes)
        smsc.send_receipt("nobody-knows")
    assert _open_receipts() == ["nobody-knows"]


def test_a_carrier_that_never_answers_leaves_the_message_unknown_not_sent_again(smsc: Smsc) -> None:
    smsc.mood = "silent"
    sent = queue()
    with bound(response_seconds=0.5):
        eventually(lambda: state(sent) == "unknown")
        smsc.mood = "take"
        other = queue("thanks:survey:2")
        eventually(lambda: state(other) == "sent")
    assert smsc.offered == 2
    assert message(sent).reason == "unknown"
    assert "sms_failed" in facts()


def test_a_refusal_is_final_and_an_upset_carrier_is_tried_again_later(smsc: Smsc) -> None:
    smsc.mood, smsc.rejections = consts.SMPP_ESME_RINVDSTADR, 1
    refused = queue()
    with bound():
        eventually(lambda: state(refused) == "failed")
        smsc.mood, smsc.rejections = consts.SMPP_ESME_RSYSERR, 1
        upset = queue("thanks:survey:2")
        eventually(lambda: message(upset).attempts == 1 and state(upset) == "queued")
    row = message(upset)
    assert row.claimed_at is not None
    assert 55 < (row.next_attempt_at - row.claimed_at).total_seconds() < 70


@pytest.mark.parametrize("status", [consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL])
def test_a_throttling_carrier_gets_everything_slower_and_nothing_twice(smsc: Smsc, status: int) -> None:
    smsc.mood, smsc.rejections = status, 15
    wanted = [queue(f"thanks:survey:{n}", to=f"+86138001380{n:02}") for n in range(20)]
    with bound():
        eventually(lambda: all(state(one) == "sent" for one in wanted))
    assert sorted(taken.number for taken in smsc.taken) == [f"86138001380{n:02}" for n in range(20)]
    assert all(message(one).attempts == 1 for one in wanted)


def test_a_carrier_that_unbinds_gets_the_next_message_on_a_new_bind(smsc: Smsc) -> None:
    smsc.mood = "unbind_on_submit"
    lost = queue()
    with bound():
        eventually(lambda: state(lost) == "unknown")
        smsc.mood = "take"
        after = queue("thanks:survey:2")
        eventually(lambda: state(after) == "sent")
    assert len(smsc.taken) == 1


def test_after_a_broken_connection_the_bind_comes_back_by_itself(smsc: Smsc) -> None:
    with bound():
        eventually(lambda: smsc.esmes)
        smsc.cut()
        sent = queue()
        eventually(lambda: state(sent) == "sent")
    assert len(smsc.taken) == 1


def test_no_carrier_at_all_loses_nothing(house: House) -> None:
    with Smsc() as gone:
        port = gone.port
    house(provider="smpp", smpp={"port": port, "password": "secret"})
    sent = queue()
    with bound():
        eventually(lambda: state(sent) == "queued")
        with Smsc(port=port) as back:
            eventually(lambda: state(sent) == "sent")
            assert len(back.taken) == 1


# --- citizens write --------------------------------------------------------------------------------------


def test_a_citizens_reply_is_kept_before_it_is_acknowledged(smsc: Smsc) -> None:
    with bound():
        eventually(lambda: smsc.esmes)
        smsc.citizen_writes("8613800138000", "11".encode("utf-16-be"))
        assert inbound() == [(CITIZEN, "11")]
        smsc.citizen_writes(
            "8613800138000", b"12 {ok}".replace(b"{", b"\x1b\x28").replace(b"}", b"\x1b\x29"), data_coding=0
        )
        assert inbound()[1] == (CITIZEN, "12 {ok}")


def _udh(seq: int, total: int, ref: int = 7) -> bytes:
    return bytes([5, 0, 3, ref, total, seq])


REPLY = "满意5。" + "补充：路灯已修复，谢谢！😀" * 16


def _pieces() -> list[bytes]:
    body = REPLY.encode("utf-16-be")
    return [body[start : start + 133] for start in range(0, len(body), 133)]  # cuts characters in half


def test_a_long_reply_in_pieces_out_of_order_and_twice_is_one_text(smsc: Smsc) -> None:
    pieces = _pieces()
    with bound():
        eventually(lambda: smsc.esmes)
        for index in [2, 0, 2, 1, *range(3, len(pieces)), 0]:
            body = _udh(index + 1, len(pieces)) + pieces[index]
            smsc.citizen_writes("8613800138000", body, esm_class=0x40)
    assert inbound() == [(CITIZEN, REPLY)]


def test_pieces_numbered_by_parameters_instead_of_a_header_are_joined_too(smsc: Smsc) -> None:
    pieces = _pieces()
    with bound():
        eventually(lambda: smsc.esmes)
        for index, body in enumerate(pieces):
            tlvs = [
                smpp34.Tlv(SAR_MSG_REF_NUM, (300).to_bytes(2)),
                smpp34.Tlv(SAR_TOTAL_SEGMENTS, bytes([len(pieces)])),
                smpp34.Tlv(SAR_SEGMENT_SEQNUM, bytes([index + 1])),
            ]
            smsc.citizen_writes("8613800138000", body, tlvs=tlvs)
    assert inbound() == [(CITIZEN, REPLY)]


def test_the_same_answer_twice_is_two_answers_but_a_repetition_on_a_new_bind_is_one(smsc: Smsc) -> None:
    answer = "11".encode("utf-16-be")
    with bound():
        eventually(lambda: smsc.esmes)
        smsc.citizen_writes("8613800138000", answer)
        smsc.citizen_writes("8613800138000", answer)
        assert len(inbound()) == 2
        smsc.cut()
        eventually(lambda: smsc.esmes)
        smsc.citizen_writes("8613800138000", answer)
        assert len(inbound()) == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"\x00\x00\xd8\x00", {}),  # a NUL and half a surrogate pair
        (b"odd", {}),
        (b"", {}),
        (b"\xff" * 20, {"data_coding": 0}),
        (b"\x05\x00\x03\x01\x00\x00hi", {"esm_class": 0x40, "data_coding": 0}),  # piece 0 of 0
        (b"\x7f", {"esm_class": 0x40}),  # a header longer than the text
        (b"\x02\x70\x00hi", {"esm_class": 0x40, "data_coding": 0}),  # a header about something else
        (b"id:r1 stat:", {"esm_class": 4}),
        (b"id:\x00\x01 stat:DELIVRD done date:\x00", {"esm_class": 4}),
        (b"no receipt at all", {"esm_class": 4}),
        (b"hi", {"data_coding": 0, "tlvs": [smpp34.Tlv(0x1401, b"vendor"), smpp34.Tlv(0x0005, b"\x01")]}),
    ],
)
def test_what_no_one_can_read_does_not_stop_the_bind(smsc: Smsc, body: bytes, fields: dict[str, Any]) -> None:
    with bound():
        eventually(lambda: smsc.esmes)
        smsc.citizen_writes("8613800138000", body, **fields)
        smsc.citizen_writes("8613800138001", "11".encode("utf-16-be"))
        assert inbound()[-1] == ("+8613800138001", "11")


def test_a_body_in_the_payload_parameter_is_read(smsc: Smsc) -> None:
    with bound():
        eventually(lambda: smsc.esmes)
        payload = smpp34.Tlv(MESSAGE_PAYLOAD, REPLY.encode("utf-16-be"))
        smsc.citizen_writes("8613800138000", b"", tlvs=[payload])
    assert inbound() == [(CITIZEN, REPLY)]


def _open_receipts() -> list[str]:
    with transaction() as session:
        open_ = select(SmsReceipt.provider_ref).where(SmsReceipt.applied_at.is_(None))
        return list(session.scalars(open_))
