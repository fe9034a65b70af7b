"""What a text costs, by the vectors of GSM 03.38 and 3GPP 23.040."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.segments import LIMITS, Encoding, count, decode_gsm, encode, split, units


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("", Encoding.GSM, 1),
        ("a" * 160, Encoding.GSM, 1),
        ("a" * 161, Encoding.GSM, 2),
        ("a" * 306, Encoding.GSM, 2),
        ("a" * 307, Encoding.GSM, 3),
        ("€" * 80, Encoding.GSM, 1),
        ("€" * 81, Encoding.GSM, 2),
        # 153 is odd: the 77th euro sign would stand half in each part
        ("€" * 152, Encoding.GSM, 2),
        ("€" * 153, Encoding.GSM, 3),
        ("Größe é Ω", Encoding.GSM, 1),
        ("中" * 70, Encoding.UCS2, 1),
        ("中" * 71, Encoding.UCS2, 2),
        ("中" * 134, Encoding.UCS2, 2),
        ("中" * 135, Encoding.UCS2, 3),
        ("a" * 69 + "中", Encoding.UCS2, 1),
        # a non-breaking space looks like a space and doubles the price
        ("a" * 70 + "\xa0", Encoding.UCS2, 2),
        ("😀" * 35, Encoding.UCS2, 1),
        ("😀" * 36, Encoding.UCS2, 2),
        # 67 is odd: 33 of them a part
        ("😀" * 67, Encoding.UCS2, 3),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, encoding: Encoding, parts: int) -> None:
    assert (split(text).encoding, count(text)) == (encoding, parts)


def test_a_rare_character_is_never_cut_in_half() -> None:
    name = "𠮷"  # outside the BMP: two code units
    parts = split("中" * 66 + name + "中" * 30).parts
    assert parts == ("中" * 66, name + "中" * 30)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_the_parts_joined_are_the_text_and_each_fits(text: str) -> None:
    cut = split(text)
    limit = LIMITS[cut.encoding][0 if len(cut.parts) == 1 else 1]
    assert "".join(cut.parts) == text
    assert all(sum(units(char, cut.encoding) for char in part) <= limit for part in cut.parts)


def test_gsm_characters_survive_the_air() -> None:
    text = "Straße [1] ~ {€} \\ ^ | ñ @"
    assert decode_gsm(encode(text, Encoding.GSM)) == text
    assert decode_gsm(b"a\x1b") == "a\ufffd"
