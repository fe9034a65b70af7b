"""What `hotline up` fills into the settings that were left open."""

from pathlib import Path

import pytest

from hotline.config import Settings
from hotline.wiring.instance import Instance


@pytest.mark.parametrize(
    ("host", "reached_at"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("10.1.2.3", "10.1.2.3")]
)
def test_who_listens_on_every_address_still_gives_links_that_open(
    host: str, reached_at: str, tmp_path: Path
) -> None:
    wanted = Settings.model_validate({"web": {"host": host, "port": 8123}})
    made = Instance(wanted, tmp_path).settings
    assert made.site.public_url == f"http://{reached_at}:8123"
    assert made.twilio.api_base == f"http://{reached_at}:8125"
    assert made.web.host == host


def test_a_public_address_that_was_given_is_kept(tmp_path: Path) -> None:
    given = {"site": {"public_url": "https://12345.example.gov.cn"}, "web": {"host": "0.0.0.0"}}
    made = Instance(Settings.model_validate(given), tmp_path).settings
    assert made.site.public_url == "https://12345.example.gov.cn"
