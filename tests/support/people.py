"""People at the pages, through Flask's test client."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hotline.db import transaction
from hotline.staff.models import Staff
from hotline.staff.service import DEMO_PASSWORD


def staff_with(role: str) -> Staff:
    with transaction() as session:
        return session.scalars(select(Staff).where(Staff.role == role).order_by(Staff.id)).first() or _none(
            role
        )


def _none(role: str) -> Staff:
    raise AssertionError(f"no demo staff with role {role}")


def signed_in_as(app: Flask, role: str) -> FlaskClient:
    return signed_in(app, staff_with(role).username)


def signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"username": username, "password": DEMO_PASSWORD})
    assert answer.status_code == 303, answer.text
    return client
