"""How many parts a text costs, and where it is cut. Pure (GSM 03.38, 3GPP 23.038 and 23.040).

A text of GSM characters only: 160 in one part, else 153 a part; [ ] { } ^ ~ | \\ and the euro sign count two.
Any other text is UCS-2: 70 code units in one part, else 67; a character outside the BMP (emoji, rare
Chinese names) counts two and is never cut in half.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = dict(
    zip("\f^{}\\[~]|€", (0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65), strict=True)
)
ESCAPE = 0x1B
_GSM_CODES = {char: bytes([code]) for code, char in enumerate(GSM_BASIC) if code != ESCAPE}
_GSM_CODES |= {char: bytes([ESCAPE, code]) for char, code in GSM_EXTENDED.items()}
_GSM_CHARS = {code: char for char, code in _GSM_CODES.items()}


class Encoding(StrEnum):
    GSM = "gsm"
    UCS2 = "ucs2"


LIMITS = {Encoding.GSM: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(frozen=True)
class Segmentation:
    """`parts` joined give the text again."""

    encoding: Encoding
    parts: tuple[str, ...]


def encoding_of(text: str) -> Encoding:
    return Encoding.GSM if all(char in _GSM_CODES for char in text) else Encoding.UCS2


def units(char: str, encoding: Encoding) -> int:
    """Septets (GSM) or 16-bit code units (UCS-2) of one character."""
    if encoding is Encoding.GSM:
        return len(_GSM_CODES[char])
    return 2 if ord(char) > 0xFFFF else 1


def split(text: str) -> Segmentation:
    encoding = encoding_of(text)
    whole, piece = LIMITS[encoding]
    if sum(units(char, encoding) for char in text) <= whole:
        return Segmentation(encoding, (text,))
    return Segmentation(encoding, tuple(_pieces(text, encoding, piece)))


def count(text: str) -> int:
    """How many parts the text costs."""
    return len(split(text).parts)


def _pieces(text: str, encoding: Encoding, limit: int) -> Iterator[str]:
    start = used = 0
    for index, char in enumerate(text):
        cost = units(char, encoding)
        if used + cost > limit:
            yield text[start:index]
            start, used = index, 0
        used += cost
    yield text[start:]


def encode(part: str, encoding: Encoding) -> bytes:
    """Bytes for the air: one septet a byte (GSM, unpacked) or big-endian UCS-2."""
    if encoding is Encoding.GSM:
        return b"".join(_GSM_CODES[char] for char in part)
    return part.encode("utf-16-be")


def decode_gsm(body: bytes) -> str:
    """The reverse of `encode` for GSM; a code that means nothing becomes U+FFFD."""
    text, index = [], 0
    while index < len(body):
        width = 2 if body[index] == ESCAPE else 1
        text.append(_GSM_CHARS.get(body[index : index + width], "\ufffd"))
        index += width
    return "".join(text)
