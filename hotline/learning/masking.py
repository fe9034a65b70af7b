"""Numbers leave a text before anything is learnt from it; pure."""

import re
import unicodedata

LEARNT_CHARACTERS = 200  # a matter is named in its first lines

PERSONAL = re.compile(
    r"\S+@\S+"  # mail
    r"|\+?\d(?:[\s\-.()]{0,2}\d){4,}[xX]?"  # telephones, identity cards, cards, order numbers
    r"|[零〇一二三四五六七八九幺两]{5,}"  # the same, spoken
)


def masked(text: str) -> str:
    """The first lines, on one line, without sequences of five digits or more, written in any way."""
    return " ".join(PERSONAL.sub(" ", _plain(text)).split())[:LEARNT_CHARACTERS]


def names_somebody(text: str) -> bool:
    """There is something to mask."""
    return PERSONAL.search(_plain(text)) is not None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
