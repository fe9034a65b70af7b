"""The recogniser as part of the house: who starts it, and what is told of it."""

from pathlib import Path

import pytest

from hotline.config import Settings, Speech
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.wiring.app import create_app
from hotline.wiring.check import findings
from hotline.wiring.instance import Instance
from tests.conftest import Servers, sections
from tests.support.instance import configured


def made(directory: Path, system: str, **speech: object) -> Instance:
    return Instance(Settings.model_validate({"telephony": {"system": system}, "speech": speech}), directory)


def process_names(instance: Instance) -> list[str]:
    return [spec.name for spec in instance.processes(preset="small")]


def test_on_asterisk_our_own_recogniser_is_started_and_found(tmp_path: Path) -> None:
    instance = made(tmp_path, "asterisk")
    assert "recogniser" in process_names(instance)
    assert instance.settings.speech.url == f"http://127.0.0.1:{instance.settings.web.port + 4}/v1"


@pytest.mark.parametrize(
    ("system", "speech"),
    [
        ("simulated", {}),
        ("twilio", {}),
        ("asterisk", {"enabled": False}),
        ("asterisk", {"url": "http://models.example/v1"}),
    ],
)
def test_where_nobody_needs_ours_it_is_not_started(
    system: str, speech: dict[str, object], tmp_path: Path
) -> None:
    instance = made(tmp_path, system, **speech)
    assert "recogniser" not in process_names(instance)
    assert instance.settings.speech.url == speech.get("url", "")


def finding() -> tuple[str, str]:
    return next((one.word, one.text) for one in findings() if one.name == "recogniser")


def test_a_recogniser_that_is_away_is_told_and_nothing_is_missing(
    servers: Servers, seeded_template: str, tmp_path: Path
) -> None:
    name = servers.copy_of(seeded_template)
    url = f"http://127.0.0.1:{free_tcp_port()}/v1"
    with configured(tmp_path / "hotline.toml", sections(servers, name) | {"speech": {"url": url}}):
        assert finding() == ("absent", f"{url} does not answer; callers press keys")
        assert "hotline_recogniser_up 0.0" in create_app().test_client().get("/metrics").text
    with configured(tmp_path / "hotline.toml", sections(servers, name) | {"speech": {"enabled": False}}):
        assert finding()[0] == "ok"
        assert "recogniser" not in create_app().test_client().get("/metrics").text
    servers.drop(name)


def test_what_a_caller_waits_for_has_a_limit() -> None:
    with pytest.raises(ValueError, match="less than or equal to 30"):
        Speech(timeout_seconds=31)
