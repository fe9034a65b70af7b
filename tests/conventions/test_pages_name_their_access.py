"""Every view says who may open it; a view that does not is named here."""

import pytest
from flask import Flask

from hotline.permissions import ROLES, Permission
from hotline.web.access import ACCESS, open_to_all

KNOWN = {str(p) for p in Permission} | {"signed_in", "open_to_all", "machine"}


def without_access(app: Flask) -> set[str]:
    views = {name: view for name, view in app.view_functions.items() if not name.endswith("static")}
    return {name for name, view in views.items() if getattr(view, ACCESS, None) not in KNOWN}


def test_every_view_names_its_access(app: Flask) -> None:
    assert without_access(app) == set(), (
        "put @requires(Permission.…), @signed_in, @open_to_all or @machine on it"
    )


def test_a_view_without_access_is_found() -> None:
    broken = Flask("broken")
    broken.add_url_rule("/good", "good", open_to_all(lambda: ""))
    broken.add_url_rule("/bad", "bad", lambda: "")
    assert without_access(broken) == {"bad"}


def test_every_permission_belongs_to_a_role() -> None:
    assert set(Permission) == set().union(*ROLES.values())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_gets_a_page_their_role_does_not_open(app: Flask, role: str) -> None:
    """Each GET page without arguments, once for each role: 403 unless the role has the permission."""
    from tests.support.people import signed_in_as

    browser = signed_in_as(app, role)
    for rule in app.url_map.iter_rules():
        needed = getattr(app.view_functions[rule.endpoint], ACCESS, "")
        if "GET" not in (rule.methods or ()) or rule.arguments or needed not in set(Permission):
            continue
        status = browser.get(rule.rule).status_code
        assert (status == 403) == (Permission(needed) not in ROLES[role]), (rule.rule, status)
