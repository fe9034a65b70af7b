"""config.example.toml and the code agree, and wrong settings are refused by name."""

import tomllib
from pathlib import Path

import pytest

from hotline.config import Settings, SettingsRefused, parse

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_shows_every_setting_with_its_default() -> None:
    shown = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert shown == Settings().model_dump(mode="json")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[asterisk]\nsip_prot = 5060", "asterisk.sip_prot: no such setting"),
        ("[web]\nport = 99999", "web.port"),
        ("[telephony]\nsystem = 'smoke signals'", "telephony.system"),
        ("[site]\ntime_zone = 'Mars/Olympus'", "site.time_zone"),
        ("[sms]\nsignature = '【市政】'", "sms.signature"),
        ("[nonsense]\nx = 1", "nonsense: no such setting"),
        ("[[telephony.numbers]]\ndialled = '12345'\nhotline = '99999'", "telephony.numbers.0.hotline"),
        ("[telephony]\nnumbers = []", "telephony.numbers"),
        ("not toml at all", "is not TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(text: str, named: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        parse(text, source="site.toml")
    assert named in str(refused.value)
    assert "site.toml" in str(refused.value)
