"""The part of Twilio's REST interface that Hotline uses; the twilio library works with it unchanged."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from hotline.telephony.simulated.exchange import Leg
from hotline.telephony.simulated.switchboard import RING_SECONDS, Busy, Outbound, Switchboard

VERSION = "/2010-04-01/"
ACCOUNT = f"{VERSION}Accounts/<account>"
NOT_FOUND, NOT_IN_PROGRESS, NOT_AUTHENTICATED = 20404, 21220, 20003  # Twilio's own codes


def add_routes(blueprint: Blueprint, board: Switchboard) -> None:
    rest = RestInterface(board)
    blueprint.before_request(rest.refuse_strangers)
    blueprint.add_url_rule(f"{ACCOUNT}/Calls.json", "create_call", rest.create_call, methods=["POST"])
    blueprint.add_url_rule(f"{ACCOUNT}/Calls/<call_sid>.json", "call", rest.call, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{ACCOUNT}/Queues.json", "queues", rest.queues)
    blueprint.add_url_rule(f"{ACCOUNT}/Queues/<queue_sid>/Members.json", "members", rest.members)
    blueprint.add_url_rule(f"{ACCOUNT}/Recordings/<recording_sid>.wav", "recording", rest.recording)


class RestInterface:
    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._exchange = board.exchange

    def refuse_strangers(self) -> Response | None:
        """Whoever knows the account's token may use the interface, as at Twilio."""
        if not request.path.startswith(VERSION):
            return None
        login, board = request.authorization, self._board
        if login and board.token and (login.username, login.password) == (board.account_sid, board.token):
            return None
        return _error(401, NOT_AUTHENTICATED, "Authenticate")

    def create_call(self, account: str) -> Response:
        form = request.form
        wanted = Outbound(
            to=form["To"],
            from_=form["From"],
            url=form["Url"],
            status_callback=form.get("StatusCallback", ""),
            status_events=frozenset(form.getlist("StatusCallbackEvent")) or frozenset({"completed"}),
            timeout=form.get("Timeout", RING_SECONDS, float),
        )
        try:
            return _json(_call(account, self._board.originate(wanted)), 201)
        except Busy as error:
            return _error(400, NOT_IN_PROGRESS, str(error))

    def call(self, account: str, call_sid: str) -> Response:
        """Show, redirect (Url) or end (Status) a call."""
        leg = self._exchange.leg(call_sid)
        if leg is None:
            return _error(404, NOT_FOUND, f"The requested resource {request.path} was not found")
        if request.form.get("Status") in ("completed", "canceled"):
            self._exchange.hang_up(leg)
        elif request.form.get("Url"):
            self._exchange.redirect(leg, request.form["Url"])
        return _json(_call(account, leg))

    def queues(self, account: str) -> Response:
        rows = [
            {"sid": sid, "friendly_name": name, "current_size": len(waiting), "account_sid": account}
            for name, (sid, waiting) in list(self._exchange.queues.items())
        ]
        return _json({"queues": rows, "next_page_uri": None})

    def members(self, account: str, queue_sid: str) -> Response:
        found = [legs for sid, legs in list(self._exchange.queues.values()) if sid == queue_sid]
        rows = [
            {"call_sid": leg.sid, "position": number, "queue_sid": queue_sid}
            for legs in found
            for number, leg in enumerate(list(legs), 1)
        ]
        return _json({"queue_members": rows, "next_page_uri": None})

    def recording(self, account: str, recording_sid: str) -> Response:
        sound = self._exchange.recordings.get(recording_sid)
        if sound is None:
            return _error(404, NOT_FOUND, "no such recording")
        return Response(sound, mimetype="audio/wav")


def _call(account: str, leg: Leg) -> dict[str, Any]:
    return {
        "sid": leg.sid,
        "account_sid": account,
        "from": leg.from_,
        "to": leg.to,
        "status": leg.status,
        "direction": leg.direction,
        "parent_call_sid": leg.parent.sid if leg.parent else None,
    }


def _error(status: int, code: int, message: str) -> Response:
    return _json({"status": status, "code": code, "message": message}, status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer
