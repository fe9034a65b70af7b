import pytest

from tests.ivr.conftest import TOKEN, Site
from tests.ivr.twilio.carrier import Carrier


@pytest.fixture
def carrier(site: Site) -> Carrier:
    return Carrier(site().test_client(), TOKEN)
