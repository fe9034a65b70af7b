"""`hotline check`: one word a finding, and what is needed is told from what is not."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.catalogue.models import CatalogueVersion, Item
from hotline.db import transaction
from hotline.wiring.check import Finding, findings
from tests.conftest import Servers, sections
from tests.support.instance import configured


@pytest.mark.parametrize(
    ("finding", "word"),
    [
        (Finding("Valkey", True, "answers"), "ok"),
        (Finding("working calendar", True, "2027 is provisional", remark=True), "remark"),
        (Finding("sipp", False, "plays callers", needed=False), "absent"),
        (Finding("schema", False, "run `hotline migrate`"), "MISSING"),
    ],
)
def test_each_finding_has_its_word(finding: Finding, word: str) -> None:
    assert finding.word == word


def test_a_ready_house_misses_nothing(seeded: str) -> None:
    assert [finding for finding in findings() if finding.word == "MISSING"] == []


def test_too_little_room_for_attachments_is_told_before_citizens_are_turned_away(tmp_path: Path) -> None:
    with configured(tmp_path / "hotline.toml", {"attachments": {"keep_free_mb": 10**9}}):
        words = {finding.name: (finding.word, finding.text) for finding in findings()}
    word, text = words["attachments"]
    assert word == "MISSING"
    assert "make room" in text


def test_a_limit_of_the_law_that_no_clock_knows_is_remarked(seeded: str) -> None:
    def remarks() -> list[str]:
        return [one.text for one in findings() if one.name == "limits of the law" and one.word == "remark"]

    assert remarks() == []
    with transaction() as session:
        live = select(Item).join(CatalogueVersion).where(CatalogueVersion.live, Item.code == "0801")
        session.scalars(live).one().statutory_limit = "择日办结"
    assert ["择日办结" in text for text in remarks()] == [True]


def test_a_site_that_overrides_what_is_no_clock_is_told(
    servers: Servers, seeded: str, tmp_path: Path
) -> None:
    own = sections(servers, seeded) | {"tiers": {"overrides": {"lunch": "2 hours"}}}
    with configured(tmp_path / "own.toml", own):
        (limits,) = (one for one in findings() if one.name == "limits")
    assert limits.word == "MISSING"
    assert "no such clock: lunch" in limits.text
