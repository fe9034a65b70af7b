"""The embedded servers: real PostgreSQL and Valkey, started, stopped, damaged and started again."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy

from hotline.wiring.embedded import (
    DataDirectoryDamaged,
    DataDirectoryInUse,
    EmbeddedPostgres,
    EmbeddedServerFailed,
    EmbeddedValkey,
    drop_to,
    seem_to_be,
    socket_directory,
)
from hotline.wiring.processes import checked, libc, running

NOBODY = 65534
PR_CAPBSET_DROP = 24
CAP_CHOWN, CAP_SETGID, CAP_SETUID = 0, 6, 7

START_AND_ASK = """
import os, sys
from pathlib import Path
from sqlalchemy import create_engine, text
from hotline.errors import HotlineError
from hotline.wiring.embedded import EmbeddedPostgres
from hotline.wiring.processes import running
data = Path(sys.argv[1])
postgres = EmbeddedPostgres(data)
try:
    postgres.prepare()
    with running(postgres.process(), log_dir=data / "log"):
        with create_engine(postgres.url()).connect() as connection:
            print("answer", os.geteuid(), connection.scalar(text("SELECT 6 * 7")))
except HotlineError as error:
    print("refused", error)
"""


def as_an_ordinary_user() -> None:
    """Root takes an ordinary user's number (and may still reach this checkout below /root)."""
    if os.geteuid() == 0:
        drop_to(NOBODY, NOBODY)


def as_root_without_powers_over_users() -> None:
    """As in a sandbox; an ordinary user has none to give up."""
    if os.geteuid() == 0:
        for power in (CAP_CHOWN, CAP_SETGID, CAP_SETUID):
            checked(libc.prctl(PR_CAPBSET_DROP, power, 0, 0, 0))


def user_namespaces_allowed() -> bool:
    """Containers and some systems forbid them."""
    try:
        subprocess.run(["true"], preexec_fn=partial(seem_to_be, 0, 0), check=True)
    except subprocess.SubprocessError:
        return False
    return True


