"""Credit codes of made-up firms have the form and check characters of real ones."""

import pytest

from hotline.organisations import credit_code


@pytest.mark.parametrize("published", ["91350100M000100Y43", "9144030071526726XG", "91110000600037341L"])
def test_published_codes_are_found_right(published: str) -> None:
    assert credit_code.make(division=published[2:8], body=published[8:16]) == published
