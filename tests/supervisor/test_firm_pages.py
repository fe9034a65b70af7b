"""/manage/firms: who keeps the register sees and changes it; who answers calls looks firms up."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import clock
from hotline.db import transaction
from hotline.organisations import credit_code, queries
from hotline.organisations.models import Organisation
from hotline.organisations.standing import standing_of
from tests.support.people import signed_in_as

TODAY = clock.now().date()


@pytest.fixture
def keeper(app: Flask) -> FlaskClient:
    return signed_in_as(app, "supervisor")


def a_firm() -> Organisation:
    with transaction() as session:
        county = queries.areas(session, "county")[0]
        return queries.eligible_firms(session, "管道疏通企业", county.id, clock.now())[0]


def standing(firm: Organisation) -> str:
    with transaction() as session:
        return standing_of(session, firm.id, clock.now())


def entry(**fields: object) -> dict[str, object]:
    with transaction() as session:
        county = queries.areas(session, "county")[0].id
    filled: dict[str, object] = {
        "name": "清流疏通有限公司",
        "role_name": "管道疏通企业",
        "counties": [county],
        "licence_number": "许可第8号",
        "open_days": [1, 2, 3],
        "hours": "08:00-18:00",
        "closed_on": "2026-10-01",
        "phone": "0516-12345678",
    }
    return filled | fields


def test_an_agent_finds_a_firm_and_changes_nothing(app: Flask) -> None:
    firm, agent = a_firm(), signed_in_as(app, "agent")
    found = agent.get(f"/manage/firms?q={firm.name}&class={firm.role_name}&state=good").text
    assert firm.name in found and "登记企业" not in found
    assert "没有符合条件的企业" in agent.get(f"/manage/firms?q={firm.name}&state=suspended").text
    assert "没有符合条件的企业" in agent.get("/manage/firms?q=查无此店").text
    page = agent.get(f"/manage/firms/{firm.id}").text
    assert str(firm.phone) in page and "评价太少（0 次，满 5 次才显示）" in page and "上门服务" in page
    assert "登记年审结论" not in page
    for act in ("edit", "suspend", "lift", "review", "prices"):
        assert agent.post(f"/manage/firms/{firm.id}/{act}").status_code == 403


def test_a_list_has_pages_and_one_firm_that_is_none_is_not_found(keeper: FlaskClient) -> None:
    assert "第 2 页" in keeper.get("/manage/firms?page=2&county=x&state=nonsense").text
    assert keeper.get("/manage/firms/999999999").status_code == 404


def test_a_firm_is_suspended_with_its_days_and_admitted_again(keeper: FlaskClient) -> None:
    firm = a_firm()
    url = f"/manage/firms/{firm.id}"
    assert keeper.post(f"{url}/suspend", data={"suspend_reason": ""}).status_code == 400
    last = TODAY + timedelta(days=9)
    wrong = {"suspend_reason": "乱收费", "last_day": TODAY - timedelta(days=9)}
    assert "结束日期不能早于" in keeper.post(f"{url}/suspend", data=wrong).text
    done = keeper.post(f"{url}/suspend", data={"suspend_reason": "乱收费", "last_day": last})
    assert (done.status_code, standing(firm)) == (303, "suspended")
    page = keeper.get(url).text
    assert "乱收费" in page and f"{last + timedelta(days=1)} 00:00" in page and "已暂停" in page
    assert keeper.post(f"{url}/lift", data={"lift_reason": ""}).status_code == 400
    assert keeper.post(f"{url}/lift", data={"lift_reason": "已整改"}).status_code == 303
    assert standing(firm) == "good"
    assert "恢复接单：已整改" in keeper.get(url).text


def test_a_failed_review_is_told_on_the_page_and_bars_the_firm(keeper: FlaskClient) -> None:
    firm = a_firm()
    url = f"/manage/firms/{firm.id}"
    due = TODAY + timedelta(days=300)
    assert (
        keeper.post(f"{url}/review", data={"passed": "failed", "note": "无人", "next_due": TODAY}).status_code
        == 400
    )
    keeper.post(f"{url}/review", data={"passed": "failed", "note": "消防不合格", "next_due": due})
    page = keeper.get(url).text
    assert "现在不会向这家企业派单：年审未通过" in page and "消防不合格" in page
    keeper.post(f"{url}/review", data={"passed": "passed", "note": "复查合格", "next_due": due})
    assert standing(firm) == "good"


def test_the_entry_of_a_firm_is_changed_and_the_change_is_told(keeper: FlaskClient) -> None:
    firm = a_firm()
    url = f"/manage/firms/{firm.id}"
    assert firm.name in keeper.get(f"{url}/edit").text
    assert keeper.post(f"{url}/edit", data=entry()).status_code == 303
    page = keeper.get(url).text
    assert (
        f"企业名称：{firm.name} → 清流疏通有限公司" in page
        and "08:00–18:00" in page
        and "2026-10-01" in page
        and "+8651612345678" in page
    )


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"name": ""}, "请填写企业名称"),
    ({"counties": []}, "请至少选择一个区县"),
    ({"open_days": []}, "请至少选择一天"),
    ({"hours": "08:00"}, "不填表示全天营业"),
    ({"closed_on": "国庆"}, "用空格分开"),
    ({"phone": "没有"}, "这不是一个电话号码"),
    ({"credit_code": "123"}, "信用代码应为 18 位"),
    ({"licence_number": "", "licence_until": "2030-01-01"}, "请填写编号"),
)


def test_what_is_wrong_in_an_entry_is_said_beside_it(keeper: FlaskClient) -> None:
    url = f"/manage/firms/{a_firm().id}/edit"
    for fields, told in WRONG:
        answer = keeper.post(url, data=entry(**fields))
        assert answer.status_code == 400 and told in answer.text, told


def test_a_new_firm_is_registered_once(keeper: FlaskClient) -> None:
    assert "登记企业" in keeper.get("/manage/firms/new").text
    new = entry(credit_code=credit_code.make("990101", "MA888888"))
    made = keeper.post("/manage/firms/new", data=new)
    assert made.status_code == 303
    assert "清流疏通有限公司" in keeper.get(made.location).text
    assert "已登记过的企业不能再登记" in keeper.post("/manage/firms/new", data=new).text
    assert keeper.post("/manage/firms/new", data=new | {"name": ""}).status_code == 400


def test_a_price_list_grows_and_shrinks(keeper: FlaskClient) -> None:
    firm = a_firm()
    url = f"/manage/firms/{firm.id}"
    line = {
        "price_class": firm.role_name,
        "work": "疏通马桶",
        "call_out_fee": "30",
        "unit_price": "80.50",
        "unit": "次",
        "remark": "不含材料",
    }
    assert keeper.post(f"{url}/prices", data=line | {"unit_price": "很贵"}).status_code == 400
    assert keeper.post(f"{url}/prices", data=line).status_code == 303
    page = keeper.get(url).text
    assert "80.50 / 次" in page and "疏通马桶: 30.00 + 80.50/次 不含材料" in page
    strike = page.split('/strike"')[0].rsplit('action="', 1)[1] + "/strike"
    assert keeper.post(strike).status_code == 303
    assert keeper.get(url).text.count("/strike") == page.count("/strike") - 1
