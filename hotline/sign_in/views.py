"""Signing in and out, the language, the way home, and a number shown for a purpose."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.callers.models import Caller
from hotline.callers.service import reveal as reveal_number
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.permissions import Permission
from hotline.sign_in.forms import SignInForm
from hotline.staff import queries, service
from hotline.staff.models import Staff
from hotline.tickets import reading
from hotline.tickets import service as tickets
from hotline.web.access import current_staff, open_to_all, requires, signed_in

blueprint = Blueprint("staff", __name__, template_folder="templates")

HOMES = {
    "agent": "/agent",
    "dispatcher": "/dispatch",
    "supervisor": "/manage",
    "manager": "/manage",
    "administrator": "/manage",
    "lawyer": "/legal",
    "organisation": "/work",
}


@blueprint.before_app_request
def load_staff() -> None:
    """g.staff for every page: one query, and none for files and for people who have not signed in."""
    g.staff = None
    staff_id = session.get("staff_id")
    if staff_id is None or request.endpoint == "static":
        return
    with transaction() as database:
        g.staff = service.signed_in(database, staff_id)


@blueprint.get("/")
@signed_in
def home() -> Response:
    return redirect(HOMES[current_staff().role], 303)


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> str:
    return _sign_in_page(SignInForm())


@blueprint.post("/sign-in")
@open_to_all
def sign_in_post() -> Response:
    form = SignInForm()
    if not form.validate():
        return make_response(_sign_in_page(form), 400)
    with transaction() as database:
        staff = service.sign_in(database, form.username.data, form.password.data, clock.now())
    if staff is None:
        form.password.errors = [_("用户名或密码不正确。连续输错五次，账号锁定五分钟。")]
        return make_response(_sign_in_page(form), 401)
    session.clear()  # nothing of an earlier person's session goes on
    session["staff_id"] = staff.id
    answer = redirect(_own_page(request.form.get("next")), 303)
    answer.set_cookie("language", staff.language, samesite="Lax", max_age=365 * 86400)
    return answer


def _sign_in_page(form: SignInForm) -> str:
    with transaction() as database:
        demo = queries.demo_accounts(database)
    next_page = _own_page(request.values.get("next"))
    return render_template(
        "sign_in/page.html", form=form, next_page=next_page, demo=demo, demo_password=service.DEMO_PASSWORD
    )


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    with transaction() as database:
        service.sign_out(database, current_staff().id, clock.now())
    session.clear()
    return redirect(url_for("staff.sign_in"), 303)


@blueprint.post("/language/<lang>")
@open_to_all
def language(lang: str) -> Response:
    """Kept in a cookie, and with the account of a person who is signed in."""
    if lang not in service.LANGUAGES:
        abort(404)
    if g.staff is not None:
        with transaction() as database:
            service.choose_language(database, g.staff.id, lang)
    answer = redirect(_own_page(request.form.get("next")), 303)
    answer.set_cookie("language", lang, samesite="Lax", max_age=365 * 86400)
    return answer


@blueprint.get("/read/<int:ticket_id>")
@requires(Permission.SEE_TICKETS)
def read(ticket_id: int) -> str:
    """A confidential ticket: what is it opened for?"""
    with transaction() as database:
        ticket = tickets.get(database, ticket_id)
        back = _own_page(request.args.get("next"))
        return render_template("sign_in/read.html", ticket=ticket, next_page=back)


@blueprint.post("/read/<int:ticket_id>")
@requires(Permission.SEE_TICKETS)
def read_post(ticket_id: int) -> Response:
    purpose = request.form.get("purpose", "")
    if purpose not in list(reading.Purpose):
        flash(_("请选择查阅的用途。"), "error")
        return redirect(url_for(".read", ticket_id=ticket_id, next=_own_page(request.form.get("next"))), 303)
    with transaction() as database:
        ticket = tickets.get(database, ticket_id)
        reading.read(database, ticket, current_staff().id, reading.Purpose(purpose), clock.now())
    return redirect(_own_page(request.form.get("next")), 303)


@blueprint.post("/reveal/<int:caller_id>")
@requires(Permission.REVEAL_CONTACT)
def reveal(caller_id: int) -> Response:
    """With a purpose on record the number is shown to this person for ten minutes (S02)."""
    purpose = request.form.get("purpose", "").strip()[:200]
    back = redirect(_own_page(request.form.get("next")), 303)
    if not purpose:
        flash(_("请写明查看号码的用途。"), "error")
        return back
    me: Staff = current_staff()
    with transaction() as database:
        caller = database.get(Caller, caller_id)
        if caller is None:
            raise NotFound(f"no caller {caller_id}")
        reveal_number(
            database,
            caller,
            staff_id=me.id,
            purpose=purpose,
            now=clock.now(),
            call_id=request.form.get("call_id", type=int),
            ticket_id=request.form.get("ticket_id", type=int),
        )
    return back


def _own_page(address: str | None) -> str:
    """Only a path of this site; anything else, such as //elsewhere.example, leads home."""
    address = address or ""
    parts = urlsplit(address)
    own = address.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in address
    return address if own and not address.startswith("//") else url_for("staff.home")
