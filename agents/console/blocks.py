"""The live blocks of the console: one function each, for the page and for its refresh alike."""

from collections.abc import Callable
from datetime import datetime

from flask import render_template
from sqlalchemy.orm import Session

from agents import queries, service
from agents.console.forms import PauseForm, WrapUpForm
from agents.states import AgentState, Disposition
from hotline.config import settings
from hotline.staff.models import Staff

Block = Callable[[Session, Staff, datetime], str]


def bar(session: Session, me: Staff, now: datetime) -> str:
    """Where I stand, since when, and what I may do next."""
    presence = service.presence_of(session, me.id, now)
    return render_template(
        "agents/_bar.html", presence=presence, form=PauseForm(formdata=None), states=AgentState
    )


def pop(session: Session, me: Staff, now: datetime) -> str:
    """The caller on the line: masked number, earlier tickets, what the IVR understood."""
    presence = service.presence_of(session, me.id, now)
    shown = queries.screen_pop(session, presence)
    form = WrapUpForm(formdata=None)
    if shown and shown.from_this_call:
        form.disposition.data = Disposition.TICKET
    return render_template(
        "agents/_pop.html",
        presence=presence,
        pop=shown,
        form=form,
        wrap_up_seconds=settings().telephony.wrap_up_seconds,
    )


def waiting(session: Session, me: Staff, now: datetime) -> str:
    return render_template("agents/_waiting.html", waiting=queries.waiting(session), now=now)


def callbacks(session: Session, me: Staff, now: datetime) -> str:
    still_open, overdue = queries.count_callbacks(session, now)
    return render_template("agents/_callbacks_count.html", still_open=still_open, overdue=overdue)


BLOCKS: dict[str, Block] = {"bar": bar, "pop": pop, "waiting": waiting, "callbacks": callbacks}
