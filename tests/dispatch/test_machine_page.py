"""The page that draws the machine of a ticket."""

import pytest
from flask import Flask

from dispatch.drawing import drawing
from hotline.tickets.states import TABLE, TicketState
from tests.dispatch.test_pages import text_of
from tests.support.people import signed_in_as


def test_every_state_is_a_box_and_every_move_an_arrow() -> None:
    drawn = drawing()
    assert {box.state for box in drawn.boxes} == set(TicketState)
    assert [arrow.move for arrow in drawn.arrows] == list(TABLE)
    assert len({(box.x, box.y) for box in drawn.boxes}) == len(TicketState)
    assert all(0 < box.x < drawn.width and 0 < box.y < drawn.height for box in drawn.boxes)


@pytest.mark.parametrize(("language", "words"), [("zh", "领取预审"), ("en", "Take into review")])
def test_the_page_lists_every_move_in_words(app: Flask, language: str, words: str) -> None:
    browser = signed_in_as(app, "dispatcher")
    browser.set_cookie("language", language)
    page = text_of(browser.get("/dispatch/machine"))
    assert page.count("<tr>") == len(TABLE) + 1
    assert words in page
    assert "/dispatch/machine" in text_of(browser.get("/dispatch"))
