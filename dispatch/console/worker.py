"""Who acts on a work order: one of the organisation's people, or whoever holds the order's link. Every act is
one view with two addresses, /work/<order> and /w/<token>."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, url_for
from sqlalchemy.orm import Session

from dispatch import links, queries
from dispatch.models import WorkOrder
from hotline.db import transaction
from hotline.permissions import Permission
from hotline.web.access import ACCESS, current_staff, requires

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Worker:
    """`staff_id` is empty for a link; `here` are the arguments that lead back to this order."""

    actor: str
    organisation_id: int | None
    staff_id: int | None
    here: dict[str, Any]


def by_person_or_link(view: View) -> View:
    """The view takes `order_id`. A person needs the permission; a link must be whole, fresh, its order live.

    Raises LinkEnded.
    """
    signed_in = requires(Permission.WORK_ORDERS)(view)

    @wraps(view)
    def guarded(token: str = "", **arguments: Any) -> Any:
        if not token:
            return signed_in(**arguments)
        g.staff = None  # who opens a link acts for its organisation, whoever is signed in on this machine
        g.linked = _holder(token)
        g.organisation_of_link = g.linked.organisation_id
        return view(order_id=links.order_of(token), **arguments)

    setattr(guarded, ACCESS, str(Permission.WORK_ORDERS))
    return cast(View, guarded)


def worker(order_id: int) -> Worker:
    if linked := g.get("linked"):
        return cast(Worker, linked)
    staff = current_staff()
    return Worker(f"staff:{staff.id}", staff.organisation_id, staff.id, {"order_id": order_id})


def actor(order_id: int) -> str:
    return worker(order_id).actor


def mine(session: Session, order_id: int) -> WorkOrder:
    """Raises NotFound for another organisation's."""
    return queries.order_for(session, order_id, worker(order_id).organisation_id)


def after(order_id: int) -> str:
    """Where an act leads. A link whose order has just ended says so instead of opening it."""
    me = worker(order_id)
    if me.staff_id is None:
        with transaction() as session:
            if not links.is_open(session, queries.order_for(session, order_id, me.organisation_id)):
                return url_for("dispatch_console.link_done")
    return url_for("dispatch_console.order", **me.here)


def _holder(token: str) -> Worker:
    with transaction() as session:
        order = links.opened(session, token)
        return Worker(f"organisation:{order.organisation_id}", order.organisation_id, None, {"token": token})
