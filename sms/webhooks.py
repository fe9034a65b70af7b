"""HTTP that carriers call: texts from citizens, and receipts. Unsigned is 403, malformed 400 with why."""

from typing import Any, NoReturn

from flask import Blueprint, Response, abort, request
from twilio.twiml.messaging_response import MessagingResponse

from hotline import clock
from hotline.db import transaction
from hotline.twilio.webhooks import is_signed
from hotline.web.access import machine
from sms import service
from sms.providers.base import Receipt
from sms.providers.simulated import SimulatedCarrier
from sms.providers.twilio import STATUSES, TwilioSms
from sms.simulated import signed_http
from sms.states import ReceiptStatus

blueprint = Blueprint("sms_webhooks", __name__, url_prefix="/sms")
MAX_LENGTH = {"ref": 80, "from": 40, "text": 10_000, "status": 20, "at": 30}
MAX_LENGTH |= {"MessageSid": 80, "From": 40, "Body": 10_000, "MessageStatus": 20}


# --- the simulated carrier -------------------------------------------------------------------------------


@blueprint.post("/carrier/inbound")
@machine
def carrier_inbound() -> Response:
    said = _signed_json("ref", "from", "text")
    _receive(SimulatedCarrier.name, said["ref"], said["from"], said["text"])
    return Response("{}", mimetype="application/json")


@blueprint.post("/carrier/receipt")
@machine
def carrier_receipt() -> Response:
    said = _signed_json("ref", "status", "at")
    if said["status"] not in set(ReceiptStatus):
        _malformed(f"status: one of {', '.join(ReceiptStatus)}")
    status = ReceiptStatus(said["status"])
    _keep_receipt(SimulatedCarrier.name, Receipt(said["ref"], status, raw=status, stated_at=said["at"]))
    return Response("{}", mimetype="application/json")


def _signed_json(*fields: str) -> dict[str, str]:
    """The body's JSON object, each field a non-empty string. 403 unsigned, 400 malformed."""
    if not signed_http.is_signed(request.get_data(), request.headers.get(signed_http.HEADER, "")):
        abort(403)
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        _malformed("the body must be a JSON object")
    return _texts(said, *fields)


# --- Twilio ----------------------------------------------------------------------------------------------


@blueprint.post("/twilio/inbound")
@machine
def twilio_inbound() -> Response:
    said = _signed_form("MessageSid", "From", "Body")
    _receive(TwilioSms.name, said["MessageSid"], said["From"], said["Body"])
    return Response(str(MessagingResponse()), mimetype="text/xml")


@blueprint.post("/twilio/status")
@machine
def twilio_status() -> Response:
    said = _signed_form("MessageSid", "MessageStatus")
    status = STATUSES.get(said["MessageStatus"], ReceiptStatus.PENDING)
    raw = f"{said['MessageStatus']} {request.form.get('ErrorCode', '')}".strip()
    _keep_receipt(TwilioSms.name, Receipt(said["MessageSid"], status, raw=raw))
    return Response(status=204)


def _signed_form(*fields: str) -> dict[str, str]:
    if not is_signed(request):
        abort(403)
    return _texts(request.form, *fields)


# --- both ------------------------------------------------------------------------------------------------


def _texts(said: Any, *fields: str) -> dict[str, str]:
    for field in fields:
        if not isinstance(said.get(field), str) or len(said[field]) > MAX_LENGTH[field]:
            _malformed(f"{field}: a text of at most {MAX_LENGTH[field]} characters is needed")
    return {field: said[field] for field in fields}


def _malformed(why: str) -> NoReturn:
    abort(Response(f"{why}\n", 400, mimetype="text/plain"))


def _receive(provider: str, ref: str, sender: str, text: str) -> None:
    with transaction() as session:
        service.receive(
            session, provider=provider, provider_ref=ref, sender=sender, text=text, now=clock.now()
        )


def _keep_receipt(provider: str, receipt: Receipt) -> None:
    with transaction() as session:
        service.apply_receipts(session, provider, [receipt], clock.now())
