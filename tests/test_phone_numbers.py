"""One number, however it is written; and never a whole one in a log."""

import logging

import pytest

from hotline.errors import InvalidInput
from hotline.log_setup import MaskingFormatter
from hotline.phone_numbers import mask, normalise, normalise_or_none


@pytest.mark.parametrize(
    "written", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "138/0013/8000"]
)
def test_however_it_is_written_it_is_one_caller(written: str) -> None:
    assert normalise(written) == "+8613800138000"


@pytest.mark.parametrize("junk", ["", "anonymous", "unavailable", "12", "1" * 40, "🙂"])
def test_what_is_no_number_is_refused_or_withheld(junk: str) -> None:
    assert normalise_or_none(junk) is None
    with pytest.raises(InvalidInput):
        normalise(junk)


def test_people_see_the_ends_of_a_number_only() -> None:
    assert mask("+8613800138000") == "138●●●●8000"
    assert mask(None) == ""
    assert mask("+8612345") == "1●●●●"


def test_a_number_that_slips_into_a_log_is_masked_there() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "called %s back", ("+8613800138000",), None)
    assert "0013" not in MaskingFormatter("%(message)s").format(record)
