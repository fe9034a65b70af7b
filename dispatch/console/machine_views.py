"""The machine of a ticket, drawn and written out from its table (/dispatch/machine)."""

from flask import render_template

from dispatch import drawing
from dispatch.console.pages import blueprint
from hotline.permissions import Permission
from hotline.tickets.states import TABLE, Doer
from hotline.web.access import requires


@blueprint.get("/dispatch/machine")
@requires(Permission.DISPATCH)
def machine() -> str:
    """Every state, and every move with who makes it and what it waits for."""
    return render_template(
        "dispatch/machine.html", drawn=drawing.drawing(), box=drawing.BOX, table=TABLE, doers=list(Doer)
    )
