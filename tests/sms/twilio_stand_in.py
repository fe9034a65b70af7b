"""Twilio's message API on this machine, over real HTTP: takes, refuses, says nothing; signs its webhooks."""

import itertools
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from flask import Flask, Response, jsonify, request
from twilio.request_validator import RequestValidator


@dataclass
class TwilioStandIn:
    token: str
    mood: str = "take"  # take, refuse, busy, silent
    taken: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.app = Flask("twilio")
        self.app.add_url_rule(
            "/2010-04-01/Accounts/<account>/Messages.json", view_func=self._create, methods=["POST"]
        )

    def _create(self, account: str) -> Response | tuple[Response, int]:
        if self.mood == "refuse":
            return jsonify(code=21211, message="invalid number", status=400), 400
        if self.mood == "busy":
            return jsonify(code=20429, message="too many requests", status=429), 429
        form = request.form.to_dict() | {"sid": f"SM{next(self._numbers):032}"}
        self.taken.append(form)
        if self.mood == "silent":
            time.sleep(3)
        return jsonify(sid=form["sid"], status="queued"), 201

    def call(self, url: str, form: dict[str, str], *, token: str | None = None) -> int:
        """A signed webhook; the status Hotline answers with."""
        signature = RequestValidator(token or self.token).compute_signature(url, form)
        body = urllib.parse.urlencode(form).encode()
        wanted = urllib.request.Request(url, body, {"X-Twilio-Signature": signature})
        try:
            with urllib.request.urlopen(wanted, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
