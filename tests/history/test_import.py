"""What an old system closed comes in once, under its own numbers, to be read and nothing else (R06)."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from hotline import clock
from hotline.db import transaction
from hotline.event_log import Event
from hotline.history import queries, service
from hotline.history.models import PastTicket
from hotline.history.service import Imported
from hotline.organisations.models import Area
from hotline.reports.queries import report
from hotline.rows import RowsRefused
from hotline.tickets.models import Ticket, TicketClock
from hotline.wiring.cli import main
from sms.models import SmsMessage
from tests.supervision.test_circulars import LATER, MARCH
from tests.support.people import signed_in_as

pytestmark = pytest.mark.usefixtures("seeded")
HEADER = "old_id,accepted_at,closed_at,item,text,area,organisation,result,number,confidential"
GOOD = (
    "ZZ-0001,2019-03-04 10:00,2019-03-06 16:00,占道经营,菜市场门口摆摊占道,,城管局,已劝离,13800138000,",
    "ZZ-0002,2019-12-31 23:30,2020-01-02 09:00,路灯,巷子里路灯不亮,,市政处,已修好,,",
    "ZZ-0003,2020-05-01 08:00,2020-05-01 08:00,举报,举报某单位,,监察局,已转办,,true",
)


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "old.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


def brought_in(path: Path, system: str = "综治系统") -> Imported:
    with transaction() as session:
        return service.bring_in(session, path, system, clock.now())


def counted(imported: Imported) -> tuple[int, int, int, int]:
    return imported.rows, imported.new, imported.known, imported.refused


def test_every_row_is_here_once_however_often_the_file_comes(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD)
    assert counted(brought_in(path)) == (3, 3, 0, 0)
    assert counted(brought_in(path)) == (3, 0, 3, 0)
    assert counted(brought_in(path, "党政直联")) == (3, 3, 0, 0)  # another system has its own numbers
    with transaction() as session:
        kept = session.scalars(select(PastTicket).where(PastTicket.system == "综治系统")).all()
        assert [one.old_id for one in kept] == ["ZZ-0001", "ZZ-0002", "ZZ-0003"]
        assert kept[0].caller and kept[0].caller.number == "+8613800138000"
        assert [(one.year, one.matters) for one in queries.years(session) if one.system == "综治系统"] == [
            (2019, 2),  # by local time: half past eleven on New Year's Eve
            (2020, 1),
        ]


def test_a_workbook_of_2500_rows_is_counted_as_its_source_counts(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADER.split(",")[:5])
    for n in range(2500):
        book.active.append([f"P{n}", "2018-01-01 09:00", "2018-01-02 09:00", "咨询", f"第{n}件"])
    book.save(tmp_path / "old.xlsx")
    assert counted(brought_in(tmp_path / "old.xlsx")) == (2500, 2500, 0, 0)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(PastTicket)) == 2500


def test_bad_rows_are_named_and_the_good_ones_come_in(tmp_path: Path) -> None:
    bad = (
        "ZZ-0001,2019-03-04,2019-03-05,重复,同一编号,,,,,",
        "ZZ-0004,2019-03-04,2019-03-03,倒,先办结后登记,,,,,",
        ",never,2019-03-03,无,两处错,,,,,",
        "ZZ-0005,2019-03-04,2019-03-05,地,不知何处,moon,,,,",
        "ZZ-0006,2019-03-04,2019-03-05,号,不是号码,,,,12,",
    )
    imported = brought_in(written(tmp_path, *GOOD, *bad))
    assert counted(imported) == (8, 3, 0, 5)
    named = [problem.split(":")[0] for problem in imported.problems]
    assert list(dict.fromkeys(named)) == ["row 5", "row 6", "row 7", "row 8", "row 9"]
    with transaction() as session:
        (fact,) = session.scalars(select(Event).where(Event.kind == "history_imported"))
        assert (fact.data["new"], fact.data["refused"]) == (3, 5)
    with pytest.raises(RowsRefused):
        (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        brought_in(tmp_path / "other.csv")


def test_what_is_here_is_never_changed(tmp_path: Path) -> None:
    brought_in(written(tmp_path, *GOOD))
    imported = brought_in(written(tmp_path, GOOD[0].replace("已劝离", "未处理"), *GOOD[1:]))
    assert counted(imported) == (3, 0, 2, 1) and "ZZ-0001 is here with other words" in imported.problems[0]
    with transaction() as session:
        first = session.scalars(select(PastTicket).where(PastTicket.old_id == "ZZ-0001")).one()
        assert first.result == "已劝离"


def test_it_gets_no_clock_no_text_and_stands_in_no_rate(tmp_path: Path) -> None:
    with transaction() as session:
        before = [(one.numerator, one.denominator) for one in report(session, MARCH, LATER)]
    brought_in(written(tmp_path, GOOD[0].replace("2019-03", "2026-03")))
    with transaction() as session:
        assert [(one.numerator, one.denominator) for one in report(session, MARCH, LATER)] == before
        for table in (Ticket, TicketClock, SmsMessage):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_the_command_says_what_became_of_every_row(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD, "ZZ-0009,never,2019-03-03,无,错,,,,,")
    done = CliRunner().invoke(main, ["import-history", str(path), "--system", "综治系统"])
    assert done.exit_code == 1
    assert "4 rows: 3 new, 0 here already, 1 refused" in done.output and "row 5: accepted_at" in done.output
    mended = CliRunner().invoke(
        main, ["import-history", str(written(tmp_path, *GOOD)), "--system", "综治系统"]
    )
    assert mended.exit_code == 0 and "0 new, 3 here already" in mended.output


def test_permitted_staff_search_and_read_it_and_nobody_else(app: Flask, tmp_path: Path) -> None:
    with transaction() as session:
        county = session.scalars(select(Area).where(Area.level == "county").limit(1)).one()
    brought_in(written(tmp_path, GOOD[0].replace(",,城管局", f",{county.code},城管局"), *GOOD[1:]))
    agent, url = signed_in_as(app, "agent"), "/manage/history"
    assert all(old in agent.get(url).text for old in ("ZZ-0001", "ZZ-0002", "综治系统 2019"))
    found = agent.get(url, query_string={"q": "占道"}).text
    assert "ZZ-0001" in found and "ZZ-0002" not in found
    assert "ZZ-0003" in agent.get(url, query_string={"q": "ZZ-0003", "system": "综治系统"}).text
    assert "没有这样的历史诉求" in agent.get(url, query_string={"q": "举报某单位"}).text  # confidential
    with transaction() as session:
        ids = dict(session.execute(select(PastTicket.old_id, PastTicket.id)).all())
    page = agent.get(f"{url}/{ids['ZZ-0001']}").text
    assert "已劝离" in page and county.name in page and "13800138000" not in page
    hidden = agent.get(f"{url}/{ids['ZZ-0003']}").text
    assert "保密诉求" in hidden and "举报某单位" not in hidden and "监察局" not in hidden
    assert agent.get(f"{url}/999999").status_code == 404
    assert signed_in_as(app, "organisation").get(url).status_code == 403
