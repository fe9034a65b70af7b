"""The pages of learning: figures with both their numbers, models and the way back, golden sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch import service as dispatch
from hotline.db import transaction
from hotline.event_log import Event
from hotline.learning import queries
from hotline.learning.models import GoldenSentence
from hotline.tickets.models import Ticket
from tests.conftest import Servers, sections
from tests.learning.people import LATER, agents_at_work, rebuilt, registered, said_and_accepted
from tests.learning.sentences import MARRIAGE, about_gifts
from tests.support.instance import configured
from tests.support.pages import application
from tests.support.people import signed_in_as

PERIOD = "hotline=12348&from=2026-03-01&to=2026-03-31"
WRONG = "L0402"


@pytest.fixture
def office(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[Flask]:
    name = servers.copy_of(seeded_template)
    away = {"url": "http://127.0.0.1:9/v1"}
    with (
        configured(tmp_path / "hotline.toml", sections(servers, name) | {"embeddings": away}),
        application(WTF_CSRF_ENABLED=False) as app,
    ):
        yield app
    servers.drop(name)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def decided_here() -> None:
    """Four matters: two suggested rightly, one as second of three, one wrongly and corrected."""
    with transaction() as session:
        (person,) = agents_at_work(session, 1)
        registered(session, MARRIAGE, "想离婚", person, shown=f"{MARRIAGE}:0.9,L0102:0.05")
        registered(session, MARRIAGE, "离婚财产", person, shown=f"{MARRIAGE}:0.8")
        registered(session, MARRIAGE, "彩礼", person, shown=f"L0102:0.2,{MARRIAGE}:0.1;abstained")
        wrong = registered(session, WRONG, "三金", person, shown=f"{WRONG}:0.4")
        dispatch.reclassify(session, wrong, MARRIAGE, reason="是彩礼", staff_id=person, now=LATER)


def test_every_rate_stands_with_its_two_numbers(office: Flask) -> None:
    decided_here()
    page = words(signed_in_as(office, "manager").get(f"/manage/learning?{PERIOD}").text)
    assert "首项命中 50.0% 2 / 4" in page
    assert "前三项命中 75.0% 3 / 4" in page
    assert "不确定 25.0% 1 / 4" in page
    assert "没见过的词 — 0 / 0" in page
    assert re.search(r"L0402 房屋租赁纠纷 L0101 离婚与财产分割咨询 1", page)
    assert "2026-03-02 50.0% 2 / 4" in page


def test_a_confusion_leads_to_its_tickets_without_numbers(office: Flask) -> None:
    decided_here()
    manager = signed_in_as(office, "manager")
    page = manager.get(f"/manage/learning?{PERIOD}").text
    (link,) = re.findall(r'href="(/manage/learning/tickets\?[^"]*suggested=L0402[^"]*)"', page)
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.text == "三金")).one()
        ticket.text = "三金要不要还，电话13800138000"
        number = ticket.number
    behind = words(manager.get(link.replace("&amp;", "&")).text)
    assert number in behind and "三金要不要还" in behind
    assert "13800138000" not in behind
    with transaction() as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().confidential = True
    assert "三金" not in words(manager.get(link.replace("&amp;", "&")).text)
    assert signed_in_as(office, "lawyer").get(link).status_code == 403


def test_matters_that_fit_no_item_are_counted_with_what_they_turned_out_to_be(office: Flask) -> None:
    with transaction() as session:
        (person,) = agents_at_work(session, 1)
        registered(session, "L9901", "无人机能不能飞", person, shown=f"{WRONG}:0.1;abstained")
        sorted_ = registered(session, "L9901", "彩礼退不退", person, shown=f"{WRONG}:0.1;abstained")
        dispatch.reclassify(session, sorted_, MARRIAGE, reason="是彩礼", staff_id=person, now=LATER)
    manager = signed_in_as(office, "manager")
    page = manager.get(f"/manage/learning?{PERIOD}").text
    assert "L9901 其他法律诉求(待人工分类) 1 L0101 离婚与财产分割咨询 1" in words(page)
    assert "首项命中 0.0% 0 / 1" in words(page), "of nothing but what has an item"
    waiting, ended = re.findall(r'href="(/manage/learning/tickets\?[^"]*)"', page.split('id="unsorted"')[1])
    assert "无人机" in manager.get(waiting.replace("&amp;", "&")).text
    assert "彩礼" in manager.get(ended.replace("&amp;", "&")).text


def test_before_anything_was_decided_the_page_says_what_would_fill_it(office: Flask) -> None:
    manager = signed_in_as(office, "manager")
    assert "没有可以统计的工单" in manager.get("/manage/learning?hotline=12348").text
    assert "还没有训练过" in manager.get("/manage/learning/models").text
    assert "还没有启用过" in manager.get("/manage/learning/models").text
    assert "出厂自带 780 句" in manager.get("/manage/learning/golden").text


def test_a_supervisor_rebuilds_and_goes_back_with_a_reason(office: Flask) -> None:
    said_and_accepted(MARRIAGE, list(about_gifts())[:40])
    supervisor = signed_in_as(office, "supervisor")
    assert supervisor.post("/manage/learning/models", data={"hotline": "12348"}).status_code == 303
    assert "等待训练" in supervisor.get("/manage/learning/models?hotline=12348").text
    model = rebuilt()
    page = words(supervisor.get("/manage/learning/models?hotline=12348").text)
    assert f"现用模型：{model.id} 号" in page
    assert "仅按字词" in page
    assert model.golden and f"{model.golden['first']} · {model.golden['in_three']} ·" in page
    back = {"hotline": "12348", "model": "", "reason": " "}
    assert supervisor.post("/manage/learning/roll-back", data=back).status_code == 400
    back["reason"] = "先停一停"
    assert supervisor.post("/manage/learning/roll-back", data=back).status_code == 303
    page = words(supervisor.get("/manage/learning/models?hotline=12348").text)
    assert "现用：出厂模型" in page and "夜间训练暂停" in page
    assert f"{model.id} → 出厂 人工换回" in page and "先停一停" in page
    again = {"hotline": "12348", "model": str(model.id), "reason": "没有问题"}
    assert supervisor.post("/manage/learning/roll-back", data=again).status_code == 303
    with transaction() as session:
        assert queries.live_model_id(session, "12348") == model.id
    assert "已经在用" in supervisor.post(
        "/manage/learning/roll-back", data=again, follow_redirects=True
    ).get_data(as_text=True)
    for unknown in ("999", "x", "-1"):
        answer = supervisor.post("/manage/learning/roll-back", data=again | {"model": unknown})
        assert answer.status_code in (400, 404), unknown


def golden(browser: FlaskClient, code: str, text: str) -> tuple[int, str]:
    data = {"hotline": "12348", "code": code, "text": text}
    answer = browser.post("/manage/learning/golden", data=data, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_supervisor_adds_golden_sentences_and_retires_them(office: Flask) -> None:
    supervisor = signed_in_as(office, "supervisor")
    status, page = golden(supervisor, "l0101 离婚", "彩礼给了人没过来")
    assert (status, "彩礼给了人没过来" in page) == (200, True)
    for code, text, said in (
        ("L0101", "彩礼给了人没过来", "已经有这句话"),
        ("L9999", "彩礼退不退呀", "目录中没有这个事项"),
        ("L0101", "打我13800138000", "去掉电话号码"),
        ("L0101", "彩礼", "4 至 200 个字"),
        ("", "彩礼退不退呀", "请填写或选择事项"),
    ):
        status, page = golden(supervisor, code, text)
        assert (status, said in page) == (400, True), (code, text)
    with transaction() as session:
        (there,) = session.scalars(select(GoldenSentence))
    path = f"/manage/learning/golden/{there.id}/retire"
    supervisor.post(path, data={"hotline": "12348", "reason": ""})
    supervisor.post(path, data={"hotline": "12348", "reason": "写错了"})
    page = words(supervisor.get("/manage/learning/golden?hotline=12348").text)
    assert "已停用 彩礼给了人没过来" in page and "写错了" in page
    assert supervisor.post(path, data={"hotline": "12348", "reason": "再来"}).status_code == 404
    with transaction() as session:
        kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("golden_")).order_by(Event.id))
        assert list(kinds) == ["golden_sentence_added", "golden_sentence_retired"]


def test_managers_look_and_only_supervisors_act(office: Flask) -> None:
    looks = ("", "/models", "/golden")
    acts = ("/models", "/roll-back", "/golden", "/golden/1/retire")
    for role, look, act in (("manager", 200, 403), ("agent", 403, 403), ("organisation", 403, 403)):
        browser = signed_in_as(office, role)
        assert {browser.get(f"/manage/learning{path}").status_code for path in looks} == {look}
        assert {browser.post(f"/manage/learning{path}").status_code for path in acts} == {act}
    assert (
        '<button class="main">重新训练'
        not in signed_in_as(office, "manager").get("/manage/learning/models").text
    )
