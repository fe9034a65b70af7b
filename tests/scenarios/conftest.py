"""One telephone line for all scenarios of a file, one town for all people at pages: starting takes long."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.conftest import Servers
from tests.support.browser import chromium, somebody
from tests.support.line import Line, running_line
from tests.support.running import town

__all__ = ["chromium", "line", "somebody", "town"]

LOG_END = 4000  # characters


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A story that fails shows what the processes around it said last."""
    report = yield
    started: list[Any] = [item.funcargs[name] for name in ("line", "town") if name in item.funcargs]
    if report.failed:
        for log in [log for one in started for log in one.logs()]:
            end = log.read_text(encoding="utf-8", errors="replace")[-LOG_END:]
            report.sections.append((f"the end of {log.name}", end))
    return report


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    directory = tmp_path_factory.mktemp("line")
    with running_line(servers, seeded_template, directory, telephony={"agent_ring_seconds": 4}) as made:
        yield made
