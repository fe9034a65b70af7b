"""A place without a map: what a citizen said becomes an area by one click; every level can be corrected."""

from playwright.sync_api import expect

from tests.support.browser import PHONE_WIDTH, People, Telephone
from tests.support.running import Hotline

CHOSEN = "select => select.options[select.selectedIndex].text"


def a_school(town: Hotline) -> tuple[str, str, str, str]:
    """Its name, county, town and village."""
    rows = town.rows(
        "SELECT place_name.name, county.name, town.name, village.name FROM place_name"
        " JOIN area village ON village.id = place_name.area_id JOIN area town ON town.id = village.parent_id"
        " JOIN area county ON county.id = town.parent_id WHERE kind = %s"
        " AND (SELECT count(*) FROM place_name other WHERE other.name = place_name.name) = 1"
        " ORDER BY place_name.id LIMIT 1",
        "school",
    )
    name, county, town_name, village = rows[0]
    return str(name), str(county), str(town_name), str(village)


def test_an_agent_takes_a_proposed_place_by_one_click_and_corrects_it(
    somebody: People, town: Hotline
) -> None:
    name, county, town_name, village = a_school(town)
    agent = somebody().signs_in("1004")
    page = agent.opens("/agent")
    selects = page.locator("#area_id select")
    page.get_by_label("诉求内容").fill(f"{name}门口的路灯坏了三天了")
    expect(page.locator("#proposals")).to_contain_text(f"{county} {town_name} {village}")
    assert page.locator("#look-up").is_hidden()
    page.locator("#proposals [accesskey=l]").click()
    expect(selects.nth(2)).to_be_enabled()
    assert [selects.nth(n).evaluate(CHOSEN) for n in range(3)] == [county, town_name, village]
    expect(page.get_by_label("详细地点")).to_have_value(name)

    selects.nth(1).select_option(index=0)  # the town is not sure after all
    expect(selects.nth(2)).to_be_disabled()
    expect(page.locator("[name=area_id]")).to_have_value(selects.nth(0).input_value())
    expect(selects.nth(1)).to_be_focused()

    page.get_by_label("详细地点").fill(name)
    page.get_by_label("详细地点").press("Enter")  # takes the proposal, does not send the form
    expect(selects.nth(2)).to_be_enabled()
    assert selects.nth(2).evaluate(CHOSEN) == village
    page.reload()
    expect(selects.nth(2)).to_be_enabled()  # the draft knows the area too
    assert selects.nth(2).evaluate(CHOSEN) == village


def test_what_a_caller_told_the_machine_is_on_the_screen_with_its_place(
    somebody: People, town: Hotline
) -> None:
    name, county, town_name, village = a_school(town)
    citizen = Telephone(somebody(width=PHONE_WIDTH), "13900000042")
    agent = somebody().signs_in("1005")
    page = agent.opens("/agent")
    page.locator("#bar form[action='/agent/available'] button").click()
    citizen.dials("12345")
    expect(citizen.page.locator("#listens")).to_contain_text("说话")
    citizen.says(f"{name}门口的路灯不亮了")
    proposal = page.locator("#pop [data-area-id]").first
    expect(proposal).to_contain_text(f"{county} {town_name} {village}")
    proposal.click()
    expect(page.locator("#area_id select").nth(2)).to_be_enabled()
    expect(page.get_by_label("详细地点")).to_have_value(name)
    citizen.hangs_up()
    citizen.is_over()
