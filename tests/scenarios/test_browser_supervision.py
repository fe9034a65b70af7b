"""A supervisor's day: lights, a card that the unit answers, the ladder, a third red light, an interview. In
this town a difficult matter is late after a minute, when it is at the unit, and a complex one is due soon."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from hotline import clock
from tests.scenarios.test_browser_desks import sends_in
from tests.support.browser import PHONE_WIDTH, People, Person, texts_to, user_of

LATE = "小区业主委员会选举和维修资金使用有争议，请调查"
DUE_SOON = "房屋质量有问题，墙面开裂漏水，要求开发商维修"
CITIZEN = "13900000061"


def test_a_supervisors_day(somebody: People) -> None:
    citizen, desk, officer = somebody(width=PHONE_WIDTH), somebody().signs_in("dispatcher"), somebody()
    for _ in range(3):
        is_sent(desk, sends_in(citizen, LATE, CITIZEN), "0707")
    ticket = sends_in(citizen, DUE_SOON, CITIZEN)
    is_sent(desk, ticket, "0705")
    unit = somebody(width=PHONE_WIDTH).signs_in(user_of(desk.town, ticket))

    opens_the_yellow_ticket(officer.signs_in("supervisor"), ticket)
    climbs_the_ladder(officer)
    issues_a_yellow_card(officer, ticket)
    answers_the_card(unit, officer)
    may_not_supervise(desk, ticket)
    answers_the_ticket(unit, desk, ticket)
    is_not_satisfied(citizen, ticket)

    finds_what_waits(officer, "责任追究", "红灯")
    finds_what_waits(officer, "约谈", "不满意")
    holds_the_interview(officer)
    officer.opens("/manage/supervision/targets")
    officer.sees("年责任目标")
    officer.opens(f"/agent/tickets/{ticket}")
    officer.sees("黄牌")


def is_sent(desk: Person, ticket: str, item: str) -> None:
    desk.opens(f"/dispatch?number={ticket}")
    if item not in desk.page.locator("dl.facts").first.inner_text():
        desk.page.locator("#item summary").click()
        desk.page.get_by_label("改为事项").fill(item)
        desk.page.get_by_label("修改原因").fill("按内容归类")
        desk.page.get_by_role("button", name="更改事项").click()
    desk.presses("按建议派单")
    desk.sees("待接收")


def opens_the_yellow_ticket(officer: Person, ticket: str) -> None:
    """From the lights of all units to one unit, to its ticket that turns yellow, and why it is due then."""
    page = officer.opens("/manage/supervision/units")
    page.get_by_role("link", name="住房和城乡建设局").first.click()
    row = page.locator("tr", has_text=ticket)
    expect(row).to_contain_text("黄灯")
    row.get_by_role("link", name=ticket).click()
    officer.sees("黄灯")
    why = page.locator("details.why").last
    why.locator("summary").click()
    expect(why).to_contain_text("起算")
    expect(why).to_contain_text("到期")
    assert officer.fits()


def issues(officer: Person, paper: str, reason: str) -> None:
    """A paper the unit has to answer: the form, then the document to print."""
    page = officer.page
    page.locator("main").get_by_role("link", name=paper, exact=True).click()
    page.get_by_label("事由").fill(reason)
    in_two_days = clock.now() + timedelta(days=2)
    page.get_by_label("答复期限").fill(f"{in_two_days:%Y-%m-%d}")
    officer.presses("签发")
    expect(page.locator("article h1")).to_have_text(paper)
    officer.sees(re.compile(r"\d{4}-\d{5}"), "article")
    assert officer.fits()
    page.get_by_role("link", name="返回督办工单").click()


def climbs_the_ladder(officer: Person) -> None:
    for rung in ("提醒函", "催办函", "督办令"):
        issues(officer, rung, "临近时限，请抓紧办理")


def issues_a_yellow_card(officer: Person, ticket: str) -> None:
    issues(officer, "黄牌警示", "多次提醒未见进展")
    officer.sees("待答复")


def answers_the_card(unit: Person, officer: Person) -> None:
    page = unit.opens("/work/cards")
    page.locator("tr", has_text="黄牌").get_by_role("link").first.click()
    page.get_by_label("答复").fill("已约开发商周三上门，周五前完成维修。")
    assert unit.fits()
    unit.presses("提交答复")
    unit.sees("周五前完成维修", "article")
    officer.page.reload()
    officer.sees("已答复")


def may_not_supervise(desk: Person, ticket: str) -> None:
    ((ticket_id,),) = desk.town.rows("SELECT id FROM ticket WHERE number = %s", ticket)
    for path in ("", "/units", f"/tickets/{ticket_id}", f"/tickets/{ticket_id}/yellow", "/targets"):
        desk.opens(f"/manage/supervision{path}")
        desk.sees("没有权限")


def answers_the_ticket(unit: Person, desk: Person, ticket: str) -> None:
    page = unit.opens("/work")
    page.get_by_role("link", name=ticket).click()
    page.get_by_label("责任人").fill("赵工")
    unit.presses("接收")
    page.get_by_label("与诉求人联系的情况").fill("已约时间")
    unit.presses("已联系，开始办理")
    page.locator("[name=public_reply]").fill("已督促开发商维修。")
    unit.presses("提交答复")
    desk.opens(f"/dispatch?number={ticket}")
    desk.presses("发布答复")
    desk.sees("告知回访中")


def is_not_satisfied(citizen: Person, ticket: str) -> None:
    about_it = texts_to(citizen, f"+86{CITIZEN}").locator(".bubbles > li", has_text=ticket)
    about_it.locator("a[href*='/p/s/']").click()
    citizen.sees(ticket)
    citizen.page.get_by_label("未解决", exact=True).check()
    citizen.page.get_by_label("不满意", exact=True).check()
    citizen.presses("提交评价")
    citizen.sees("谢谢您的评价")


def finds_what_waits(officer: Person, what: str, because: str) -> None:
    """Once the lights are on record and the rating is counted it is there."""
    page = officer.opens("/manage/supervision")
    row = page.locator("tr", has_text=what).filter(has_text="住房和城乡建设局")
    for _ in range(120):
        if row.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(row.first).to_contain_text(because)
    assert officer.fits()


def holds_the_interview(officer: Person) -> None:
    row = officer.page.locator("tr", has_text="约谈").first
    row.locator("summary").click()
    row.get_by_label("说明").fill("已约谈分管负责人，限期整改")
    row.get_by_role("button", name="记录").click()
    officer.sees("已记录", ".flash")
