"""A matter on its way, at everybody's page: citizen, dispatcher, firm, citizen again, manager."""

import re

from playwright.sync_api import expect

from tests.support.browser import PHONE_WIDTH, People, Person, texts_to, ticket_number, user_of

DRAIN = "厨房下水道堵了，想请人上门疏通"
CITIZEN, NUMBER = "13900000021", "+8613900000021"


def sends_in(citizen: Person, text: str, number: str, *, share_contact: bool = False) -> str:
    """A citizen at the web page, without an account. The ticket's number."""
    page = citizen.opens("/p/new")
    page.locator("[name=kind]").select_option("service" if share_contact else "complaint")
    page.locator("[name=text]").fill(text)
    page.locator("[name=area_id]").select_option(index=1)
    page.locator("[name=number]").fill(number)
    page.locator("[name=share_contact]").set_checked(share_contact)
    citizen.presses("提交")
    return ticket_number(citizen, "h1")


def test_a_firm_takes_a_job_and_the_citizen_rates_it_on_a_handset(somebody: People) -> None:
    dispatcher, citizen, firm = somebody().signs_in("dispatcher"), somebody(width=PHONE_WIDTH), somebody()
    dispatcher.opens("/dispatch?tab=new")
    dispatcher.stays_on_this_page()
    ticket = sends_in(citizen, DRAIN, CITIZEN, share_contact=True)
    dispatcher.sees(ticket, "#desk")
    assert dispatcher.was_not_reloaded()
    dispatcher.page.get_by_role("link", name=ticket).click()
    dispatcher.presses("按建议派单")
    dispatcher.sees("待接单")

    firm.signs_in(user_of(firm.town, ticket))
    firm.opens("/work")
    firm.page.get_by_role("link", name=ticket).click()
    firm.sees("接单后可见")
    firm.page.get_by_label("责任人").fill("王师傅")
    firm.page.get_by_label("报价或估价").fill("上门 30 元，疏通 80 元")
    firm.presses("接单")
    firm.sees("139●●●●0021")
    firm.page.get_by_text("显示号码").click()
    firm.page.get_by_label("查看号码的用途").fill("约上门时间")
    firm.presses("显示并记录")
    firm.sees(CITIZEN)
    citizen.opens(f"/p/ticket/{ticket}")
    citizen.sees("上门 30 元，疏通 80 元")
    citizen.page.get_by_label("同意这个价格").check()
    assert citizen.fits()
    citizen.presses("提交答复")
    citizen.sees("已收到您对报价的答复")
    firm.page.get_by_label("与诉求人联系的情况").fill("约好今天下午上门")
    firm.presses("已联系，开始办理")
    firm.page.locator("[name=public_reply]").fill("下水道已疏通，保修一个月。")
    firm.page.locator("[name=internal_note]").fill("老管道，建议更换")
    firm.presses("提交答复")

    dispatcher.page.reload()
    dispatcher.sees("老管道，建议更换")
    dispatcher.presses("发布答复")
    dispatcher.sees("告知回访中")

    inbox = texts_to(citizen, NUMBER)
    expect(inbox.locator(".bubbles")).to_contain_text("邀您评价")
    assert citizen.fits()
    inbox.locator("a[href*='/p/s/']").click()
    citizen.sees("下水道已疏通，保修一个月。")
    citizen.sees(ticket)
    assert "老管道" not in citizen.page.content()
    citizen.page.get_by_label("已解决", exact=True).check()
    citizen.page.get_by_label("满意", exact=True).check()
    assert citizen.fits()
    citizen.presses("提交评价")
    citizen.sees("谢谢您的评价")
    citizen.page.reload()
    assert citizen.page.get_by_role("button", name="提交评价").count() == 0  # once

    manager = somebody().signs_in("manager")
    opens_rows(manager, "solved_rate", ticket)


def opens_rows(manager: Person, figure: str, ticket: str) -> None:
    """The number on the page, and behind it a list as long, with the ticket in it."""
    row = manager.opens("/manage").locator(f"tr[id='{figure}']")
    number = row.locator("a").first
    counted = int(number.inner_text())
    number.click()
    manager.sees(ticket)
    assert manager.page.locator("main tbody tr").count() == counted
    manager.page.get_by_role("link", name=ticket).click()
    manager.sees(ticket, "h1")


def test_two_people_at_one_firm_press_accept_and_the_second_is_told(somebody: People) -> None:
    citizen, dispatcher = somebody(width=PHONE_WIDTH), somebody().signs_in("dispatcher")
    ticket = sends_in(citizen, DRAIN, "13900000022", share_contact=True)
    dispatcher.opens(f"/dispatch?number={ticket}")
    dispatcher.presses("按建议派单")
    dispatcher.sees("待接单")
    colleagues = [somebody().signs_in(user_of(dispatcher.town, ticket)) for _ in range(2)]
    for colleague in colleagues:
        colleague.opens("/work")
        colleague.page.get_by_role("link", name=ticket).click()
        colleague.page.get_by_label("责任人").fill("李师傅")
        colleague.page.get_by_label("报价或估价").fill("面议，先检测")
    for colleague in colleagues:
        colleague.presses("接单")
    colleagues[0].sees("联系诉求人")
    colleagues[1].sees("工单状态已经改变", "[role=alert]")


HAN = re.compile(r"[\u4e00-\u9fff]")
WORDS_OF_PAGES = "main :is(h1, h2, h3, th, label, legend, summary, button, .empty, .hint)"


def chinese_words(reader: Person) -> list[str]:
    """What a page says of itself in Chinese; names of people, places and organisations are not asked."""
    said = reader.page.locator(WORDS_OF_PAGES).all_inner_texts()
    return [text for text in said if HAN.search(text)]


def test_who_reads_english_gets_english_pages(somebody: People) -> None:
    for username, paths in (
        ("1005", ("/agent", "/agent/tickets", "/agent/callbacks")),
        ("dispatcher", ("/dispatch",)),
        ("manager", ("/manage",)),
    ):
        reader = somebody().signs_in(username)
        reader.presses("English")
        for path in paths:
            reader.opens(path)
            expect(reader.page.locator("html")).to_have_attribute("lang", "en")
            assert chinese_words(reader) == [], path
        reader.presses("中文")
        expect(reader.page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_citizen_whose_handset_speaks_english_reads_english(somebody: People) -> None:
    visitor = somebody(width=PHONE_WIDTH, language="en-GB")
    for path in ("/p", "/p/new"):
        visitor.opens(path)
        assert chinese_words(visitor) == [], path
        assert visitor.fits(), path
