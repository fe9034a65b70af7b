"""Credit codes of made-up firms have the form and check characters of real ones."""

import pytest

from hotline.organisations import credit_code


@pytest.mark.parametrize("published", ["91350100M000100Y43", "9144030071526726XG", "91110000600037341L"])
def test_published_codes_are_found_right(published: str) -> None:
    assert credit_code.check_character(published[:17]) == published[17]
    assert credit_code.is_valid(published)


def test_one_wrong_character_is_noticed() -> None:
    good = credit_code.make("990101", "MA000001")
    assert credit_code.is_valid(good)
    for place in range(18):
        for other in credit_code.ALPHABET.replace(good[place], ""):
            assert not credit_code.is_valid(good[:place] + other + good[place + 1 :])


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y4S", "91350100m000100y43"])
def test_what_is_no_code_is_not_valid(code: str) -> None:
    assert not credit_code.is_valid(code)
