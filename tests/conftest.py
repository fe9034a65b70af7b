"""Real servers for every test: one PostgreSQL and one Valkey a session, a database of its own a test."""

import ipaddress
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import clock
from hotline.db import transaction
from hotline.wiring.embedded import SERVICE, EmbeddedPostgres, EmbeddedValkey
from hotline.wiring.processes import ProcessSpec, running
from tests.support.instance import configured
from tests.support.pages import application

_numbers = itertools.count(1)
_connect = socket.socket.connect
SECRET = "a secret for tests only"
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2 << 30  # a container's own is often too small


def _loopback_only(sock: socket.socket, address: Any) -> None:
    """No test leaves this machine, whatever the code under test was told."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise RuntimeError(f"tests speak to loopback only, not to {host}")
    _connect(sock, address)


# Two test processes at once: an Asterisk that a test restarts must find its ports where it left them.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 2
os.environ["HOTLINE_PORTS"] = ("16000-23300", "23800-31100")[_worker]
# Vectors are the same bit for bit, and threads that spin while they wait for each other double their price.
os.environ.setdefault("OMP_NUM_THREADS", "1")

socket.socket.connect = _loopback_only  # type: ignore[method-assign, assignment]


class Servers:
    def __init__(self, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
        self.postgres = postgres
        self.valkey = valkey

    def copy_of(self, template: str) -> str:
        name = f"test_{next(_numbers)}"
        self.run_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self.run_sql(f"DROP DATABASE {name} WITH (FORCE)")

    def run_sql(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    @cached_property
    def _connection(self) -> psycopg.Connection:
        """One for all databases: each test makes one and drops it."""
        return psycopg.connect(self.postgres.url().replace("+psycopg", ""), autocommit=True)


def _careless(postgres: ProcessSpec) -> ProcessSpec:
    """These data need not outlive a power cut, and a database for each test is made faster without."""
    return replace(postgres, argv=[*postgres.argv, "-c", "fsync=off", "-c", "full_page_writes=off"])


@contextmanager
def _quick_directory(otherwise: Path) -> Iterator[Path]:
    """In memory where there is room. A database is a thousand files, and ext4 gives out the inodes of files
    just removed only after a long search: a copy on disk costs ten times the CPU.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_BYTES:
        yield otherwise
        return
    for left_over in MEMORY.glob("hotline-tests-*"):  # of a run that was killed
        if not Path("/proc", left_over.name.split("-")[2]).exists():
            shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"hotline-tests-{os.getpid()}-", dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with _quick_directory(tmp_path_factory.mktemp("servers")) as data:
        made = Servers(EmbeddedPostgres(data), EmbeddedValkey(data))
        made.postgres.prepare()
        made.valkey.prepare()
        with running(_careless(made.postgres.process()), made.valkey.process(), log_dir=data / "log"):
            yield made


@pytest.fixture(scope="session")
def empty_template(servers: Servers) -> str:
    """A migrated database without a row of ours."""
    from hotline.wiring.migrate import migrate

    servers.run_sql("CREATE DATABASE template_empty")
    name = "template_empty"
    migrate(servers.postgres.url(name), service_url=servers.postgres.url(name, role=SERVICE))
    return name


@pytest.fixture(scope="session")
def seeded_template(servers: Servers, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Both catalogues, the small preset of organisations, demo staff."""
    from hotline.wiring.seed import seed

    servers.run_sql(f"CREATE DATABASE template_seeded TEMPLATE {empty_template}")
    path = tmp_path_factory.mktemp("seed") / "hotline.toml"
    with configured(path, sections(servers, "template_seeded")), transaction() as session:
        seed(session, preset="small", now=clock.now())
    return "template_seeded"


def sections(servers: Servers, database: str) -> dict[str, Any]:
    return {
        "site": {"secret_key": SECRET},
        "database": {
            "url": servers.postgres.url(database, role=SERVICE),
            "owner_url": servers.postgres.url(database),
        },
        "redis": {"url": servers.valkey.url()},
        "survey": {"ring_from": time(0), "ring_until": time(0)},  # the tests run at night too
    }


Configure = Callable[..., None]


@pytest.fixture
def settings_of(servers: Servers) -> Callable[[str], dict[str, Any]]:
    """The settings sections of a database name; tests add to them."""
    return lambda database: sections(servers, database)


@pytest.fixture
def database(servers: Servers, empty_template: str, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database; `transaction()` opens it."""
    name = servers.copy_of(empty_template)
    with configured(tmp_path / "hotline.toml", sections(servers, name)):
        yield name
    servers.drop(name)


@pytest.fixture
def seeded(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[str]:
    """A database with catalogues, a small town's organisations and demo staff."""
    name = servers.copy_of(seeded_template)
    with configured(tmp_path / "hotline.toml", sections(servers, name)):
        yield name
    servers.drop(name)


@pytest.fixture
def app(seeded: str) -> Iterator[Flask]:
    with application(WTF_CSRF_ENABLED=False) as made:  # the CSRF guard has a test of its own
        yield made


@pytest.fixture
def own_app(seeded: str) -> Flask:
    """For a test that adds pages to it."""
    from hotline.wiring.app import create_app

    made = create_app()
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with yet."""
    return app.test_client()
