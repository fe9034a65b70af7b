"""One seeded database for all tests of a file: each looks at tickets of its own only."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers, sections
from tests.support.instance import configured


@pytest.fixture(scope="module")
def seeded(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    name = servers.copy_of(seeded_template)
    with configured(tmp_path_factory.mktemp("town") / "hotline.toml", sections(servers, name)):
        yield name
    servers.drop(name)
