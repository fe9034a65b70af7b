"""A city hears what is dangerous there: its own words and rules beside those that ship."""

from pathlib import Path

import pytest

from hotline.catalogue import alarms
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.understanding.emergencies import Listener, shipped_listener
from hotline.db import transaction
from hotline.learning.queries import classifier_for
from hotline.wiring.check import findings
from tests.conftest import Servers, sections
from tests.support.instance import configured

FERRY = """
[words]
ferry = "摆渡船 渡轮"
adrift = "漂走了 漂远了 没动力了"
quake = "地动山摇"
harmless = "漂走了吗"

[[rule]]
code = "ferry_adrift"
name = "渡船失去动力"
name_en = "A ferry adrift"
number = "12395"
item_code = "1602"
sure = true
when = ["ferry + adrift@20"]
"""
ADRIFT = "东湖的摆渡船没动力了,越漂越远"


def site(tmp_path: Path, text: str) -> Listener:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    return alarms.read(str(own))


def rule(listener: Listener, text: str) -> str | None:
    found = listener.alarm(text)
    return found.rule if found else None


def test_a_city_hears_its_own_rule_and_still_all_that_ship(tmp_path: Path) -> None:
    own = site(tmp_path, FERRY)

    assert rule(shipped_listener(), ADRIFT) is None
    found = own.alarm(ADRIFT)
    assert found is not None
    assert (found.rule, found.number, found.words) == ("ferry_adrift", "12395", ("摆渡船", "没动力了"))
    assert rule(own, "三楼着火了冒黑烟") == "fire"
    assert rule(own, "渡轮漂走了吗") is None


def test_a_city_adds_words_to_a_class_of_ours(tmp_path: Path) -> None:
    own = site(tmp_path, 'words.death_wish = "去见龙王爷"')

    assert rule(shipped_listener(), "我今天就去见龙王爷") is None
    assert rule(own, "我今天就去见龙王爷") == "suicide_words"


def test_a_city_switches_a_rule_off_and_may_write_it_anew(tmp_path: Path) -> None:
    assert rule(site(tmp_path, 'off = ["fire"]'), "三楼着火了冒黑烟") != "fire"

    anew = FERRY.replace("ferry_adrift", "fire")
    assert rule(site(tmp_path, 'off = ["fire"]\n' + anew), ADRIFT) == "fire"
    with pytest.raises(CatalogueRefused, match="rule fire: code: used 2 times"):
        site(tmp_path, anew)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('off = ["flood_of_frogs"]', "off: flood_of_frogs: there is no such rule"),
        (
            FERRY.replace("adrift@20", "away"),
            "rule ferry_adrift: when 'ferry + away': there is no class away",
        ),
        (FERRY.replace('number = "12395"', ""), "rule ferry_adrift: number: is missing"),
        ("[reading]\nlongest = 5", "reading: no such field"),
        ('rule = ["着火"]', "rule number 1"),
        ("off = []\nwords = ?", "at line 2"),
    ],
)
def test_a_wrong_lexicon_is_refused_by_rule_or_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        site(tmp_path, text)

    assert str(refused.value).startswith(str(tmp_path / "own.toml"))
    assert fault in str(refused.value)


def test_the_settings_name_the_lexicon_and_check_reads_it(
    servers: Servers, seeded: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def told(own: Path) -> tuple[str, str, str | None]:
        with configured(
            tmp_path / "site.toml", sections(servers, seeded) | {"emergencies": {"lexicon": str(own)}}
        ):
            (one,) = (one for one in findings() if one.name == "emergency lexicon")
            return one.word, one.text, rule(alarms.listener(), ADRIFT)

    (tmp_path / "own.toml").write_text(FERRY, encoding="utf-8")
    (tmp_path / "spoilt.toml").write_text('off = ["x"]', encoding="utf-8")

    word, text, heard = told(tmp_path / "own.toml")
    assert (word, heard) == ("ok", "ferry_adrift")
    assert "own.toml" in text
    word, text, heard = told(tmp_path / "spoilt.toml")
    assert (word, heard) == ("MISSING", None)
    assert "off: x: there is no such rule" in text
    assert "not heard until it is mended" in caplog.text
    word, text, _ = told(tmp_path / "gone.toml")
    assert word == "MISSING" and "mend emergencies.lexicon" in text


def test_suggestions_are_made_with_the_lexicon_of_the_city(
    servers: Servers, seeded: str, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(FERRY, encoding="utf-8")
    own = {"emergencies": {"lexicon": str(tmp_path / "own.toml")}}
    with configured(tmp_path / "site.toml", sections(servers, seeded) | own), transaction() as session:
        found = classifier_for(session, "12345").suggest(ADRIFT)

    assert found.alarm is not None and found.alarm.rule == "ferry_adrift"
