"""People at pages, each in a real Chromium with cookies of their own."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from hotline.staff.service import DEMO_PASSWORD
from tests.support.running import Hotline

# The last one: no page, and not Chromium itself, looks up any name outside this machine.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
PATIENCE_MS = 60_000
PHONE_WIDTH, DESK_WIDTH = 390, 1280
NUMBER = re.compile(r"GD\d+")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "there is no chromium; scripts/install_test_tools.sh installs it"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=FLAGS)


class Person:
    """One person at one page."""

    def __init__(self, chromium: Browser, town: Hotline, width: int, language: str) -> None:
        self.town = town
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale=language, base_url=town.url
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.faults: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", lambda answer: self._look_at(answer.url, answer.status))

    def opens(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def signs_in(self, username: str) -> "Person":
        self.opens("/sign-in")
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(DEMO_PASSWORD)
        self.page.locator("main button.main").click()
        expect(self.page.locator("header .who")).to_contain_text(username)
        return self

    def sees(self, text: str | re.Pattern[str], where: str = "main") -> Locator:
        """Waits until it is there, without a reload."""
        place = self.page.locator(where).first
        expect(place).to_contain_text(text)
        return place

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def fits(self) -> bool:
        """Nothing sticks out to the side."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def stays_on_this_page(self) -> None:
        """From now on a reload would be noticed."""
        self.page.evaluate("window.sameAsBefore = true")

    def was_not_reloaded(self) -> bool:
        return bool(self.page.evaluate("window.sameAsBefore === true"))

    def _look_at(self, url: str, status: int) -> None:
        if status >= 500:
            self.faults.append(f"{url} answered {status}")


People = Callable[..., Person]


@pytest.fixture
def somebody(chromium: Browser, town: Hotline) -> Iterator[People]:
    """`somebody(width=…, language=…)` sits down at a browser; nobody may meet a fault."""
    met: list[Person] = []

    def sits_down(*, width: int = DESK_WIDTH, language: str = "zh-CN") -> Person:
        met.append(Person(chromium, town, width, language))
        return met[-1]

    yield sits_down
    for person in met:
        person.context.close()
    assert [fault for person in met for fault in person.faults] == []


class Telephone:
    """A citizen at the page of the simulated telephone."""

    def __init__(self, person: Person, number: str) -> None:
        self.person = person
        self.page = person.opens(f"{person.town.simulators}/phone?number={number}")

    def dials(self, hotline: str) -> None:
        self.page.locator(f"[data-dial='{hotline}']").click()

    def presses(self, keys: str) -> None:
        """Key by key, once the line listens."""
        expect(self.page.locator("#listens")).to_contain_text("按键")
        for key in keys:
            self.page.locator(f"[data-key='{key}']").click()

    def says(self, words: str) -> None:
        self.page.locator("#words").fill(words)
        self.page.locator("#speak button").first.click()

    def hears(self, words: str) -> None:
        expect(self.page.locator("#log")).to_contain_text(words)

    def hangs_up(self) -> None:
        self.page.locator("#hang-up").click()

    def is_over(self) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-state", "idle")


def texts_to(person: Person, number: str) -> Page:
    """What this citizen's handset shows; it refreshes by itself."""
    return person.opens(f"{person.town.simulators}/inbox/{number}")


def ticket_number(person: Person, where: str) -> str:
    """The one that this part of the page shows, once it does."""
    found = NUMBER.search(person.sees(NUMBER, where).inner_text())
    assert found
    return found.group()


def user_of(town: Hotline, ticket: str, part: str = "lead") -> str:
    """Who signs in for the organisation that has the ticket, or its assisting part, in its in-tray now."""
    rows = town.rows(
        "SELECT staff.username FROM work_order JOIN ticket ON ticket.id = work_order.ticket_id"
        " JOIN staff ON staff.organisation_id = work_order.organisation_id"
        " WHERE ticket.number = %s AND work_order.part = %s AND work_order.ended_at IS NULL",
        ticket,
        part,
    )
    assert len(rows) == 1, rows
    return str(rows[0][0])
