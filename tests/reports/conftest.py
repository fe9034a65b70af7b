"""One made fortnight for all tests of a file: they only look."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers, sections
from tests.reports import generated


@pytest.fixture(scope="module")
def fortnight(
    servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    name = servers.copy_of(seeded_template)
    with generated.fortnight_in(sections(servers, name), tmp_path_factory.mktemp("fortnight")):
        yield name
    servers.drop(name)
