from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Servers, sections
from tests.support.switch import SimulatedSite, simulated_site


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[SimulatedSite]:
    name = servers.copy_of(seeded_template)
    chosen = {"telephony": {"agent_ring_seconds": 2}, "ivr": {"input_seconds": 2}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **chosen) as running:
        yield running
    servers.drop(name)
