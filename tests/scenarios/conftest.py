"""One telephone line for all scenarios of a file: starting it takes longer than a call."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers
from tests.support.line import Line, running_line


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    directory = tmp_path_factory.mktemp("line")
    with running_line(servers, seeded_template, directory, telephony={"agent_ring_seconds": 2}) as made:
        yield made
