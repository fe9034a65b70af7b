"""One telephone line for all scenarios of a file, one town for all people at pages: starting takes long."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers
from tests.support.browser import chromium, somebody
from tests.support.line import Line, running_line
from tests.support.running import town

__all__ = ["chromium", "line", "somebody", "town"]


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    directory = tmp_path_factory.mktemp("line")
    with running_line(servers, seeded_template, directory, telephony={"agent_ring_seconds": 4}) as made:
        yield made
