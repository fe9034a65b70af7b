"""Photos on their way: from a citizen's telephone over the desk to the organisation, and back again."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.attachments import files
from tests.support.browser import PHONE_WIDTH, People, Person, ticket_number, user_of

STALLS = "菜市场门口占道经营，推车过不去"


@pytest.fixture
def pocket(tmp_path: Path) -> Path:
    """What is on the telephone: a photo taken upright, a film, something that only calls itself a photo."""
    for name, content in (
        ("门口.jpg", files.jpeg(orientation=6)),
        ("拥堵.mp4", files.video()),
        ("合同.jpg", files.EXE),
        ("清理后.jpg", files.jpeg(colour="white")),
    ):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def chooses(page: Page, field: str, pocket: Path, *names: str) -> None:
    page.locator(field).set_input_files([pocket / name for name in names])


def shown(page: Page) -> list[tuple[int, int]]:
    """Width and height of every picture on the shelf, once they are there."""
    pictures = page.locator(".shelf img")
    expect(pictures.first).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('.shelf img')].every(i => i.complete && i.naturalWidth)"
    )
    return [
        tuple(size)
        for size in pictures.evaluate_all("all => all.map(i => [i.naturalWidth, i.naturalHeight])")
    ]


def sends_in(citizen: Person, pocket: Path) -> str:
    """One of three files is wrong: the words and the two good ones are not asked for again."""
    page = citizen.opens("/p/new")
    page.locator("[name=kind]").select_option("complaint")
    page.locator("[name=text]").fill(STALLS)
    page.locator("[name=area_id]").select_option(index=1)
    chooses(page, "#files", pocket, "门口.jpg", "拥堵.mp4", "合同.jpg")
    citizen.presses("提交")
    citizen.sees("“合同.jpg”不是可以接收的文件")
    expect(page.locator("[name=text]")).to_have_value(STALLS)
    expect(page.locator(".kept")).to_have_count(2)
    assert citizen.fits()
    citizen.presses("提交")
    return ticket_number(citizen, "h1")


def test_photos_go_out_with_the_matter_and_come_back_with_the_answer(somebody: People, pocket: Path) -> None:
    citizen, dispatcher, office = somebody(width=PHONE_WIDTH), somebody(), somebody(width=PHONE_WIDTH)
    ticket = sends_in(citizen, pocket)
    citizen.sees("已收到您的 2 个附件")

    dispatcher.signs_in("dispatcher")
    desk = dispatcher.opens(f"/dispatch?number={ticket}")
    assert shown(desk) == [(240, 320)], "upright, as it was taken"
    desk.wait_for_function("document.querySelector('.shelf video').readyState >= 1")
    dispatcher.presses("按建议派单")
    dispatcher.sees("待接收")

    office.signs_in(user_of(office.town, ticket))
    page = office.opens("/work")
    page.get_by_role("link", name=ticket).click()
    assert shown(page) == [(240, 320)]
    page.get_by_label("责任人").fill("王工")
    office.presses("接收")
    page.get_by_label("与诉求人联系的情况").fill("匿名，无法联系")
    office.presses("已联系，开始办理")
    page.locator("[name=public_reply]").fill("已劝离摊贩，通道恢复。")
    chooses(page, "#files", pocket, "清理后.jpg")
    assert office.fits()
    office.presses("提交答复")
    office.sees("等待热线审核")
    assert len(shown(page)) == 2

    desk.reload()
    assert len(shown(desk)) == 2
    dispatcher.presses("发布答复")
    dispatcher.sees("已办结")

    page = citizen.page
    page.reload()
    citizen.sees("已劝离摊贩，通道恢复。")
    assert shown(page) == [(320, 240)], "the answer's photo, and not what was sent in"
    assert citizen.fits()
