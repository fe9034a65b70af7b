"""The processes' database role cannot touch what is written; whoever can is told by `hotline check`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ProgrammingError

from hotline.config import settings
from hotline.db import transaction
from hotline.event_log import Event
from hotline.trail.verification import verify
from hotline.wiring import relay
from hotline.wiring.check import findings
from hotline.wiring.embedded import OWNER, SERVICE
from hotline.wiring.migrate import RoleMissing, migrate
from tests.conftest import Servers
from tests.support.instance import configured
from tests.trail.tampering import NOW, as_superuser, sealed, sign_in

REFUSED = (
    "UPDATE event_log SET actor = 'staff:6'",
    "DELETE FROM event_log",
    "TRUNCATE event_log",
    "UPDATE event_seal SET total = 0",
    "DELETE FROM event_seal",
    "TRUNCATE event_seal",
    "INSERT INTO event_log (at, kind, actor, data, tx) VALUES (now(), 'x', 'y', '{}', '1')",
    "INSERT INTO event_log (at, kind, actor, data, era) VALUES (now(), 'x', 'y', '{}', -1)",
    "ALTER TABLE event_log DISABLE TRIGGER ALL",
    "DROP TABLE event_seal",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "SET session_replication_role = replica",
)


def test_tests_and_processes_work_as_the_lesser_role(database: str) -> None:
    with transaction() as session:
        assert session.scalar(text("SELECT current_user")) == SERVICE


@pytest.mark.parametrize("statement", REFUSED)
def test_the_lesser_role_is_refused(database: str, statement: str) -> None:
    sealed([1, 2])
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("statement", REFUSED[:6])
def test_even_the_owner_is_refused_by_the_triggers(database: str, statement: str) -> None:
    sealed([1, 2])
    url = make_url(settings().database.owner_url).set(drivername="postgresql")
    with (
        psycopg.connect(url.render_as_string(hide_password=False)) as connection,
        pytest.raises(psycopg.errors.RaiseException, match=r"event_(log|seal) is append-only"),
    ):
        connection.execute(statement.encode())


def trail_finding() -> tuple[str, str]:
    return next((finding.word, finding.text) for finding in findings() if finding.name == "trail")


def test_check_says_how_many_facts_are_sealed(database: str) -> None:
    sealed([1, 2])
    assert trail_finding() == ("ok", "2 facts sealed, 0 not yet")


def test_check_warns_when_the_role_could_change_the_trail(
    database: str, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    sections = settings_of(database)
    sections["database"] = {"url": sections["database"]["owner_url"]}
    with configured(tmp_path / "owner.toml", sections):
        word, said = trail_finding()
    assert word == "remark"
    assert "docs/operating.md" in said


def test_check_warns_of_one_privilege_too_many(database: str) -> None:
    as_superuser(f"GRANT DELETE ON event_seal TO {SERVICE}")
    assert trail_finding()[0] == "remark"
    migrate(settings().database.owner_url, service_url=settings().database.url)
    assert trail_finding()[0] == "ok", "each migration sets it right again"


def test_a_role_that_is_not_there_and_has_a_password_is_named(database: str) -> None:
    owner = settings().database.owner_url
    with pytest.raises(RoleMissing, match='CREATE ROLE "nobody-yet" LOGIN PASSWORD'):
        migrate(owner, service_url=str(make_url(owner).set(username="nobody-yet", password="secret")))


def test_one_role_for_everything_still_works(database: str) -> None:
    owner = settings().database.owner_url
    assert make_url(owner).username == OWNER
    migrate(owner, service_url=owner)


def test_a_log_brought_into_another_cluster_goes_on_in_a_new_era(database: str) -> None:
    """There transactions are counted from the beginning: behind every fact that was brought along."""
    sealed([1, 2])
    sign_in(3)  # owed to handlers and to the sealer still
    as_superuser("UPDATE event_log SET tx = '900000000' WHERE id = (SELECT max(id) FROM event_log)")
    for _ in range(2):
        migrate(settings().database.owner_url, service_url=settings().database.url)
    sealed([4, 5])
    verdict = verify()
    assert (verdict.good, verdict.facts) == (True, 5)
    with transaction() as session:
        assert session.scalars(select(Event.era).order_by(Event.id)).all() == [0, 0, 0, 1, 1]
    assert relay.fan_out(NOW) == 5
    assert relay.fan_out(NOW) == 0


def test_on_a_citys_own_server_the_two_roles_of_the_handbook_are_enough(
    servers: Servers, settings_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    """Neither is a superuser; the owner may not make roles."""
    for statement in (
        "CREATE ROLE city LOGIN",
        "CREATE ROLE city_service LOGIN PASSWORD 'secret'",
        "CREATE DATABASE city OWNER city",
    ):
        servers.run_sql(statement)
    owner = servers.postgres.url("city", role="city")
    service = make_url(servers.postgres.url("city", role="city_service")).set(password="secret")
    urls = {"url": service.render_as_string(hide_password=False), "owner_url": owner}
    migrate(owner, service_url=urls["url"])
    with configured(tmp_path / "city.toml", {**settings_of("city"), "database": urls}):
        sealed([1, 2])
        assert trail_finding() == ("ok", "2 facts sealed, 0 not yet")
    servers.drop("city")
