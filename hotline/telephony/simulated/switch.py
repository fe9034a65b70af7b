"""A small switch that acts as Twilio: handsets are browser pages, Hotline's webhooks are the real ones.

Mounted by the simulators' process; serve it with threads, as handsets wait in long polls.

Handsets, for pages and programs (JSON, addresses as '+8613800138000' or 'client:1001'):
  GET  /phone/api/handsets/<address>?after=<seq>&wait=<seconds>   state, peer, listens, events after `seq`
  POST /phone/api/handsets/<address>/dial      {"number": "12345", "pace": 0}   409 when in a call
  POST /phone/api/handsets/<address>/answer    {}                               409 when nothing rings
  POST /phone/api/handsets/<address>/hang-up   {}
  POST /phone/api/handsets/<address>/press     {"keys": "0801#"}
  POST /phone/api/handsets/<address>/speak     {"text": "..."}
Each answers the handset: {"address", "state": idle|calling|ringing|in_call, "peer", "last": seq,
"listens": ["keys", "speech"], "events": [{"seq", "kind", "text", "language"}]}. Kinds of events: state,
heard (the line speaks), connected, peer (the other person speaks), said and pressed (oneself).
`pace` is the seconds a spoken character takes, 0 for programs.

  GET  /phone                       the citizen's telephone
  GET  /phone/static/line.js        <simulated-line base="http://..." extension="1001">
  /2010-04-01/Accounts/...          the part of Twilio's REST interface that Hotline uses (rest.py)
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request

from hotline.config import settings
from hotline.errors import InvalidInput
from hotline.phone_numbers import mask, normalise
from hotline.telephony.simulated import rest
from hotline.telephony.simulated.exchange import Handset
from hotline.telephony.simulated.switchboard import Busy, Switchboard

LONGEST_POLL_SECONDS = 25.0
PREFIX = "/phone"


def create_blueprint(switchboard: Switchboard | None = None) -> Blueprint:
    """All pages and interfaces of one switch; by default the one of this site's settings."""
    board = switchboard or from_settings()
    blueprint = Blueprint(
        "simulated_switch",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path=f"{PREFIX}/static",
    )
    rest.add_routes(blueprint, board)
    _add_handset_routes(blueprint, board)
    blueprint.add_url_rule(PREFIX, "phone", _phone_page)
    blueprint.after_request(_let_hotlines_pages_in)
    return blueprint


def from_settings() -> Switchboard:
    twilio, web = settings().twilio, settings().web
    return Switchboard(
        account_sid=twilio.account_sid,
        token=twilio.auth_token,
        hotline_url=settings().site.public_url.rstrip("/"),
        reached_at=f"http://{web.reached_at}:{web.port}",
        caller_number=twilio.caller_number,
    )


def _add_handset_routes(blueprint: Blueprint, board: Switchboard) -> None:
    def show(address: str) -> Response:
        handset = _handset(board, address)
        after = request.args.get("after", 0, int)
        seconds = min(request.args.get("wait", 0.0, float), LONGEST_POLL_SECONDS)
        board.exchange.wait(lambda: handset.last > after, seconds)
        return jsonify(_shown(board, handset, after))

    def act(address: str, deed: str) -> Response:
        handset = _handset(board, address)
        wishes: dict[str, Any] = request.get_json(silent=True) or {}
        try:
            board.act(handset, deed, wishes)
        except Busy as error:
            return _refused(str(error), 409)
        except InvalidInput as error:
            return _refused(str(error), 400)
        return jsonify(_shown(board, handset, handset.last))

    path = f"{PREFIX}/api/handsets/<address>"
    deeds = "<any('dial', 'answer', 'hang-up', 'press', 'speak'):deed>"
    blueprint.add_url_rule(path, "handset", show)
    blueprint.add_url_rule(f"{path}/{deeds}", "act", act, methods=["POST"])


def _handset(board: Switchboard, address: str) -> Handset:
    if address.startswith("client:"):
        return board.exchange.handset(address)
    try:
        return board.exchange.handset(normalise(address))
    except InvalidInput as error:
        abort(_refused(str(error), 400))


def _shown(board: Switchboard, handset: Handset, after: int) -> dict[str, Any]:
    leg = handset.leg
    busy = leg is not None and handset.state != "idle"
    other = (leg.from_ if leg.rings else leg.to) if leg and busy else ""
    hidden = handset.address.startswith("client:") and other != board.caller_number
    return {
        "address": handset.address,
        "state": handset.state,
        "peer": mask(other) if hidden else other,  # an agent's line never shows a citizen's number
        "listens": sorted(leg.listens) if leg and busy else [],
        "last": handset.last,
        "events": [event for event in list(handset.events) if event["seq"] > after],
    }


def _phone_page() -> str:
    names = {"12345": "政务服务便民热线", "12348": "公共法律服务热线"}
    return render_template("simulated/phone.html", names=names, api=f"{PREFIX}/api/handsets")


def _refused(reason: str, status: int) -> Response:
    answer = jsonify({"error": reason})
    answer.status_code = status
    return answer


def _let_hotlines_pages_in(response: Response) -> Response:
    """The agent's page comes from another port of the host we are called by, or from the public address."""
    origin = request.headers.get("Origin", "")
    same_host = urlsplit(origin).hostname == urlsplit(request.host_url).hostname
    if origin and (same_host or origin == settings().site.public_url.rstrip("/")):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Vary"] = "Origin"
    return response
