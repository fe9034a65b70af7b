"""A call as people see it, each in a browser: the citizen at a telephone, the agent at the console."""

import re

from playwright.sync_api import Route, expect

from tests.support.browser import People, Person, Telephone, texts_to, ticket_number

LIGHT = "文化路的路灯坏了三天，晚上一片漆黑"
DRAIN = "厨房下水道堵了，想请人上门疏通"


class Agent:
    """One at the console, with the simulated line on the page."""

    def __init__(self, person: Person, extension: str) -> None:
        self.person = person.signs_in(extension)
        self.page = person.opens("/agent")
        self.line = self.page.locator("simulated-line")
        self.form = self.page.locator("#ticket")

    def becomes_available(self) -> None:
        self.page.locator("#bar form[action='/agent/available'] button").click()
        expect(self.page.locator("#bar")).to_contain_text("空闲")

    def answers(self) -> None:
        self.line.get_by_role("button", name="接听").click()
        expect(self.line.locator(".state")).to_have_class(re.compile("in_call"))

    def says(self, words: str) -> None:
        self.line.get_by_role("textbox").fill(words)
        self.line.get_by_role("textbox").press("Enter")

    def writes(self, text: str) -> None:
        self.form.get_by_label("诉求内容").fill(text)

    def takes_suggestion(self, item: str) -> None:
        self.form.locator("#suggestions button", has_text=item).click()

    def fills_in(self, *, place: str) -> None:
        self.form.locator("#area-county").select_option(index=1)
        self.form.get_by_label("详细地点").fill(place)

    def registers(self) -> str:
        self.form.get_by_role("button", name="登记").click()
        return ticket_number(self.person, ".flash.ok")

    def wraps_up_and_leaves(self) -> None:
        self.page.locator("#wrap-up [name=then]").select_option(index=1)
        self.page.locator("#wrap-up button").click()
        expect(self.page.locator("#bar")).to_contain_text("小休")
        self.page.locator("#bar form[action='/agent/leave'] button").click()
        expect(self.page.locator("#bar")).to_contain_text("未签入")


def test_an_agent_answers_a_citizen_and_logs_two_matters_from_one_call(somebody: People) -> None:
    citizen, agent = Telephone(somebody(width=390), "13900000011"), Agent(somebody(), "1001")
    agent.becomes_available()
    agent.person.stays_on_this_page()

    citizen.dials("12345")
    citizen.hears("急救")
    citizen.presses("0902#")
    pop = agent.page.locator("#pop")
    expect(pop).to_contain_text("振铃")
    expect(pop).to_contain_text("139●●●●0011")
    expect(pop).to_contain_text("0902")
    expect(agent.page).to_have_title(re.compile("☎"))
    agent.answers()
    citizen.hears("已接通人工坐席")
    agent.says("您好，请讲")
    citizen.hears("您好，请讲")
    citizen.says("路灯坏了三天了")
    expect(agent.line.locator("ol")).to_contain_text("路灯坏了三天了")
    expect(pop).to_contain_text("通话")
    assert agent.person.was_not_reloaded()

    agent.writes(LIGHT)
    agent.takes_suggestion("路灯")
    agent.fills_in(place="文化路 12 号")
    first = agent.registers()
    agent.writes(DRAIN)
    agent.takes_suggestion("疏通")
    expect(agent.page.locator("#item-name")).to_contain_text("征得来电人同意")
    agent.fills_in(place="文化路 12 号")
    agent.form.get_by_role("button", name="登记").click()
    agent.person.sees("须有来电人的联系电话并征得同意", "#ticket")
    expect(agent.form.get_by_label("诉求内容")).to_have_value(DRAIN)
    agent.form.get_by_label("来电人同意把联系方式提供给服务企业").check()
    second = agent.registers()
    expect(pop).to_contain_text(first)
    expect(pop).to_contain_text(second)
    expect(agent.line.locator(".state")).to_have_class(re.compile("in_call"))

    citizen.hangs_up()
    citizen.is_over()
    expect(agent.page.locator("#bar")).to_contain_text("话后整理")
    agent.wraps_up_and_leaves()
    inbox = texts_to(somebody(width=390), "+8613900000011")
    for number in (first, second):
        expect(inbox.locator(".bubbles")).to_contain_text(number)
    assert inbox.locator(".bubbles > li").count() == 2


