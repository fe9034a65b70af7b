"""Asterisk as a process of ours, and the files it reads."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.errors import InvalidInput
from hotline.telephony.asterisk.conf import MODULES, files
from hotline.telephony.asterisk.instance import AsteriskFailed, AsteriskInstance
from hotline.telephony.asterisk.settings import Agent
from ivr.asterisk.dialplan import extensions_conf
from tests.support.asterisk import running_asterisk, settings_for


def test_two_instances_run_side_by_side(asterisk: AsteriskInstance, tmp_path: Path) -> None:
    with running_asterisk(tmp_path) as other:
        for instance in (asterisk, other):
            assert f"127.0.0.1:{instance.settings.sip_port}" in instance.rx("pjsip show transports")


def test_every_application_the_dialplan_names_is_loaded(asterisk: AsteriskInstance) -> None:
    steps = [line.partition(". ")[2] for line in asterisk.rx("dialplan show").splitlines()]
    named = {step.partition("(")[0] for step in steps if "(" in step}
    assert {"AGI", "Queue", "ExecIf"} <= named
    for application in named:
        assert "is (are) not registered" not in asterisk.rx(f"core show application {application}"), (
            application
        )


def test_it_starts_without_a_complaint(tmp_path: Path) -> None:
    with running_asterisk(tmp_path) as own:
        log = (own.settings.directory / "log/full").read_text()
        assert "ERROR" not in log
        assert "loader.c: Some" not in log
        assert all(f"{module}.so" in own.rx("module show") for module in MODULES.split())


def test_only_the_owner_may_read_the_secrets(asterisk: AsteriskInstance) -> None:
    assert asterisk.settings.directory.stat().st_mode & 0o077 == 0
    for path in (asterisk.settings.directory / "etc").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_stopped_instance_leaves_no_process_and_starts_again(tmp_path: Path) -> None:
    with running_asterisk(tmp_path) as own:
        assert own.process is not None
        pid = own.process.pid
        own.stop()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        own.start()
        assert "Asterisk 22" in own.rx("core show version")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.ami_port))
        taken.listen()
        instance = AsteriskInstance(settings, extensions_conf(settings))
        with pytest.raises(AsteriskFailed, match=str(settings.ami_port)):
            instance.start()
        assert instance.process is None


def test_without_asterisk_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    settings = replace(settings_for(tmp_path), prefix=tmp_path / "nothing")
    with pytest.raises(AsteriskFailed, match="make asterisk"):
        AsteriskInstance(settings, "").start()


def test_an_asterisk_that_cannot_start_is_an_error_and_is_gone(tmp_path: Path) -> None:
    settings = replace(settings_for(tmp_path), prefix=tmp_path / "prefix")
    settings.prefix.mkdir()
    program = settings.prefix / "asterisk"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    instance = AsteriskInstance(settings, "")
    with pytest.raises(AsteriskFailed, match="ended with status 3"):
        instance.start()
    assert instance.process is None


def test_an_asterisk_without_its_modules_is_an_error(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    damaged = tmp_path / "prefix"
    (damaged / "modules").mkdir(parents=True)
    for part in ("asterisk", "share"):
        (damaged / part).symlink_to(settings.prefix / part)
    with pytest.raises(AsteriskFailed):
        AsteriskInstance(replace(settings, prefix=damaged), "").start()


def test_the_same_settings_give_the_same_files(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert files(settings, "x") == files(settings, "x")


@pytest.mark.parametrize(
    "change",
    [
        {"agents": (Agent("8001", "x\n[evil]"),)},
        {"agents": (Agent("80 01", "x"),)},
        {"ami_secret": "x;y"},
        {"ami_secret": ""},
        {"numbers": {"12345,1,System(x)": "12345"}},
        {"numbers": {"12345": "no_such_hotline"}},
        {"queues": ("hotline_12345", "hotline_12348", "a]b")},
        {"trunk_host": "host\n"},
        {"recordings_dir": Path("/a,b")},
        {"recordings_dir": Path("recordings")},
        {"sounds_dirs": {"../zh": Path("/x")}},
    ],
)
def test_a_setting_cannot_add_a_line_to_a_file(tmp_path: Path, change: dict[str, object]) -> None:
    settings = settings_for(tmp_path)
    with pytest.raises(InvalidInput):
        replace(settings, **change)
