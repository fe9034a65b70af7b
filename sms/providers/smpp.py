"""SMPP 3.4 in bytes: what we send, what we read, what a carrier's codes mean. Pure; smpplib is the codec."""

import logging
import re
import struct
from typing import Any

from smpplib import command, consts, smpp
from smpplib.ptypes import ostr

from hotline.config import Smpp
from hotline.errors import ProviderError
from sms import segments
from sms.joining import UCS2, Piece
from sms.providers.base import SMPP, OutgoingSms, Receipt
from sms.segments import Encoding
from sms.states import ReceiptStatus

logging.getLogger("smpplib").setLevel(logging.ERROR)  # it warns for every vendor's own parameter

HAS_UDH, IS_RECEIPT = 0x40, 0x24  # esm_class: user data header; delivery receipt or intermediate notice
CODINGS = {Encoding.GSM: 0, Encoding.UCS2: UCS2}
UNKNOWN, INTERNATIONAL, ALPHANUMERIC = 0, 1, 5
E164 = 1

THROTTLED = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL})
TEMPORARY = THROTTLED | {
    consts.SMPP_ESME_RSYSERR,
    consts.SMPP_ESME_RINVBNDSTS,
    consts.SMPP_ESME_RX_T_APPN,
    consts.SMPP_ESME_RSUBMITFAIL,
    consts.SMPP_ESME_RUNKNOWNERR,
}
# message_state of a receipt, and the same in the words of appendix B; what is missing is news on the way
STATES = {2: ReceiptStatus.DELIVERED} | dict.fromkeys((3, 4, 5, 8), ReceiptStatus.FAILED)
WORDS = {"DELIVRD": ReceiptStatus.DELIVERED} | dict.fromkeys(
    ("EXPIRED", "DELETED", "UNDELIV", "REJECTD"), ReceiptStatus.FAILED
)
RECEIPT_FIELD = re.compile(r"\b(id|stat|done date):([!-~]+)")


class _AnyParameter(dict[str, Any]):
    """smpplib fails on an optional parameter it does not expect in this command; this reads it as bytes."""

    def __missing__(self, name: str) -> Any:
        return command.Param(type=ostr)


# --- out -------------------------------------------------------------------------------------------------


def pdu(name: str, sequence: int, **fields: Any) -> bytes:
    made = smpp.make_pdu(name, sequence=sequence, **fields)
    made.sequence = sequence
    wire: bytes = made.generate()
    return wire


def bind_fields(account: Smpp) -> dict[str, str]:
    return {"system_id": account.system_id, "password": account.password, "system_type": ""}


def submit_fields(sms: OutgoingSms) -> list[dict[str, Any]]:
    """One submit_sm a part; parts of a long text carry a header (UDH) that lets the handset join them."""
    cut = segments.split(sms.text)
    bodies = [segments.encode(part, cut.encoding) for part in cut.parts]
    is_long = len(bodies) > 1
    headers = [bytes([5, 0, 3, sms.id & 0xFF, len(bodies), seq]) for seq in range(1, len(bodies) + 1)]
    return [
        {
            "source_addr": sms.sender,
            "source_addr_ton": UNKNOWN if sms.sender.isdigit() else ALPHANUMERIC,
            "destination_addr": sms.recipient.removeprefix("+"),
            "dest_addr_ton": INTERNATIONAL,
            "dest_addr_npi": E164,
            "esm_class": HAS_UDH if is_long else 0,
            "data_coding": CODINGS[cut.encoding],
            "registered_delivery": 1,
            "short_message": header + body if is_long else body,
        }
        for header, body in zip(headers, bodies, strict=True)
    ]


def refusal(status: int) -> ProviderError:
    said = consts.DESCRIPTIONS.get(status, "unknown code")
    return ProviderError(f"carrier answered 0x{status:08X} ({said})", permanent=status not in TEMPORARY)


# --- in --------------------------------------------------------------------------------------------------


def message_id(body: bytes) -> str:
    """The carrier's reference out of the body of a submit_sm_resp."""
    return body.split(b"\0", 1)[0].decode("latin-1")


def read_deliver(wire: bytes) -> Receipt | Piece:
    """A deliver_sm. Raises ValueError when it cannot be read."""
    try:
        said = smpp.make_pdu("deliver_sm", sequence=0, allow_unknown_opt_params=True)
        said.params = _AnyParameter(said.params)
        said.parse(wire)
        body = said.short_message or said.message_payload or b""
        if said.esm_class & IS_RECEIPT or said.receipted_message_id:
            return _receipt(said, body.decode("latin-1"))
        return _piece(said, body)
    except (LookupError, TypeError, AttributeError, struct.error) as error:
        raise ValueError(f"unreadable deliver_sm: {error!r}") from error


def _receipt(said: Any, text: str) -> Receipt:
    words = dict(RECEIPT_FIELD.findall(text))
    ref = said.receipted_message_id.decode("latin-1") if said.receipted_message_id else words["id"]
    status = STATES.get(said.message_state) or WORDS.get(words.get("stat", ""), ReceiptStatus.PENDING)
    return Receipt(ref[:80], status, raw=text, stated_at=words.get("done date", "")[:30] or None)


def _piece(said: Any, body: bytes) -> Piece:
    reference, total, seq = "", 1, 1
    if said.esm_class & HAS_UDH:
        header, body = body[1 : body[0] + 1], body[body[0] + 1 :]
        reference, total, seq = _concatenation(header)
    elif said.sar_total_segments:
        reference = f"sar{said.sar_msg_ref_num}"
        total, seq = said.sar_total_segments, said.sar_segment_seqnum
    if not 1 <= seq <= total:
        reference, total, seq = "", 1, 1
    return Piece(
        provider=SMPP,
        sender=_number(said),
        reference=reference,
        total=total,
        seq=seq,
        coding=said.data_coding or 0,
        body=body,
    )


def _concatenation(header: bytes) -> tuple[str, int, int]:
    """(reference, total, seq) out of a user data header; one piece when it speaks of something else."""
    index = 0
    while index + 2 <= len(header):
        kind, length = header[index], header[index + 1]
        value = header[index + 2 : index + 2 + length]
        if kind == 0 and length == 3:
            return f"udh{value[0]}", value[1], value[2]
        if kind == 8 and length == 4:
            return f"udh{int.from_bytes(value[:2])}", value[2], value[3]
        index += 2 + length
    return "", 1, 1


def _number(said: Any) -> str:
    sender: str = said.source_addr.decode("latin-1")
    return f"+{sender}" if said.source_addr_ton == INTERNATIONAL and sender.isdigit() else sender
