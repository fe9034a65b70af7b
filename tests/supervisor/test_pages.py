"""The manager's page: every number opens its rows, odd questions break nothing, no citizen's number shows."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import clock
from hotline.db import transaction
from hotline.reports import queries
from hotline.reports.definitions import FIGURES
from tests.reports.generated import FIRST, FORTNIGHT, LAST, ZONE
from tests.support.people import signed_in_as

PERIOD = f"from={FIRST}&to={LAST}"
QUIET = "from=2024-01-01&to=2024-01-31"
NUMBER = re.compile(r'<a href="(/manage/rows/[^"]+)">(\d+)</a>')
ROW = re.compile(r"<tr>\s*<td")
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def numbers(browser: FlaskClient, query: str) -> list[tuple[str, int]]:
    """(link, number) of every number on the page."""
    answer = browser.get(f"/manage?{query}")
    assert answer.status_code == 200
    return [(unescape(link), int(number)) for link, number in NUMBER.findall(answer.text)]


def count_rows(browser: FlaskClient, link: str) -> int:
    """Rows on all pages behind a link."""
    answer = browser.get(link)
    assert answer.status_code == 200, link
    rows, following = len(ROW.findall(answer.text)), NEXT.search(answer.text)
    return rows + (count_rows(browser, unescape(following[1])) if following else 0)


@pytest.mark.parametrize("view", ["by=all", "by=all&hotline=12348", "by=category", "by=organisation_id"])
def test_every_number_opens_a_list_as_long_as_it_says(manager: FlaskClient, view: str) -> None:
    found = numbers(manager, f"{PERIOD}&{view}")
    assert len(found) >= 3 * len(FIGURES)
    for link, number in found:
        assert count_rows(manager, link) == number, link


def test_a_breakdown_names_its_groups(manager: FlaskClient) -> None:
    by_category = manager.get(f"/manage?{PERIOD}&by=category").text
    by_organisation = manager.get(f"/manage?{PERIOD}&by=organisation_id").text
    assert re.search(r"<td>01 \S+</td>", by_category)
    assert "<td>热线自办或尚未分派</td>" in by_organisation
    assert re.search(r"<td>\S+局</td>", by_organisation)


def test_a_rate_of_nothing_prints_a_dash(manager: FlaskClient) -> None:
    page = manager.get(f"/manage?{QUIET}").text
    assert page.count("<strong>—</strong>") == sum(figure.rate for figure in FIGURES)
    assert page.count("<strong>0</strong>") == sum(not figure.rate for figure in FIGURES)
    assert "没有可以统计的工单" in manager.get(f"/manage?{QUIET}&by=category").text
    link, _ = numbers(manager, QUIET)[0]
    assert "没有记录" in manager.get(link).text


def test_without_a_period_it_is_the_last_thirty_days(manager: FlaskClient) -> None:
    today = clock.now().astimezone(ZONE).date()
    page = manager.get("/manage").text
    assert f'name="to" value="{today}"' in page
    assert f'name="from" value="{today - timedelta(days=29)}"' in page


def test_the_csv_says_what_the_page_says(manager: FlaskClient) -> None:
    answer = manager.get(f"/manage/report.csv?{PERIOD}&by=organisation_id")
    assert answer.mimetype == "text/csv"
    assert f"hotline-{FIRST}-{LAST}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    shown = [number for _, number in numbers(manager, f"{PERIOD}&by=organisation_id")]
    parts = ("numerator", "denominator", "excluded")
    assert [int(row[part]) for row in rows for part in parts] == shown
    assert all(bool(row["group"]) == bool(row["group_name"]) for row in rows)


def test_the_page_is_there_in_english(manager: FlaskClient) -> None:
    manager.set_cookie("language", "en")
    page = manager.get(f"/manage?{PERIOD}").text
    assert all(figure.title_en in page for figure in FIGURES)
    assert FIGURES[0].definition_en in page


@pytest.mark.parametrize("name", ["calls_received", "completion_rate", "on_time_rate", "solved_rate"])
def test_no_list_shows_a_citizens_number(manager: FlaskClient, name: str) -> None:
    page = manager.get(f"/manage/rows/{name}/denominator?{PERIOD}").text
    assert not re.search(r"1380013|1390013", page)
    assert ("138●●●●" in page) == (name == "calls_received")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "日期要写成"),
        ("to=2026-02-30", "日期要写成"),
        ("to=2026-03-01T00:00", "日期要写成"),
        ("to=0001-01-02", "日期超出范围"),
        ("to=9999-12-31", "日期超出范围"),
        ("from=2026-03-02&to=2026-03-01", "结束日期早于开始日期"),
        ("from=2001-01-01&to=2026-03-01", "ten years"),
        ("hotline=12346", "没有这条热线"),
        ("by=colour", "没有这种分组"),
    ],
)
@pytest.mark.parametrize("path", ["/manage", "/manage/report.csv", "/manage/rows/solved_rate/numerator"])
def test_a_wrong_question_gets_a_clear_answer(manager: FlaskClient, path: str, query: str, said: str) -> None:
    answer = manager.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert said in answer.text


@pytest.mark.parametrize("path", ["happiness/numerator", "solved_rate/everything", "solved_rate/"])
def test_a_figure_or_part_that_does_not_exist_is_not_found(manager: FlaskClient, path: str) -> None:
    assert manager.get(f"/manage/rows/{path}?{PERIOD}").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("by=category&group=99", 200),
        ("by=organisation_id&group=x' OR 1=1", 200),
        ("by=category&group=%00", 400),
        ("page=0", 200),
        ("page=-5", 200),
        ("page=two", 200),
        ("page=900", 200),
        ("page=99999999999999999999999", 400),
    ],
)
def test_odd_groups_and_pages_break_nothing(manager: FlaskClient, query: str, status: int) -> None:
    assert manager.get(f"/manage/rows/solved_rate/denominator?{PERIOD}&{query}").status_code == status


def test_only_those_who_may_see_reports_see_them(office: Flask) -> None:
    paths = ("/manage", "/manage/report.csv", "/manage/rows/solved_rate/numerator")
    for role, status in (("agent", 403), ("organisation", 403), ("dispatcher", 403), ("supervisor", 200)):
        browser = signed_in_as(office, role)
        assert {browser.get(path).status_code for path in paths} == {status}
    stranger = office.test_client()
    assert all(stranger.get(path).status_code == 303 for path in paths)


def test_the_page_shows_what_the_report_counts(manager: FlaskClient) -> None:
    with transaction() as session:
        results = queries.report(session, FORTNIGHT, clock.now())
    counted = [
        getattr(result, part) for result in results for part in ("numerator", "denominator", "excluded")
    ]
    assert [number for _, number in numbers(manager, PERIOD)] == counted


def test_from_a_number_a_manager_comes_to_the_ticket_itself(manager: FlaskClient) -> None:
    page = manager.get(f"/manage/rows/solved_rate/numerator?{PERIOD}").text
    ticket = re.search(r'href="([^"]+)">(GD\d+)</a>', page)
    assert ticket
    answer = manager.get(ticket[1])
    assert answer.status_code == 200
    assert ticket[2] in answer.text
