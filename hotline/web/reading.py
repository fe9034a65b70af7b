"""The question before a confidential ticket is shown, and the mark its pages carry."""

import re
from datetime import datetime

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline import clock
from hotline.config import settings
from hotline.learning.masking import PERSONAL
from hotline.tickets import reading
from hotline.tickets.models import Ticket
from hotline.web.access import current_staff

HIDDEN = "●●●"
HOME = re.compile(r"(家住|住在|我住|住址是?)[^，。；！？,;!?\s]{2,40}")


def asked_first(session: Session, ticket: Ticket) -> Response | None:
    """To the page that asks for the purpose, where this person has to say it before reading."""
    if reading.may_read(session, ticket, current_staff().id, clock.now()):
        return None
    return redirect(url_for("staff.read", ticket_id=ticket.id, next=request.path), 303)


def matter_text(ticket: Ticket) -> str:
    """What an organisation reads: of a confidential ticket without name, numbers and home in it."""
    if not ticket.confidential:
        return ticket.text
    text = HOME.sub(rf"\1{HIDDEN}", PERSONAL.sub(HIDDEN, ticket.text))
    name = (ticket.caller.name or "").strip() if ticket.caller else ""
    return text.replace(name, HIDDEN) if len(name) > 1 else text


def watermark(ticket: Ticket) -> str:
    """Who looks, and when: a picture of a confidential page names whoever took it."""
    if not ticket.confidential:
        return ""
    now: datetime = clock.now().astimezone(settings().site.zone)
    return f"{current_staff().username} {now:%Y-%m-%d %H:%M}"
