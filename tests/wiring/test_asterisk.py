"""An Asterisk made from the site's settings."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hotline.config import Settings
from hotline.telephony.asterisk.free_ports import free_tcp_port, free_tcp_ports, free_udp_port
from hotline.wiring.cli import main
from hotline.wiring.instance import PORTS, Instance
from hotline.wiring.processes import PortTaken
from tests.support.asterisk import asterisk_prefix


def test_every_agent_has_a_telephone_in_the_written_configuration(seeded: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["asterisk-config", "--directory", str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    assert f"-C {tmp_path}/a/etc/asterisk.conf" in done.output
    telephones = (tmp_path / "a/etc/pjsip.conf").read_text()
    assert all(f"[{extension}](agent)" in telephones for extension in ("1001", "1005"))
    assert "exten => +8612345," in (tmp_path / "a/etc/extensions.conf").read_text()


def instance(directory: Path, **asterisk: Any) -> Instance:
    ports = {name: free_tcp_port() for name in ("ami_port", "http_port", "agi_port")}
    values = {
        "web": {"port": free_tcp_ports(PORTS)},
        "telephony": {"system": "asterisk"},
        "asterisk": {"prefix": asterisk_prefix(), "sip_port": free_udp_port(), **ports, **asterisk},
    }
    return Instance(Settings.model_validate(values), directory)


def names(of: Instance) -> list[str]:
    return [spec.name for spec in of.processes(preset="small")]


def test_asterisk_starts_after_its_configuration_and_who_talks_with_callers(tmp_path: Path) -> None:
    order = names(instance(tmp_path))
    places = [order.index(name) for name in ("seed", "agi", "asterisk-config", "asterisk", "ami")]
    assert places == sorted(places)


def test_an_asterisk_run_elsewhere_is_not_started(tmp_path: Path) -> None:
    assert {"asterisk", "asterisk-config"}.isdisjoint(names(instance(tmp_path, managed=False)))


def test_the_managers_secret_is_never_the_one_in_the_example(tmp_path: Path) -> None:
    assert instance(tmp_path).settings.asterisk.ami_secret != Settings().asterisk.ami_secret


@pytest.mark.parametrize("port", ["agi_port", "ami_port", "http_port"])
def test_a_taken_port_is_named_by_its_setting(tmp_path: Path, port: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        crowded = instance(tmp_path, **{port: taken.getsockname()[1]})
        with pytest.raises(PortTaken, match=f"asterisk.{port}"):
            crowded.prepare()
