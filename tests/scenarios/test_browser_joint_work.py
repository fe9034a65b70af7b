"""One matter, from the agent to the citizen who is not satisfied: two departments, more days, photos."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.attachments import files
from tests.support.browser import PHONE_WIDTH, People, Person, texts_to, ticket_number, user_of

SMOKE = "楼下夜市烧烤摊占着人行道，油烟直往窗户里灌"
NUMBER = "+8613900000041"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    made = tmp_path / "整改后.jpg"
    made.write_bytes(files.jpeg(colour="white"))
    return made


def test_two_departments_work_on_one_matter_and_the_citizen_is_not_satisfied(
    somebody: People, photo: Path
) -> None:
    agent, desk, citizen = somebody(), somebody().signs_in("dispatcher"), somebody(width=PHONE_WIDTH)
    ticket = registers(agent.signs_in("1003"))
    is_recoded_and_dispatched(desk, ticket)
    lead = somebody(width=PHONE_WIDTH).signs_in(user_of(desk.town, ticket))
    claims(lead, ticket, "陈工")
    lead.page.get_by_label("与诉求人联系的情况").fill("已电话联系，约好晚上到场")
    lead.presses("已联系，开始办理")

    adds_a_part(desk, ticket)
    assisting = somebody(width=PHONE_WIDTH).signs_in(user_of(desk.town, ticket, part="assist"))
    claims(assisting, ticket, "刘工")
    assert "139" not in assisting.page.locator("main").inner_text(), "the citizen's number is the lead's"

    gets_more_days(lead, desk, ticket)
    answers_too_early(lead, photo)
    assisting.page.get_by_label("给主办单位的答复").fill("已监测，油烟超标，责令加装净化设备。")
    assisting.presses("答复主办单位")
    assisting.sees("已答复")
    answers(lead)

    desk.opens(f"/dispatch?number={ticket}")
    desk.sees("已监测，油烟超标")
    desk.presses("发布答复")
    desk.sees("告知回访中")
    is_not_satisfied(citizen, ticket)
    is_reopened(desk, ticket)


def registers(agent: Person) -> str:
    """Somebody came to the counter: no call."""
    form = agent.opens("/agent").locator("#ticket")
    form.get_by_label("诉求内容").fill(SMOKE)
    form.locator("[name=item_code]").fill("0801")
    form.locator("#area-county").select_option(index=1)
    form.locator("#number").fill(NUMBER.removeprefix("+86"))
    form.locator("[name=kind][value=complaint]").check()
    form.get_by_role("button", name="登记").click()
    return ticket_number(agent, ".flash.ok")


def is_recoded_and_dispatched(desk: Person, ticket: str) -> None:
    desk.opens(f"/dispatch?number={ticket}")
    desk.presses("由我预审")
    desk.sees("由您预审")
    desk.page.locator("#item summary").click()
    desk.page.get_by_label("改为事项").fill("0809")
    desk.page.get_by_label("修改原因").fill("主要诉求是油烟")
    desk.page.get_by_role("button", name="更改事项").click()
    desk.sees("油烟污染与餐饮扰民")
    desk.presses("按建议派单")
    desk.sees("待接收")


def claims(unit: Person, ticket: str, person: str) -> None:
    unit.opens("/work")
    unit.page.get_by_role("link", name=ticket).click()
    unit.page.get_by_label("责任人").fill(person)
    assert unit.fits()
    unit.presses("接收")
    unit.sees(person)


def adds_a_part(desk: Person, ticket: str) -> None:
    desk.opens(f"/dispatch?number={ticket}")
    parts = desk.page.locator("#parts")
    parts.locator("summary").click()
    parts.get_by_label("协办单位").fill("生态环境局")
    parts.get_by_label("需要做什么").fill("监测油烟排放")
    parts.get_by_label("几个工作日内答复").fill("2")
    desk.presses("加派协办")
    expect(parts).to_contain_text("监测油烟排放")


def gets_more_days(lead: Person, desk: Person, ticket: str) -> None:
    """Asked for by the lead, decided by the desk; both see both dates."""
    page = lead.page
    page.locator("#extension summary").click()
    page.get_by_label("延长天数").fill("3")
    page.locator("#extension").get_by_label("说明").fill("加装净化设备要等厂家")
    lead.presses("申请延期")
    expect(page.locator("#asked")).to_contain_text("待审批")
    desk.page.reload()
    desk.page.locator("#extension").get_by_label("同意", exact=True).check()
    desk.presses("审批")
    page.reload()
    for person in (lead, desk):
        expect(person.page.locator("#asked")).to_contain_text("原时限")
        expect(person.page.locator("#asked")).to_contain_text("新时限")
    assert lead.fits()


def answers_too_early(lead: Person, photo: Path) -> None:
    """While the assisting part is open; nothing of what the lead has written is lost."""
    lead.sees("等待协办单位")
    lead.page.locator("[name=public_reply]").fill("摊点已规范，商户已加装油烟净化设备。")
    lead.page.locator("#files").set_input_files(photo)
    lead.presses("提交答复")
    lead.sees("协办", "[role=alert]")


def answers(lead: Person) -> None:
    lead.presses("提交答复")
    lead.sees("等待热线审核")
    assert lead.fits()


def is_not_satisfied(citizen: Person, ticket: str) -> None:
    about_it = texts_to(citizen, NUMBER).locator(".bubbles > li", has_text=ticket)
    about_it.locator("a[href*='/p/s/']").click()
    citizen.sees("商户已加装油烟净化设备")
    citizen.page.get_by_label("未解决", exact=True).check()
    citizen.page.get_by_label("不满意", exact=True).check()
    citizen.presses("提交评价")
    citizen.sees("谢谢您的评价")


def is_reopened(desk: Person, ticket: str) -> None:
    """Rated, so the citizen was told: it is closed. It comes back to the desk with all that went before."""
    desk.page.reload()
    desk.sees("已办结")
    desk.page.get_by_label("重新办理的原因").fill("诉求人说夜里照样有油烟")
    desk.presses("重新办理此单")
    desk.opens("/dispatch?tab=reopened")
    desk.page.get_by_role("link", name=ticket).click()
    history = ("陈工", "刘工", "监测油烟排放", "商户已加装油烟净化设备", "夜里照样有油烟")
    for said in (*history, "未解决 · 不满意"):
        desk.sees(said)
    desk.sees("按建议派单")
