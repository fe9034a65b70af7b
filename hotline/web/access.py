"""Who may open a page. Every view carries exactly one of @requires, @signed_in, @open_to_all, @machine.

tests/conventions/test_pages_name_their_access.py fails for a view that names none.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline.permissions import Permission, allows
from hotline.staff.models import Staff

View = TypeVar("View", bound=Callable[..., Any])
ACCESS = "_hotline_access"


def current_staff() -> Staff:
    """The signed-in person; only inside a view that is @requires or @signed_in."""
    return cast(Staff, g.staff)


def reader() -> str:
    """The actor who reads this page: a person, or the organisation of a link; empty for a citizen."""
    staff, organisation = g.get("staff"), g.get("organisation_of_link")
    if organisation:
        return f"organisation:{organisation}"
    return f"staff:{staff.id}" if staff else ""


def requires(permission: Permission) -> Callable[[View], View]:
    """403 without the permission; to the sign-in page without a session."""

    def wrap(view: View) -> View:
        return _guard(view, str(permission), lambda staff: allows(staff.role, permission))

    return wrap


def signed_in(view: View) -> View:
    return _guard(view, "signed_in", lambda _: True)


def open_to_all(view: View) -> View:
    """Citizens' pages and the sign-in page."""
    setattr(view, ACCESS, "open_to_all")
    return view


def machine(view: View) -> View:
    """Called by machines; the view itself checks a signature. Exempt from CSRF by wiring/app.py."""
    setattr(view, ACCESS, "machine")
    return view


def _guard(view: View, name: str, may: Callable[[Staff], bool]) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        staff = g.get("staff")
        if staff is None:
            return _to_sign_in()
        if not may(staff):
            abort(403)
        return view(*args, **kwargs)

    setattr(guarded, ACCESS, name)
    return cast(View, guarded)


def _to_sign_in() -> Response:
    if request.method == "GET":
        return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")), 303)
    abort(401)
