"""An administrator changes who handles a matter and how it is said: later tickets follow, earlier do not."""

from tests.scenarios.test_browser_desks import sends_in
from tests.support.browser import PHONE_WIDTH, People, Person
from tests.support.waiting import eventually

STALLS = "门口一排烧烤摆摊,占道经营走不了路"
GAME = "套圈游戏把路口围得水泄不通"  # nothing in the catalogue is said like this
STREET_VENDING = "占道经营与流动摊贩"
BEFORE, AFTER = "城市管理局", "交通运输局"
NUMBERS = (f"139000001{n:02}" for n in range(100))


def edits_street_vending(administrator: Person) -> None:
    """From the page everybody starts at to the editor."""
    page = administrator.opens("/manage")
    page.get_by_role("link", name="事项目录").click()
    page.locator("#q").fill("占道经营")
    administrator.presses("查找")
    page.get_by_role("link", name=STREET_VENDING).click()
    administrator.presses("修改")


def is_sent_to(dispatcher: Person, ticket: str) -> str:
    """The dispatcher sends it as the rules suggest; whom to."""
    dispatcher.opens(f"/dispatch?number={ticket}")
    dispatcher.sees(STREET_VENDING)
    dispatcher.presses("按建议派单")
    dispatcher.sees("已按建议派出")
    return dispatcher.sees("局").inner_text()


def rolls_back_to_the_first_version(administrator: Person) -> None:
    page = administrator.opens("/manage/catalogue/12345/versions")
    page.locator("main tbody th a").last.click()
    administrator.sees("退回到它，会有这些变化")
    page.get_by_label("为什么退回旧版本").fill("改错了")
    administrator.presses("确认退回")
    administrator.sees("已退回到版本")


def shows_after_reload(person: Person, text: str) -> bool:
    person.page.reload()
    return text in person.page.locator("main tbody").inner_text()


def test_an_administrator_moves_a_matter_and_moves_it_back(somebody: People) -> None:
    administrator, dispatcher = somebody().signs_in("administrator"), somebody().signs_in("dispatcher")
    citizen = somebody(width=PHONE_WIDTH)
    earlier = sends_in(citizen, STALLS, next(NUMBERS))

    edits_street_vending(administrator)
    page = administrator.page
    page.get_by_label("牵头单位").fill(AFTER)
    examples = page.get_by_label("例句")
    examples.fill(f"{examples.input_value()}\n{GAME}")
    administrator.presses("存入草稿")
    administrator.sees(GAME)
    administrator.sees(f"区{AFTER}")
    administrator.sees("仍按登记时的版本办理")
    administrator.sees(earlier)
    during = sends_in(citizen, STALLS, next(NUMBERS))  # a draft changes nothing for anybody

    page.reload()  # what is published is what was looked at, with the newest ticket in it
    page.get_by_label("修改原因和依据").fill("三定方案调整")
    administrator.presses("发布")
    administrator.sees("已发布")
    administrator.sees("三定方案调整")

    later = sends_in(citizen, GAME, next(NUMBERS))
    assert AFTER in is_sent_to(dispatcher, later)
    for ticket in (earlier, during):
        assert BEFORE in is_sent_to(dispatcher, ticket)

    rolls_back_to_the_first_version(administrator)
    assert BEFORE in is_sent_to(dispatcher, sends_in(citizen, STALLS, next(NUMBERS)))


def test_a_scheduled_version_goes_live_by_itself(somebody: People) -> None:
    administrator = somebody(width=PHONE_WIDTH).signs_in("administrator")
    edits_street_vending(administrator)
    page = administrator.page
    page.get_by_label("办结标准").fill("现场已清走，路面已清扫")
    assert administrator.fits()
    administrator.presses("存入草稿")
    administrator.sees("已存入草稿")
    assert administrator.fits()
    page.get_by_label("修改原因和依据").fill("统一办结标准")
    page.get_by_label("生效时间（空着就是立即）").fill("2999-01-01T00:00")
    administrator.presses("发布")
    administrator.sees("定于 2999-01-01 00:00 生效")
    # the day comes; the scheduler of the running house does the rest
    administrator.town.rows(
        "UPDATE catalogue_version SET goes_live_at = now() WHERE state = 'scheduled' RETURNING id"
    )
    administrator.opens("/manage/catalogue/12345/versions")
    eventually(lambda: shows_after_reload(administrator, "统一办结标准"), "the version is live", 60)
    assert administrator.fits()
    administrator.opens("/manage/catalogue/12345/items/0801")
    administrator.sees("现场已清走，路面已清扫")
    assert administrator.fits()


def test_two_administrators_at_one_item_and_nothing_is_lost(somebody: People) -> None:
    first, second = somebody().signs_in("administrator"), somebody().signs_in("administrator")
    for one in (first, second):
        edits_street_vending(one)
    first.page.get_by_label("办结标准").fill("已恢复通行")
    first.presses("存入草稿")
    first.sees("已恢复通行")
    second.page.get_by_label("法定时限").fill("三日内")
    second.presses("存入草稿")
    second.sees("您的修改还没有保存", "[role=alert]")
    second.sees("已恢复通行")
    second.page.get_by_label("办结标准").fill("已恢复通行")
    second.presses("存入草稿")
    for kept in ("三日内", "已恢复通行"):
        second.sees(kept)
    second.presses("丢弃整份草稿")
    second.sees("没有草稿")
