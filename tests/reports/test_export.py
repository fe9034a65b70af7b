"""What machines read: the figures as JSON and CSV, the facts as JSON lines."""

import csv
import io
import json
from datetime import timedelta

from sqlalchemy import func, select

from hotline.db import transaction
from hotline.event_log import Event
from hotline.reports import export, queries
from hotline.reports.queries import Dimension, Result
from tests.reports.generated import FORTNIGHT, MID


def results(by: Dimension = "all") -> list[Result]:
    with transaction() as session:
        return queries.report(session, FORTNIGHT, MID, by=by)


def test_each_figure_tells_its_parts_its_unit_and_its_definition(fortnight: str) -> None:
    records = {record["name"]: record for record in export.as_records(results())}
    assert json.loads(json.dumps(records)) == records
    for record in records.values():
        assert {"numerator", "denominator", "excluded", "value", "unit", "definition"} <= record.keys()
    received, rate = records["calls_received"], records["solved_rate"]
    assert (received["unit"], type(received["value"])) == ("calls", int)
    assert received["value"] == received["numerator"]
    assert (rate["unit"], type(rate["value"])) == ("percent", float)
    assert rate["value"] == round(100 * rate["numerator"] / rate["denominator"], 2)


def test_the_csv_opens_in_a_spreadsheet_and_names_the_groups(fortnight: str) -> None:
    text = export.as_csv(results("category"), {"01": "01 政务办事, 咨询"})
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(results("category"))
    assert {row["group_name"] for row in rows if row["group"] == "01"} == {"01 政务办事, 咨询"}
    assert all(row["definition_zh"] and row["title"] for row in rows)


def test_every_fact_is_exported_once_in_order(fortnight: str) -> None:
    with transaction() as session:
        lines = [json.loads(line) for line in export.event_lines(session)]
        whole = session.scalar(select(func.count()).select_from(Event))
    ids = [line["id"] for line in lines]
    assert len(ids) == whole
    assert ids == sorted(set(ids))
    assert all(line["at"].endswith("+00:00") for line in lines)


def test_a_fact_keeps_its_ids_apart_from_its_data(fortnight: str) -> None:
    with transaction() as session:
        lines = [json.loads(line) for line in export.event_lines(session)]
    opened = next(line for line in lines if line["kind"] == "ticket_opened")
    assert set(opened["subjects"]) == {"ticket_id", "area_id"}
    assert opened["data"]["hotline"] in ("12345", "12348")
    assert not any(name.endswith("_id") for line in lines for name in line["data"])


def test_an_export_can_be_cut_by_time(fortnight: str) -> None:
    with transaction() as session:
        before = list(export.event_lines(session, until=MID))
        after = list(export.event_lines(session, since=MID))
        day = list(export.event_lines(session, since=MID, until=MID + timedelta(days=1)))
        assert len(before) + len(after) == len(list(export.event_lines(session)))
    assert before
    assert 0 < len(day) < len(after)