def test_a_citizen_says_what_it_is_about_and_waits_until_an_agent_comes(somebody: People) -> None:
    citizen, agent = Telephone(somebody(width=390), "13900000012"), Agent(somebody(), "1002")
    agent.person.stays_on_this_page()
    citizen.dials("12345")
    expect(citizen.page.locator("#listens")).to_contain_text("说话")
    citizen.says("我们小区门口的路灯不亮了")
    expect(agent.page.locator("#waiting")).to_contain_text("139●●●●0012")
    citizen.hears("第")
    assert agent.person.was_not_reloaded()
    agent.becomes_available()
    agent.answers()
    expect(agent.page.locator("#pop")).to_contain_text("我们小区门口的路灯不亮了")
    expect(agent.page.locator("#waiting")).not_to_contain_text("139●●●●0012")
    agent.line.get_by_role("button", name="挂断").click()
    citizen.is_over()
    agent.wraps_up_and_leaves()


def test_what_an_agent_typed_survives_a_call_that_comes_in_and_a_reload(somebody: People) -> None:
    citizen, agent = Telephone(somebody(width=390), "13900000013"), Agent(somebody(), "1003")
    agent.becomes_available()
    agent.writes("没有来电时写的草稿")
    agent.form.get_by_label("详细地点").fill("和平街")
    agent.page.reload()
    expect(agent.form.get_by_label("诉求内容")).to_have_value("没有来电时写的草稿")

    citizen.dials("12348")
    citizen.presses("0#")
    expect(agent.page.locator("#pop")).to_contain_text("12348")
    expect(agent.form.get_by_label("诉求内容")).to_have_value("")  # the caller's own form
    expect(agent.form.get_by_label("热线")).to_have_value("12348")
    agent.writes("来电人问劳动合同")
    agent.answers()
    expect(agent.page.locator("#pop")).to_contain_text("通话")
    expect(agent.form.get_by_label("诉求内容")).to_have_value("来电人问劳动合同")
    agent.page.reload()
    expect(agent.form.get_by_label("诉求内容")).to_have_value("来电人问劳动合同")
    expect(agent.line.locator(".state")).to_have_class(re.compile("in_call"))
    agent.page.locator("#drafts button").click()
    expect(agent.form.get_by_label("诉求内容")).to_have_value("没有来电时写的草稿")
    expect(agent.form.get_by_label("详细地点")).to_have_value("和平街")
    citizen.hangs_up()
    expect(agent.page.locator("#bar")).to_contain_text("话后整理")
    expect(agent.page.locator("#pop #wrap-up")).to_be_visible()
    expect(agent.form.get_by_label("详细地点")).to_have_value("和平街")  # no news took it away
    agent.wraps_up_and_leaves()


def test_words_typed_before_the_page_is_ready_win_over_an_older_draft(somebody: People) -> None:
    """A slow line: the form is on the screen, its script still under way."""
    agent = Agent(somebody(), "1005")
    agent.writes("积水")
    agent.fills_in(place="和平街")
    scripts: list[Route] = []

    def hold(script: Route) -> None:
        scripts.append(script)

    agent.page.route("**/console.js", hold)
    agent.page.goto("/agent", wait_until="commit")
    agent.fills_in(place="和平街 7 号")
    for script in scripts:
        script.continue_()
    agent.page.unroute("**/console.js")
    expect(agent.form.get_by_label("诉求内容")).to_have_value("积水")
    expect(agent.form.get_by_label("详细地点")).to_have_value("和平街 7 号")
    agent.page.reload()
    expect(agent.form.get_by_label("详细地点")).to_have_value("和平街 7 号")


def test_a_refreshed_block_keeps_what_was_typed_in_it_and_the_cursor(somebody: People) -> None:
    """The reason to see a number is typed into the screen pop, which is refreshed as the call goes on."""
    citizen, agent = Telephone(somebody(width=390), "13900000014"), Agent(somebody(), "1004")
    agent.becomes_available()
    citizen.dials("12345")
    citizen.presses("0#")
    pop = agent.page.locator("#pop")
    pop.get_by_text("显示号码").click()
    purpose = pop.locator("[name=purpose]")
    purpose.fill("回拨核对地址")
    agent.answers()
    expect(pop).to_contain_text("通话")
    expect(purpose).to_have_value("回拨核对地址")
    expect(pop.locator("details.reveal")).to_have_attribute("open", "")
    purpose.press("Enter")
    expect(pop).to_contain_text("13900000014")
    citizen.hangs_up()
    expect(agent.page.locator("#bar")).to_contain_text("话后整理")
    agent.wraps_up_and_leaves()