def start_and_ask(data: Path, preexec: Callable[[], None] | None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START_AND_ASK, str(data)],
        preexec_fn=preexec,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def value(postgres: EmbeddedPostgres, statement: str) -> object:
    engine = sqlalchemy.create_engine(postgres.url())
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        answer = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a fresh database, to be copied by each test that harms one."""
    data = tmp_path_factory.mktemp("prepared")
    EmbeddedPostgres(data).prepare()
    return data


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "data"
    shutil.copytree(prepared, copy)
    yield copy
    shutil.rmtree(copy)


def test_a_fresh_database_answers_on_its_private_socket_only(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "data")
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path / "log"):
        assert value(postgres, "SHOW server_version").__str__().startswith("18.")
        assert value(postgres, "SHOW listen_addresses") == ""
        assert value(postgres, "SHOW synchronous_commit") == "on"
        assert value(postgres, "SHOW server_encoding") == "UTF8"
        assert value(postgres, "SELECT current_database()") == "hotline"
    assert (tmp_path / "data" / "run").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "postgres").stat().st_mode & 0o777 == 0o700


def test_what_was_committed_is_there_after_a_restart(data: Path, tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(data)
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path):
        value(postgres, "CREATE TABLE ticket AS SELECT '占道经营' AS text")
    again = EmbeddedPostgres(data)
    again.prepare()
    with running(again.process(), log_dir=tmp_path):
        assert value(again, "SELECT upper(text) FROM ticket") == "占道经营"


def test_a_restored_copy_owned_by_someone_else_starts_again_under_root(data: Path, tmp_path: Path) -> None:
    """`data` is such a copy: its files belong to whoever ran the tests, its mode to the umask."""
    (data / "postgres").chmod(0o755)
    postgres = EmbeddedPostgres(data)
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path):
        assert value(postgres, "SELECT 1") == 1


def test_a_first_start_cut_short_begins_anew(tmp_path: Path) -> None:
    half_made = tmp_path / "postgres.new-1234"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    postgres = EmbeddedPostgres(tmp_path)
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path / "log"):
        assert value(postgres, "SELECT 1") == 1
    assert not half_made.exists()


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("PG_VERSION", None, "PG_VERSION is missing"),
        ("PG_VERSION", b"\xff\x00garbage", "PG_VERSION says"),
        ("PG_VERSION", b"16\n", "PG_VERSION says '16', and this program brings PostgreSQL 18"),
        ("global/pg_control", None, "global/pg_control is damaged"),
        ("global/pg_control", b"garbage" * 100, "global/pg_control is damaged"),
        ("global/pg_control", b"", "global/pg_control is damaged"),
        ("pg_wal", None, "pg_wal is missing"),
        ("postgresql.conf", None, "postgresql.conf is missing"),
    ],
)
def test_a_damaged_database_is_named_with_what_to_do(
    data: Path, file: str, content: bytes | None, said: str
) -> None:
    harmed = data / "postgres" / file
    if content is not None:
        harmed.write_bytes(content)
    elif harmed.is_dir():
        shutil.rmtree(harmed)
    else:
        harmed.unlink()
    with pytest.raises(DataDirectoryDamaged) as refused:
        EmbeddedPostgres(data).prepare()
    assert said in str(refused.value)
    assert str(data / "postgres") in str(refused.value)
    assert "Put a backup of this directory in its place" in str(refused.value)


def test_an_emptied_database_directory_is_never_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(DataDirectoryDamaged):
        EmbeddedPostgres(tmp_path).prepare()


def test_a_data_directory_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    for server in (EmbeddedPostgres(tmp_path / "data"), EmbeddedValkey(tmp_path / "data")):
        with pytest.raises(EmbeddedServerFailed, match="/data cannot be used"):
            server.prepare()


def test_a_second_instance_on_the_same_data_is_told_of_the_first(data: Path, tmp_path: Path) -> None:
    postgres, valkey = EmbeddedPostgres(data), EmbeddedValkey(data)
    postgres.prepare()
    valkey.prepare()
    with running(postgres.process(), valkey.process(), log_dir=tmp_path):
        with pytest.raises(DataDirectoryInUse, match="PostgreSQL with process id"):
            EmbeddedPostgres(data).prepare()
        with pytest.raises(DataDirectoryInUse, match="Valkey answers"):
            EmbeddedValkey(data).prepare()
        assert value(postgres, "SELECT 1") == 1


def test_a_lock_left_by_a_crash_whose_number_went_to_another_program_does_no_harm(
    data: Path, tmp_path: Path
) -> None:
    lock = data / "postgres" / "postmaster.pid"
    lock.write_text(
        f"{os.getpid()}\n{data}/postgres\n{int(time.time())}\n5432\n{data}/run\n\n  0 0\nready   \n"
    )
    (data / "run" / ".s.PGSQL.5432.lock").write_text(lock.read_text())
    postgres = EmbeddedPostgres(data)
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path):
        assert value(postgres, "SELECT 1") == 1


@pytest.mark.parametrize("folder", ["很长的目录" * 8, "comma, and 'quote'"])
def test_a_path_no_socket_can_have_gets_a_short_private_one(
    prepared: Path, tmp_path: Path, folder: str
) -> None:
    data = tmp_path / folder
    shutil.copytree(prepared, data)
    postgres, valkey = EmbeddedPostgres(data), EmbeddedValkey(data)
    postgres.prepare()
    valkey.prepare()
    sockets = socket_directory(data)
    assert sockets.parent == Path("/tmp")
    assert sockets.stat().st_mode & 0o777 == 0o700
    with running(postgres.process(), valkey.process(), log_dir=tmp_path):
        assert value(postgres, "SELECT 1") == 1
        assert redis.Redis.from_url(valkey.url()).ping()
    shutil.rmtree(sockets)


def test_a_socket_directory_prepared_by_a_stranger_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("很长的目录" * 8)
    sockets = socket_directory(data)
    sockets.symlink_to(tmp_path)
    with pytest.raises(EmbeddedServerFailed, match=str(sockets)):
        EmbeddedPostgres(data).prepare()
    sockets.unlink()


def test_it_starts_for_an_ordinary_user(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, NOBODY, NOBODY)
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    assert start_and_ask(data, as_an_ordinary_user) == f"answer {user} 42"


def test_an_ordinary_user_is_told_when_the_data_belong_to_another(prepared: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    if os.geteuid() == 0:
        assert "belongs to the user with uid 0" in start_and_ask(data, as_an_ordinary_user)
    else:
        (data / "postgres").chmod(0)
        with pytest.raises(EmbeddedServerFailed, match="must belong to the user who starts"):
            EmbeddedPostgres(data).prepare()
        (data / "postgres").chmod(0o700)


def test_root_that_may_not_change_its_user_starts_in_a_namespace_or_is_told_what_to_do(
    tmp_path: Path,
) -> None:
    said = start_and_ask(tmp_path / "data", as_root_without_powers_over_users)
    if user_namespaces_allowed() or os.geteuid() != 0:
        assert said == f"answer {os.geteuid()} 42"
    else:
        assert "start as an ordinary user, or set database.url" in said


def test_no_directory_above_the_data_is_opened_and_no_user_is_made(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    users = Path("/etc/passwd").read_bytes()
    postgres = EmbeddedPostgres(closed / "data")
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path / "log"):
        assert value(postgres, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == os.geteuid()
    assert Path("/etc/passwd").read_bytes() == users


def test_a_citizens_number_in_a_refused_row_stays_out_of_the_server_log(data: Path, tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(data)
    postgres.prepare()
    with running(postgres.process(), log_dir=tmp_path):
        url = postgres.url().replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE caller (number text PRIMARY KEY)")
            connection.execute("INSERT INTO caller VALUES (%s)", ["13800001234"])
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO caller VALUES (%s)", ["13800001234"])
    log = (tmp_path / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "13800001234" not in log


def test_valkey_answers_and_keeps_nothing(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path)
    valkey.prepare()
    with running(valkey.process(), log_dir=tmp_path / "log"):
        assert redis.Redis.from_url(valkey.url()).set("wake", "up")
    valkey.prepare()
    with running(valkey.process(), log_dir=tmp_path / "log"):
        assert redis.Redis.from_url(valkey.url()).get("wake") is None


def test_servers_start_whatever_locale_and_ports_the_environment_names(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zz_ZZ.UTF-8")
    monkeypatch.setenv("LC_ALL", "zz_ZZ.UTF-8")
    monkeypatch.setenv("PGPORT", "6543")
    postgres, valkey = EmbeddedPostgres(data), EmbeddedValkey(data)
    postgres.prepare()
    valkey.prepare()
    with running(postgres.process(), valkey.process(), log_dir=tmp_path):
        assert value(postgres, "SELECT 1") == 1
