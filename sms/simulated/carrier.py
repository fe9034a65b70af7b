"""The shipped simulated carrier: an HTTP gateway for Hotline and an inbox page for people.

It knows Hotline only by its settings: it takes POST /carrier/messages and calls /sms/carrier/* back.
Nothing leaves the machine.
"""

import json
import logging
import re
import threading
import urllib.error
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import get_locale
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from hotline.config import settings
from hotline.web.access import machine, open_to_all
from sms import segments
from sms.simulated import signed_http
from sms.simulated.store import KNOBS, CarrierStore

logger = logging.getLogger(__name__)
LINK = re.compile(r"(https?://[!-~]+)")
TICK_SECONDS = 0.1
RETRY_SECONDS = 2


def create_blueprint(data_dir: Path) -> Blueprint:
    """Mount once a process: it starts the thread that pays what the carrier owes Hotline."""
    carrier = Carrier(CarrierStore(data_dir))
    blueprint = Blueprint(
        "carrier",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static/carrier",
    )
    blueprint.add_url_rule("/carrier/messages", view_func=carrier.take, methods=["POST"])
    blueprint.add_url_rule("/inbox", view_func=carrier.inbox)
    blueprint.add_url_rule("/inbox/knobs", view_func=carrier.turn, methods=["POST"])
    blueprint.add_url_rule("/inbox/<number>", view_func=carrier.conversation)
    blueprint.add_url_rule("/inbox/<number>/reply", view_func=carrier.reply, methods=["POST"])
    blueprint.context_processor(lambda: {"page_language": "en" if str(get_locale()) == "en" else "zh-CN"})
    blueprint.add_app_template_filter(clock_time, "carrier_time")
    blueprint.add_app_template_filter(with_links, "with_links")
    threading.Thread(target=carrier.pay_for_ever, name="carrier", daemon=True).start()
    return blueprint


def clock_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, settings().site.zone).strftime("%m-%d %H:%M:%S")


def with_links(text: str) -> Markup:
    """Addresses become links, as a handset shows them; in Chinese no space stands in front of one."""
    pieces = enumerate(LINK.split(text))
    link = Markup('<a href="{0}">{0}</a>')
    return Markup("").join(link.format(piece) if index % 2 else piece for index, piece in pieces)


class Carrier:
    def __init__(self, store: CarrierStore) -> None:
        self._store = store

    # --- the gateway ---

    @machine
    def take(self) -> Answer:
        """One message from Hotline; the same `key` again gets the same references and sends nothing."""
        if not signed_http.is_signed(request.get_data(), request.headers.get(signed_http.HEADER, "")):
            abort(403)
        said, knobs = request.get_json(), self._store.knobs()
        if knobs["down"]:
            return Response("the carrier is down\n", 503)
        if knobs["refuse"]:
            return Response("this number takes no messages\n", 400)
        parts = segments.count(said["text"])
        made, is_new = self._store.keep(
            number=said["to"], text=said["text"], parts=parts, key=said["key"], outward=True
        )
        refs = [f"c{made}-{seq}" for seq in range(1, parts + 1)]
        if is_new:
            self._send_receipts(refs, knobs)
        return jsonify(refs=refs)

    def _send_receipts(self, refs: list[str], knobs: dict[str, int]) -> None:
        at = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        for ref in refs:
            payload = {"ref": ref, "status": "delivered", "at": at}
            if knobs["early"]:
                call_hotline("/sms/carrier/receipt", payload)
            else:
                self._store.owe("/sms/carrier/receipt", payload, in_seconds=knobs["delay_seconds"])
            if knobs["twice"]:
                self._store.owe("/sms/carrier/receipt", payload, in_seconds=knobs["delay_seconds"])

    def pay_for_ever(self) -> None:
        """Make the calls that are due; one that is not answered is made again."""
        tick = threading.Event()
        while not tick.wait(TICK_SECONDS):
            for owed in self._store.due():
                if call_hotline(owed["path"], json.loads(owed["payload"])):
                    self._store.paid(owed["id"])
                else:
                    self._store.postpone(owed["id"], RETRY_SECONDS)

    # --- the page ---

    @open_to_all
    def inbox(self) -> str:
        return render_template("carrier/inbox.html", numbers=self._store.numbers(), knobs=self._store.knobs())

    @open_to_all
    def conversation(self, number: str) -> str:
        messages = self._store.conversation(number)
        return render_template("carrier/conversation.html", number=number, messages=messages)

    @open_to_all
    def reply(self, number: str) -> Answer:
        """The citizen answers from this telephone."""
        text = request.form.get("text", "").strip()
        if text:
            parts = segments.count(text)
            made, _ = self._store.keep(number=number, text=text, parts=parts, key=None, outward=False)
            payload = {"ref": f"mo{made}", "from": number, "text": text}
            self._store.owe("/sms/carrier/inbound", payload, in_seconds=0)
        return redirect(url_for("carrier.conversation", number=number), 303)

    @open_to_all
    def turn(self) -> Answer:
        form = request.form
        knobs = {name: int(name in form) for name in KNOBS}
        delay = form.get("delay_seconds", "0")
        knobs["delay_seconds"] = min(int(delay), 86_400) if delay.isdigit() else 0
        self._store.turn(knobs)
        return redirect(url_for("carrier.inbox"), 303)


def call_hotline(path: str, payload: dict[str, str]) -> bool:
    """False when it must be tried again. What Hotline refuses for good is logged and not repeated."""
    web = settings().web
    try:
        signed_http.post(f"http://{web.reached_at}:{web.port}{path}", payload)
    except urllib.error.HTTPError as error:
        logger.warning("Hotline answered %d to %s", error.code, path)
        return error.code < 500
    except (OSError, ValueError) as error:
        logger.warning("Hotline does not answer %s: %s", path, error)
        return False
    return True
