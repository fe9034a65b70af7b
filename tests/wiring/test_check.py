"""`hotline check`: one word a finding, and what is needed is told from what is not."""

from pathlib import Path

import pytest

from hotline.wiring.check import Finding, findings
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
