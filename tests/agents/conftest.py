import pytest
from flask.testing import FlaskClient

from agents import service
from hotline.db import transaction
from tests.agents.people import NOW, agent, sign_in_as
from tests.support.asterisk import asterisk

__all__ = ["asterisk"]


@pytest.fixture
def me(client: FlaskClient) -> int:
    """Agent 1001, signed in and available."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    with transaction() as session:
        staff_id = agent(session).id
        service.become_available(session, staff_id, NOW)
    sign_in_as(client, staff_id)
    return staff_id
