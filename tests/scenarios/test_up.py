"""`hotline up`: starts, says what to open, keeps data, stops without a trace, names what is wrong."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from hotline.telephony.asterisk.free_ports import free_tcp_ports
from hotline.wiring.story.people import Browser
from tests.conftest import Servers
from tests.support.running import Hotline, left_over, running_hotline
from tests.support.waiting import eventually

MATTER = "中山路的路灯坏了三天，晚上很黑"
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Day:
    """What a first day left behind: data, words, exit code, processes that should be gone."""

    directory: Path
    port: int
    printed: str
    exit_code: int
    left_over: list[str]


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Started on an empty directory, one matter sent in, asked to stop."""
    directory = tmp_path_factory.mktemp("first-day")
    with running_hotline(directory) as hotline:
        send_in(hotline)
        family = hotline.family()
        code = hotline.stop()
        gone = left_over(family, hotline.data_dir)
    yield Day(directory, hotline.port, hotline.printed, code, gone)


def send_in(hotline: Hotline) -> None:
    matter = {"kind": "complaint", "text": MATTER, "area_id": "0"}
    page = Browser(hotline.url).send("/p/new", "/p/new", matter)
    assert "GD" in page


def refusal(hotline: Hotline) -> str:
    """It must not start; what it says."""
    assert hotline.ends() == 1, hotline.printed
    assert left_over([], hotline.data_dir) == []
    assert "Traceback" not in hotline.printed
    return hotline.printed


def test_it_says_what_to_open_and_who_to_sign_in_as(first_day: Day) -> None:
    base, simulators = f"http://127.0.0.1:{first_day.port}", f"http://127.0.0.1:{first_day.port + 2}"
    for page in ("/agent", "/dispatch", "/work", "/manage", "/p"):
        assert base + page in first_day.printed
    assert f"{simulators}/phone" in first_day.printed
    assert f"{simulators}/inbox" in first_day.printed
    assert "1001" in first_day.printed
    assert "password" in first_day.printed


def test_asked_to_stop_it_ends_well_and_leaves_no_process(first_day: Day) -> None:
    assert first_day.exit_code == 0
    assert first_day.left_over == []
    assert first_day.printed.rstrip().endswith("Stopped.")


def test_the_next_day_everything_is_there_and_a_kill_leaves_no_process(first_day: Day) -> None:
    with running_hotline(first_day.directory) as again:
        assert MATTER in Browser(again.url).sign_in("dispatcher").read("/dispatch")
        second = Hotline(first_day.directory / "second", data_dir=again.data_dir)
        assert second.ends() == 1
        assert f"uses {again.data_dir}" in second.printed
        family = again.family()
        again.kill()
        eventually(lambda: not left_over(family, again.data_dir), "nothing of it is left", 20)


def test_a_damaged_database_is_named_with_what_to_do(first_day: Day, tmp_path: Path) -> None:
    shutil.copytree(first_day.directory / "data", tmp_path / "data", ignore=shutil.ignore_patterns("run"))
    (tmp_path / "data/postgres/global/pg_control").write_bytes(b"")
    said = refusal(Hotline(tmp_path))
    assert f"the database in {tmp_path / 'data/postgres'} cannot be used" in said
    assert "Put a backup of this directory in its place" in said


def test_a_data_directory_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("somebody's file")
    assert f"{tmp_path / 'data'}" in refusal(Hotline(tmp_path))


@pytest.mark.parametrize(
    ("further", "setting"),
    [(0, "web.port"), (1, "web.live_port"), (2, "web.simulators_port"), (3, "embeddings.port")],
)
def test_a_taken_port_is_named_with_its_setting(tmp_path: Path, further: int, setting: str) -> None:
    port = free_tcp_ports(4)
    with socket.create_server(("127.0.0.1", port + further)):
        said = refusal(Hotline(tmp_path, port=port))
    assert f"port {port + further} on 127.0.0.1 ({setting}) is in use" in said
    assert f"set {setting} to another port" in said


def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path) -> None:
    said = refusal(Hotline(tmp_path, {"web": {"workers": 0}, "telephony": {"colour": "red"}}))
    assert "web.workers" in said
    assert "telephony.colour: no such setting" in said


def test_an_outside_database_and_valkey_are_used_where_they_are(
    servers: Servers, seeded_template: str, tmp_path: Path
) -> None:
    outside = servers.postgres.url(servers.copy_of(seeded_template))
    urls = {"database": {"url": outside}, "redis": {"url": servers.valkey.url()}}
    with running_hotline(tmp_path, urls) as hotline:
        send_in(hotline)
        programs = {one.name() for one in hotline.family()}
        assert not [name for name in programs if "postgres" in name or "valkey" in name]
    assert not (tmp_path / "data/postgres").exists()
    libpq = make_url(outside).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq) as connection:
        assert connection.execute("SELECT text FROM ticket").fetchall() == [(MATTER,)]


def test_an_outside_database_that_is_away_is_said(tmp_path: Path) -> None:
    nowhere = f"postgresql+psycopg://hotline@127.0.0.1:{free_tcp_ports(3)}/hotline?connect_timeout=5"
    said = refusal(Hotline(tmp_path, {"database": {"url": nowhere}}))
    assert "migrate ended with exit code 1" in said
    assert "127.0.0.1" in said


def test_make_run_passes_port_and_data_on() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "run", "PORT=8123", "DATA=some/dir"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "up --port 8123 --data some/dir" in shown


def test_a_process_left_over_is_found(tmp_path: Path) -> None:
    """The guard of this file itself."""
    stray = subprocess.Popen(["sleep", "60"], env={"HOTLINE_CONFIG": str(tmp_path / "settings.toml")})
    assert left_over([], tmp_path) == [f"{stray.pid} sleep 60"]
    family = [psutil.Process(stray.pid)]
    assert left_over(family, tmp_path / "elsewhere") == [f"{stray.pid} sleep 60"]
    stray.kill()
    assert left_over(family, tmp_path) == []
    stray.wait()
