"""`hotline check`: one word a finding, and what is needed is told from what is not."""

import pytest

from hotline.wiring.check import Finding, findings


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
