"""POST /api/v1/patrol-reports: a grid system of its own sends what its people saw (docs/partner-api.md)."""

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from dispatch.partners import door
from dispatch.patrol.batch import take_batch
from hotline.errors import HotlineError
from hotline.web.access import machine

blueprint = Blueprint("patrol_api", __name__, url_prefix="/api/v1/patrol-reports")
blueprint.before_request(door.let_in)
blueprint.register_error_handler(HotlineError, door.refused)
blueprint.register_error_handler(HTTPException, door.not_understood)


@blueprint.post("")
@machine
def send() -> Response:
    whose = g.partner.organisation_id
    return jsonify(reports=take_batch(whose, request.get_json(), actor=f"organisation:{whose}"))
