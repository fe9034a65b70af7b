"""A manager's browser over one made fortnight."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline.wiring.app import create_app
from tests.reports.conftest import fortnight
from tests.support.people import signed_in_as

__all__ = ["fortnight"]


@pytest.fixture(scope="module")
def office(fortnight: str) -> Flask:
    return create_app()


@pytest.fixture
def manager(office: Flask) -> FlaskClient:
    office.config["WTF_CSRF_ENABLED"] = False
    return signed_in_as(office, "manager")
