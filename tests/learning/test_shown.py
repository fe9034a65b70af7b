"""The line in which a form carries back what was suggested."""

import pytest

from hotline.learning.shown import NOTHING, Shown, read


@pytest.mark.parametrize(
    "was",
    [
        NOTHING,
        Shown((("0104", 0.83), ("0203", 0.11))),
        Shown((("L0105", 1.0),), model_id=7, abstained=True, emergency=True),
        Shown((), emergency=True),
    ],
)
def test_what_goes_out_with_the_page_comes_back_with_the_form(was: Shown) -> None:
    assert read(str(was)) == was


def test_codes_alone_are_read_too() -> None:
    assert read("0104,0203") == Shown((("0104", 0.0), ("0203", 0.0)))


@pytest.mark.parametrize(
    "line", ["<script>", "0104:9", "0104;surprised", "x@0104", "0104,", "0104:0.5 ", "\0", "9" * 400]
)
def test_a_line_somebody_made_up_is_nothing_shown(line: str) -> None:
    assert read(line) == NOTHING
