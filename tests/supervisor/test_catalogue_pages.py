"""An administrator at the catalogue: look, edit, preview, publish, roll back, files, service centres."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from hotline import clock
from hotline.catalogue import files, queries, service, workbook
from hotline.catalogue.content import content_of
from hotline.db import transaction
from hotline.organisations import queries as organisations
from tests.conventions.test_pages_are_sound import Page
from tests.dispatch.people import STREET_ITEM, open_ticket
from tests.support.people import signed_in_as

BASE = "/manage/catalogue/12345"
ITEM = f"{BASE}/draft/items/{STREET_ITEM}"
FIELD = re.compile(r'<(?:input|textarea|select)[^>]* name="([^"]+)"')


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    return signed_in_as(app, "administrator")


def sound(answer: TestResponse, status: int = 200) -> str:
    assert (answer.status_code, Page(answer.text).complaints()) == (status, []), answer.text
    return unescape(answer.text)


def filled(browser: FlaskClient, code: str = STREET_ITEM) -> dict[str, Any]:
    """The editor of an item as it is shown, ready to be sent back."""
    browser.post(f"{BASE}/draft", data={"code": code})
    page = browser.get(f"{BASE}/draft/items/{code}").text
    given: dict[str, Any] = {
        name: unescape(value)
        for name, value in re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page)
        if name not in ("csrf_token", "next", "retired", "confidential_default")
    }
    for name, inside in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.S):
        given[name] = unescape(inside).strip("\r\n")
    for name, inside in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', inside)
        given[name] = chosen[1] if chosen else ""
    return given


def save(browser: FlaskClient, **said: str) -> TestResponse:
    return browser.post(ITEM, data={**filled(browser), **said})


def seen(browser: FlaskClient) -> str:
    found = re.search(r'name="seen"[^>]* value="([0-9a-f]{64})"', browser.get(f"{BASE}/draft").text)
    assert found
    return found[1]


def publish(browser: FlaskClient, **said: str) -> TestResponse:
    return browser.post(f"{BASE}/draft/publish", data={"seen": seen(browser), "note": "三定调整", **said})


def live(field: str, code: str = STREET_ITEM) -> Any:
    with transaction() as session:
        return getattr(queries.item(session, "12345", code), field)


def test_who_may_look_and_who_may_change(app: Flask) -> None:
    manager, agent = signed_in_as(app, "manager"), signed_in_as(app, "agent")
    for path in ("", "/items/0101", "/draft", "/versions", "/exchange", "/sites"):
        page = sound(manager.get(f"{BASE}{path}"))
        assert "存入草稿" not in page and ">修改<" not in page
        assert agent.get(f"{BASE}{path}").status_code == 403
    for path in ("/draft", "/draft/new", "/draft/publish", "/draft/discard", "/exchange", "/sites/1"):
        assert manager.post(f"{BASE}{path}").status_code == 403


def test_the_catalogue_is_found_from_the_navigation(administrator: FlaskClient) -> None:
    assert 'href="/manage/catalogue"' in administrator.get("/manage").text
    answer = administrator.get("/manage/catalogue")
    assert (answer.status_code, answer.headers["Location"]) == (303, BASE)
    assert "热线 12348" in sound(administrator.get(BASE))


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("q=占道经营", "0801", "0802"),
        ("q=0901", "0901", "0902"),
        ("category=16", "1609", "1501"),
        ("q=公积金", "0702", "0701"),
        ("q=%25", "没有符合的事项", "0101"),
        ("retired=1", "没有符合的事项", "0101"),
    ],
)
def test_items_are_found_by_words_and_category(
    administrator: FlaskClient, query: str, there: str, absent: str
) -> None:
    page = sound(administrator.get(f"{BASE}?{query}"))
    rows = page[page.index("</form>\n") :] if "<tbody>" not in page else page[page.index("<tbody>") :]
    assert there in rows and f">{absent}<" not in rows


def test_240_items_and_the_one_for_what_fits_none_are_paged(administrator: FlaskClient) -> None:
    assert "共 5 页，241 条" in sound(administrator.get(BASE))
    assert "2011" in sound(administrator.get(f"{BASE}?page=5"))


def test_an_item_shows_what_it_says_and_who_gets_it_in_each_county(administrator: FlaskClient) -> None:
    page = sound(administrator.get(f"{BASE}/items/{STREET_ITEM}"))
    with transaction() as session:
        counties = organisations.areas(session, "county")
    assert all(f"{county.name}城市管理局" in page for county in counties)
    assert "第一次出现" in page and "占道经营" in page
    assert "家企业轮流接单" in sound(administrator.get(f"{BASE}/items/1802"))
    assert administrator.get(f"{BASE}/items/9999").status_code == 404


def test_from_editing_to_publishing_to_rolling_back(administrator: FlaskClient) -> None:
    with transaction() as session:
        first = queries.live_version(session, "12345")
        earlier = open_ticket(session, STREET_ITEM)
    assert first
    answer = save(administrator, department="交通运输局", examples="门口摆摊的又来了\n摊子占了盲道")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BASE}/draft")
    preview = sound(administrator.get(f"{BASE}/draft"))
    assert "<del>" in preview and "摊子占了盲道" in preview
    assert "2 个区县的新工单改由别的单位承办" in preview and "区交通运输局" in preview
    assert "1 件未办结工单仍按登记时的版本办理" in preview and earlier.number in preview
    assert live("department") == "城市管理局"

    assert publish(administrator).headers["Location"] == f"{BASE}/versions"
    assert live("department") == "交通运输局"
    history = sound(administrator.get(f"{BASE}/versions"))
    assert "三定调整" in history and "从文件载入" in history
    page = sound(administrator.get(f"{BASE}/items/{STREET_ITEM}"))
    assert page.index("三定调整") < page.index("第一次出现")

    old = f"{BASE}/versions/{first.id}"
    assert "退回到它，会有这些变化" in sound(administrator.get(old))
    assert "请写明原因" in sound(administrator.post(f"{old}/roll-back", data={"note": " "}), 400)
    assert administrator.post(f"{old}/roll-back", data={"note": "改错了"}).status_code == 303
    assert live("department") == "城市管理局"
    assert "这就是现行版本" in sound(administrator.get(old))
    assert administrator.post(f"{old}/roll-back", data={"note": "再来"}).status_code == 409


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ({"name": ""}, "没有填写，或含有不能使用的字符"),
        ({"keywords": " \n "}, "至少写 1 条"),
        ({"emergency_minutes": "0"}, "不能小于 1"),
        ({"evidence_photos": "21"}, "不能大于 20"),
        ({"assisting": "城市管理局"}, "城市管理局已是牵头单位"),
        ({"handler": "firm", "level": "town"}, "企业轮流接单"),
        ({"name": "长" * 81}, "太长，最多 80 字"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_typed_is_lost(
    administrator: FlaskClient, said: dict[str, str], beside: str
) -> None:
    page = sound(save(administrator, **{"closing_standard": "现场恢复原状", **said}), 400)
    assert beside in page
    assert "现场恢复原状" in page
    assert "还没有修改" in sound(administrator.get(f"{BASE}/draft"))


def test_of_two_administrators_the_second_sees_what_the_first_wrote(app: Flask) -> None:
    anna, boris = signed_in_as(app, "administrator"), signed_in_as(app, "administrator")
    annas, boriss = filled(anna), filled(boris)
    assert anna.post(ITEM, data={**annas, "department": "交通运输局"}).status_code == 303
    answer = boris.post(ITEM, data={**boriss, "closing_standard": "已清走"})
    page = sound(answer, 409)
    assert "您的修改还没有保存" in page
    assert "草稿里现在是" in page and "交通运输局" in page and "已清走" in page
    knowing = {**boriss, "department": "交通运输局", "closing_standard": "已清走"}
    edition = re.search(r'name="edition"[^>]* value="(\d+)"', page)
    assert edition
    assert boris.post(ITEM, data={**knowing, "edition": edition[1]}).status_code == 303
    draft = sound(boris.get(f"{BASE}/draft"))
    assert "交通运输局" in draft and "已清走" in draft


def test_an_editor_left_open_over_a_new_draft_saves_nothing(administrator: FlaskClient) -> None:
    old = filled(administrator)
    administrator.post(f"{BASE}/draft/discard")
    assert administrator.post(ITEM, data=old).status_code == 404  # there is no draft at all
    filled(administrator)
    sound(administrator.post(ITEM, data={**old, "name": "旧的"}), 409)
    assert "还没有修改" in sound(administrator.get(f"{BASE}/draft"))


def test_nobody_publishes_what_changed_after_they_looked(administrator: FlaskClient) -> None:
    save(administrator, department="交通运输局")
    shown = seen(administrator)
    save(administrator, closing_standard="已清走")
    page = sound(publish(administrator, seen=shown), 409)
    assert "还没有发布" in page and "已清走" in page
    assert live("department") == "城市管理局"


def test_publishing_at_a_time_and_taking_it_back(administrator: FlaskClient) -> None:
    save(administrator, department="交通运输局")
    assert "要晚于现在" in sound(publish(administrator, at="2020-01-01T00:00"), 400)
    assert "请写明原因" in sound(publish(administrator, note=""), 400)
    assert publish(administrator, at="2999-01-01T00:00").status_code == 303
    page = sound(administrator.get(f"{BASE}/draft"))
    assert "定于 2999-01-01 00:00 生效" in page and "取消定时" in page
    assert "已定时生效，不能修改" in sound(administrator.get(ITEM))
    assert administrator.post(ITEM, data={"draft": "1"}).status_code in (400, 409)
    assert administrator.post(f"{BASE}/draft/take-back").status_code == 303
    tomorrow = clock.now() + timedelta(days=1)
    assert publish(administrator, at=f"{tomorrow:%Y-%m-%dT%H:%M}").status_code == 303
    with transaction() as session:
        assert service.publish_due(session, tomorrow + timedelta(days=1)) == 1
    assert live("department") == "交通运输局"


def test_one_change_is_taken_back_and_the_draft_discarded(administrator: FlaskClient) -> None:
    save(administrator, department="交通运输局")
    assert administrator.post(f"{ITEM}/undo").status_code == 303
    assert "还没有修改" in sound(administrator.get(f"{BASE}/draft"))
    assert "没有差别" in sound(publish(administrator), 400)
    administrator.post(f"{BASE}/draft/discard")
    assert "没有草稿" in sound(administrator.get(f"{BASE}/draft"))


def test_an_overtaken_draft_takes_over_what_went_live(administrator: FlaskClient) -> None:
    save(administrator, department="交通运输局")
    with transaction() as session:
        text = service.SHIPPED[0].read_text("utf-8")
        service.load(session, text.replace('name = "占道经营与流动摊贩"', 'name = "流动摊贩"'), clock.now())
    assert "已经生效。先并入它的变化" in sound(administrator.get(f"{BASE}/draft"))
    sound(publish(administrator), 409)
    assert administrator.post(f"{BASE}/draft/renew").status_code == 303
    assert publish(administrator).status_code == 303
    assert (live("department"), live("name")) == ("交通运输局", "流动摊贩")


def test_a_new_matter_is_added_and_a_taken_code_refused(administrator: FlaskClient) -> None:
    new = {
        **filled(administrator),
        "category": "08",
        "code": "0814",
        "name": "无人机乱停",
        "name_en": "Drones",
        "department": "低空办",
    }
    sound(administrator.get(f"{BASE}/draft/new"))
    assert "编码已被使用" in sound(administrator.post(f"{BASE}/draft/new", data={**new, "code": "0801"}), 400)
    assert "按键会指错" in sound(administrator.post(f"{BASE}/draft/new", data={**new, "code": "0999"}), 400)
    assert administrator.post(f"{BASE}/draft/new", data=new).status_code == 303
    preview = sound(administrator.get(f"{BASE}/draft"))
    assert "新增" in preview and "没有单位叫“低空办”" in preview and "无人承办，由派单员决定" in preview


def test_a_retired_matter_leaves_the_list_and_the_citizens_page(administrator: FlaskClient) -> None:
    assert save(administrator, retired="y").status_code == 303
    assert "不受理" in sound(administrator.get(f"{BASE}/draft"))
    publish(administrator)
    assert STREET_ITEM in sound(administrator.get(f"{BASE}?retired=1"))
    assert "已停用" in sound(administrator.get(f"{BASE}/items/{STREET_ITEM}"))
    with transaction() as session:
        assert len(queries.items(session, "12345")) == 239


def exported(browser: FlaskClient, suffix: str) -> bytes:
    with transaction() as session:
        version = queries.live_version(session, "12345")
    assert version
    answer = browser.get(f"{BASE}/versions/{version.id}/catalogue.{suffix}")
    assert answer.status_code == 200
    assert f".{suffix}" in answer.headers["Content-Disposition"]
    return answer.data


def bring_in(browser: FlaskClient, data: bytes, name: str) -> TestResponse:
    return browser.post(f"{BASE}/exchange", data={"file": (io.BytesIO(data), name)})


@pytest.mark.parametrize("suffix", ["toml", "xlsx"])
def test_a_catalogue_goes_out_as_a_file_and_comes_in_as_a_draft(
    administrator: FlaskClient, suffix: str
) -> None:
    data = exported(administrator, suffix)
    read = workbook.read(data) if suffix == "xlsx" else files.parse(data.decode())
    with transaction() as session:
        version = queries.live_version(session, "12345")
        assert version and read == content_of(session, version)
    assert bring_in(administrator, data, f"a.{suffix}").headers["Location"] == f"{BASE}/draft"
    assert "还没有修改" in sound(administrator.get(f"{BASE}/draft"))
    assert "已有一份草稿" in sound(bring_in(administrator, data, f"a.{suffix}"), 409)


def test_a_wrong_workbook_is_told_by_row_and_column(administrator: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(exported(administrator, "xlsx")))
    page = book["item"]
    column = next(cell.column for cell in page[1] if str(cell.value).endswith(" kind"))
    page.cell(7, column).value = "牢骚"
    page.cell(9, column).value = "=1+1"
    out = io.BytesIO()
    book.save(out)
    said = sound(bring_in(administrator, out.getvalue(), "a.xlsx"), 400)
    assert "第 9 行" in said and "是公式" in said
    page.cell(9, column).value = "consult"
    out = io.BytesIO()
    book.save(out)
    said = sound(bring_in(administrator, out.getvalue(), "a.xlsx"), 400)
    assert "第 7 行" in said and "诉求类型" in said and "牢骚" in said
    assert "没有草稿" in sound(administrator.get(f"{BASE}/draft"))


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "", "请选择一个"),
        (b"hello", "a.xlsx", "不是 XLSX 工作簿"),
        (b"[meta", "a.toml", "不是 TOML 文件"),
        ("目录".encode("utf-16"), "a.toml", "不是 UTF-8"),
        (service.SHIPPED[1].read_bytes(), "a.toml", "这是热线 12348 的目录"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(
    administrator: FlaskClient, data: bytes, name: str, said: str
) -> None:
    assert said in sound(bring_in(administrator, data, name), 400)


def test_an_import_that_lost_a_matter_names_it(administrator: FlaskClient) -> None:
    text = service.SHIPPED[0].read_text("utf-8")
    start, end = (text.index(f'[[item]]\ncode = "{code}"') for code in ("2011", "9901"))
    shorter = (text[:start] + text[end:]).replace("items = 240", "items = 239")
    assert "只能停用" in sound(bring_in(administrator, shorter.encode(), "a.toml"), 400)


def test_a_town_says_what_it_offers_and_a_citizen_elsewhere_is_sent_there(
    administrator: FlaskClient,
) -> None:
    with transaction() as session:
        towns = organisations.areas(session, "town")
    here, elsewhere = towns[0], towns[1]
    sound(administrator.get(f"{BASE}/sites"))
    sound(administrator.get(f"{BASE}/sites/{here.id}"))
    saved = administrator.post(f"{BASE}/sites/{here.id}", data={"seen": "", "codes": ["0401", "0402"]})
    assert saved.status_code == 303
    late = administrator.post(f"{BASE}/sites/{here.id}", data={"seen": "", "codes": ["0403"]})
    assert "别人刚改过这份清单" in sound(late, 409)
    assert f"最近的是{here.name}" in sound(administrator.get(f"{BASE}/sites?area={elsewhere.id}&code=0401"))
    assert f"{here.name}服务中心就能办" in sound(administrator.get(f"{BASE}/sites?area={here.id}&code=0401"))
    assert "没有服务中心公布" in sound(administrator.get(f"{BASE}/sites?area={here.id}&code=0403"))


def test_a_draft_that_delegates_to_towns_says_how_many_will_do_it(administrator: FlaskClient) -> None:
    with transaction() as session:
        town = organisations.areas(session, "town")[0]
    administrator.post(f"{BASE}/sites/{town.id}", data={"seen": "", "codes": [STREET_ITEM]})
    save(administrator, level="town")
    assert "其中 1 个镇街自办" in sound(administrator.get(f"{BASE}/draft"))


@pytest.mark.parametrize(
    "path",
    ["/manage/catalogue/99999", f"{BASE}/versions/999999", f"{BASE}/sites/999999", f"{BASE}/items/x%00"],
)
def test_what_does_not_exist_is_not_found(administrator: FlaskClient, path: str) -> None:
    assert administrator.get(path).status_code == 404


def test_every_page_is_there_in_english(administrator: FlaskClient) -> None:
    save(administrator, department="交通运输局")
    administrator.set_cookie("language", "en")
    for path in (
        "",
        "/items/0101",
        "/draft",
        "/draft/items/0801",
        "/draft/new",
        "/versions",
        "/exchange",
        "/sites",
    ):
        page = sound(administrator.get(f"{BASE}{path}"))
        assert "Catalogue" in page, path
