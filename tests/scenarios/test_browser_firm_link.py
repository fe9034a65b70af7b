"""A firm without an account: a text with a link, a small screen, and the whole job done on it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.attachments import files
from tests.scenarios.test_browser_desks import DRAIN, sends_in
from tests.support.browser import PHONE_WIDTH, People, Person, texts_to

CITIZEN = "13900000051"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    made = tmp_path / "疏通后.jpg"
    made.write_bytes(files.jpeg(orientation=6))
    return made


def test_a_firm_does_a_job_by_the_link_in_a_text(somebody: People, photo: Path) -> None:
    desk, citizen = somebody().signs_in("dispatcher"), somebody(width=PHONE_WIDTH)
    firm = somebody(width=PHONE_WIDTH)
    firm.page.set_viewport_size({"width": 390, "height": 844})
    ticket = sends_in(citizen, DRAIN, CITIZEN, share_contact=True)
    is_offered(desk, ticket)
    opens_the_text(firm, ticket)
    link = firm.page.url
    firm.sees("接单后可见")
    assert CITIZEN not in firm.page.content() and "139●" not in firm.page.content()
    firm.presses("接单")
    expect(firm.page.locator("input:invalid").first).to_be_focused()
    firm.page.get_by_label("责任人").fill("王师傅")
    firm.page.get_by_label("报价或估价").fill("上门 30 元，疏通 80 元")
    firm.presses("接单")

    firm.sees("139●●●●0051")
    firm.sees("等诉求人答复")
    citizen.opens(f"/p/ticket/{ticket}")
    citizen.page.get_by_label("同意这个价格").check()
    citizen.presses("提交答复")
    citizen.sees("已收到您对报价的答复")
    firm.page.get_by_text("显示号码").click()
    firm.page.get_by_label("查看号码的用途").fill("约上门时间")
    firm.presses("显示并记录")
    firm.sees(CITIZEN)
    firm.page.get_by_label("与诉求人联系的情况").fill("约好下午三点")
    firm.presses("已联系，开始办理")
    firm.page.locator("[name=public_reply]").fill("下水道已疏通，保修一个月。")
    firm.page.locator("#files").set_input_files(photo)
    assert firm.fits()
    firm.presses("提交答复")
    firm.sees("等待热线审核")
    expect(firm.page.locator(".shelf img")).to_have_count(1)
    assert CITIZEN not in firm.page.content(), "what was to be done is done"
    assert firm.fits()

    desk.page.reload()
    desk.sees("上门 30 元，疏通 80 元")
    desk.presses("发布答复")
    desk.sees("告知回访中")
    is_used_up(firm, link)


def is_offered(desk: Person, ticket: str) -> None:
    desk.opens(f"/dispatch?number={ticket}")
    desk.presses("按建议派单")
    desk.sees("待接单")


def opens_the_text(firm: Person, ticket: str) -> None:
    """Number and link, no more; what it leads to fits the screen."""
    rows = firm.town.rows(
        "SELECT organisation.phone FROM work_order JOIN ticket ON ticket.id = work_order.ticket_id"
        " JOIN organisation ON organisation.id = work_order.organisation_id WHERE ticket.number = %s",
        ticket,
    )
    text = texts_to(firm, str(rows[0][0])).locator(".bubbles > li", has_text=ticket)
    expect(text).to_contain_text("/w/")
    assert "下水道" not in text.inner_text()
    text.locator("a[href*='/w/']").click()
    firm.sees(ticket, "h1")
    assert firm.fits()


def is_used_up(firm: Person, link: str) -> None:
    """The released job, and a link that was cut short: both say what to do."""
    for address in (link, link[:-3]):
        answer = firm.page.goto(address)
        assert answer is not None and answer.status == 410
        firm.sees("链接已失效")
        assert firm.fits()
