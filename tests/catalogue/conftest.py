"""A hotline whose small catalogue is live."""

import pytest

from hotline.catalogue import service
from hotline.db import transaction
from tests.catalogue.administrators import NOW
from tests.catalogue.test_files import GOOD


@pytest.fixture
def catalogue(database: str) -> None:
    with transaction() as session:
        service.load(session, GOOD, NOW)
