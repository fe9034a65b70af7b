"""While the agent types: items and the words that decided, the question between near ones, an alarm."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from agents import queries
from hotline.catalogue.models import Item
from hotline.catalogue.questions import Question, question_for
from hotline.catalogue.understanding.classifier import Suggestion
from hotline.catalogue.understanding.emergencies import Alarm
from hotline.db import transaction
from hotline.learning import shown
from hotline.learning.queries import classifier_for
from hotline.permissions import Permission
from hotline.web.access import requires
from hotline.web.display import alarm_name
from hotline.web.labels import english, named

blueprint = Blueprint("suggest", __name__, url_prefix="/suggest")

SUGGESTED = 3
LONGEST = 500


@blueprint.get("")
@requires(Permission.OPEN_TICKET)
def suggest() -> Response:
    """?hotline=…&text=… -> {"abstained", "items", "question", "shown", "emergency"}.

    `shown` is what the form carries back as it is; `question` and `emergency` are null when there is none.
    An emergency is rung before any form (Z05, N04).
    """
    hotline, text = request.args.get("hotline", "12345"), request.args.get("text", "")[:LONGEST]
    with transaction() as session:
        classifier = classifier_for(session, hotline)
    found = classifier.suggest(text, SUGGESTED)
    question = question_for(hotline, found)
    codes = {one.code for one in found} | ({reply.item for reply in question.answers} if question else set())
    with transaction() as session:
        items = queries.items_by_code(session, codes)
    return jsonify(
        abstained=found.abstained,
        items=[_row(one, items[one.code]) for one in found if one.code in items],
        question=_asked(question, items) if question else None,
        shown=str(shown.of(found, model_id=classifier.model_id)),
        emergency=_told(found.alarm) if found.alarm else None,
    )


def _row(one: Suggestion, item: Item) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": named(item),
        "kind": item.kind,
        "handler": item.handler,
        "confidence": one.confidence,
        "words": one.matched,
    }


def _asked(question: Question, items: Mapping[str, Item]) -> dict[str, Any]:
    """A reply whose item this site does not have is not offered."""
    answers = [
        {
            "say": reply.say_en if english() else reply.say,
            "code": reply.item,
            "kind": items[reply.item].kind,
            "hotline": reply.hotline or question.hotline,
        }
        for reply in question.answers
        if reply.item in items
    ]
    return {"ask": question.ask_en if english() else question.ask, "answers": answers}


def _told(found: Alarm) -> dict[str, Any]:
    return asdict(found) | {"name": alarm_name(found)}
