"""What the two desks share: the blueprint, a list and its live block, forms that keep what was typed."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from dispatch import extensions, hand_down, offers, parts, returns, scope, service, territory
from dispatch.console import words
from dispatch.territory import TerritoryUndecided
from dispatch.work_order import ConcernsThemselves
from hotline.errors import ConsentMissing, HotlineError, NotAllowed, TransitionRefused
from hotline.tickets import quotes, supplements
from hotline.tickets.holds import HeldBack
from hotline.tickets.models import Ticket
from hotline.tickets.service import MAX_PLACE
from hotline.web.access import current_staff
from hotline.web.forms import Form
from hotline.web.reading import matter_text

blueprint = Blueprint("dispatch_console", __name__, template_folder="templates")

REFUSALS = (
    ConcernsThemselves,
    TransitionRefused,
    HeldBack,
    ConsentMissing,
    NotAllowed,
    service.NoRoute,
    service.WithALawyer,
    service.Unsorted,
    TerritoryUndecided,
    offers.OfferLost,
    returns.ReturnTooLate,
    returns.VerdictStands,
    hand_down.PassedOnTooOften,
    parts.WaitsForThoseBelow,
    extensions.ExtensionTooLate,
    extensions.NoMoreExtensions,
    extensions.OwnRequest,
    supplements.NobodyToAsk,
    quotes.PriceNotAgreed,
)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "matter_text": matter_text,
        "is_centre": scope.is_centre,
    }


def territory_of(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What the card says where a reviewer decides the territory; ?place=… looks one up."""
    looked_up = request.values.get("place", "").replace("\0", "")[:MAX_PLACE].strip()
    return {
        "looked_up": looked_up,
        "places": territory.proposals(session, ticket, looked_up),
        "areas": territory.whole_counties(session),
    }


def me() -> str:
    return f"staff:{current_staff().id}"


def list_or_block(name: str, **shown: Any) -> Response:
    """The page, or for a live refresh only its block: the same template renders both."""
    block = "X-Live-Block" in request.headers
    answer = make_response(render_template(f"dispatch/{'_' if block else ''}{name}.html", **shown))
    answer.vary.add("X-Live-Block")
    return answer


def forms_by_name(kinds: tuple[type[Form], ...], wrong: Form | None) -> dict[str, Form]:
    """Fresh forms by name; the one that was sent in vain keeps what was typed."""
    return {kind.name: wrong if type(wrong) is kind else kind(formdata=None) for kind in kinds}


def status_of(wrong: Form | None, refusal: HotlineError | None) -> int:
    if refusal is not None:
        return 409
    return 400 if wrong is not None else 200
