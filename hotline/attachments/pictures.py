"""Pictures without what the camera wrote beside them, and small copies of them.

Losslessly: the coded picture is copied byte for byte; of all that stands around it only what its colours need
is kept, and which way is up. So place, device, time, the camera's own small copy, a second picture behind the
end and whatever a program hid there are gone.
"""

import io
import re
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from typing import TypeVar

from PIL import Image, ImageOps

from hotline.attachments.kinds import JPEG, PNG, WEBP, Kind

EDGE = 480  # pixels of a small copy's longer side
ORIENTATION = 0x0112
MOST_PARTS = 20_000
MOST_SCANS = 64  # of a JPEG: each goes over the whole picture once more; cameras write ten at most
Part = TypeVar("Part")
_DECODERS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_ONE_AT_A_TIME = threading.Lock()  # a large picture takes 4 bytes a pixel while it is decoded

_PNG_START = 8
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP",
}  # fmt: skip
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_WEBP_HAS_EXIF, _WEBP_HAS_XMP = 0x08, 0x04
_SOS, _EOI, _APP0, _APP1, _APP2, _APP14 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE
_ALONE = {0x01, *range(0xD0, 0xD8)}  # JPEG markers without a length
_NEXT_MARKER = re.compile(rb"\xff(?=[^\x00\x01\xd0-\xd7\xff])")  # others stand among coded lines


class BrokenPicture(ValueError):
    """It does not decode. `why` is 'broken', 'too_many_pixels' or 'animated'."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def stripped(kind: Kind, picture: bytes) -> bytes:
    """The same picture alone. Raises BrokenPicture."""
    try:
        return {JPEG: _jpeg, PNG: _png, WEBP: _webp}[kind](picture)
    except (struct.error, IndexError) as error:
        raise BrokenPicture("broken") from error


def small(kind: Kind, picture: bytes, *, most_pixels: int) -> bytes:
    """A small JPEG, upright. The whole picture is decoded for it, so one that cannot be is found here."""
    try:
        with (
            _ONE_AT_A_TIME,
            Image.open(io.BytesIO(picture), formats=[_DECODERS[kind]]) as image,
        ):
            _refuse_giants(image, most_pixels)
            image.draft("RGB", (2 * EDGE, 2 * EDGE))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            image.thumbnail((EDGE, EDGE))
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=80)
            return out.getvalue()
    except BrokenPicture:
        raise
    except Exception as error:  # the library fails in many ways: a broken file is the file's fault
        raise BrokenPicture("broken") from error


def _refuse_giants(image: Image.Image, most_pixels: int) -> None:
    """Before anything is decoded: a few kilobytes may say they are a picture as wide as a street."""
    if image.width * image.height > most_pixels:
        raise BrokenPicture("too_many_pixels")
    if getattr(image, "n_frames", 1) > 1:
        raise BrokenPicture("animated")


def _few(parts: Iterable[Part]) -> Iterator[Part]:
    """A file of crumbs would cost a hundred times its size to take apart."""
    for number, part in enumerate(parts):
        if number == MOST_PARTS:
            raise BrokenPicture("broken")
        yield part


def _upright(notes: bytes) -> bytes:
    """Of EXIF the orientation alone; empty where the picture stands as it lies."""
    exif = Image.Exif()
    try:
        exif.load(notes)
        turned = exif.get(ORIENTATION, 1)
    except Exception:  # what nobody can read turns nothing
        return b""
    if turned not in range(2, 9):
        return b""
    plain = Image.Exif()
    plain[ORIENTATION] = turned
    return plain.tobytes()


def _jpeg(picture: bytes) -> bytes:
    out, exif = [picture[:2]], b""
    parts = list(_few(_jpeg_parts(picture)))
    if sum(marker == _SOS for marker, _ in parts) > MOST_SCANS:
        raise BrokenPicture("broken")
    for marker, part in parts:
        if marker == _APP1 and part[4:].startswith(b"Exif\0\0") and not exif:
            exif = _upright(part[4:])
            out += [struct.pack(">BBH", 0xFF, _APP1, len(exif) + 2) + exif] if exif else []
        elif _jpeg_keeps(marker, part):
            out.append(part)
    return b"".join(out)


def _jpeg_keeps(marker: int, part: bytes) -> bool:
    if marker == _APP2:
        return part[4:].startswith(b"ICC_PROFILE\0")
    if marker == _APP0:
        return part[4:].startswith(b"JFIF\0") and part[16:18] == b"\0\0"  # without a small copy
    return marker == _APP14 or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _jpeg_parts(picture: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment after the start, up to the end of the picture: what follows is cut
    off. Coded lines belong to the marker they stand behind."""
    at = 2
    while True:
        if picture[at] != 0xFF:
            raise BrokenPicture("broken")
        while picture[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = picture[at + 1]
        if marker == _EOI:
            yield marker, picture[at : at + 2]
            return
        end = at + 2 + (0 if marker in _ALONE else struct.unpack_from(">H", picture, at + 2)[0])
        if marker == _SOS:
            end = _end_of_scan(picture, end)
        yield marker, picture[at:end]
        at = end


def _end_of_scan(picture: bytes, at: int) -> int:
    found = _NEXT_MARKER.search(picture, at)
    if found is None:
        raise BrokenPicture("broken")
    return found.start()


def _png(picture: bytes) -> bytes:
    out = [picture[:_PNG_START]]
    for name, body in _few(_png_chunks(picture)):
        if name in _PNG_KEPT:
            out.append(_png_chunk(name, body))
        elif name == b"eXIf" and (exif := _upright(body)):
            out.append(_png_chunk(name, exif.removeprefix(b"Exif\0\0")))
    return b"".join(out)


def _png_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = _PNG_START, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", picture, at)
        if at + 12 + length > len(picture):
            raise BrokenPicture("broken")
        yield name, picture[at + 8 : at + 8 + length]
        at += 12 + length


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _webp(picture: bytes) -> bytes:
    chunks = list(_few(_webp_chunks(picture)))
    if {b"ANIM", b"ANMF"} & {name for name, _ in chunks}:
        raise BrokenPicture("animated")
    exif = _upright(dict(chunks).get(b"EXIF", b""))
    out = []
    for name, body in chunks:
        if name == b"VP8X":
            flags = body[0] & ~(_WEBP_HAS_EXIF | _WEBP_HAS_XMP) | (_WEBP_HAS_EXIF if exif else 0)
            out.append(_webp_chunk(name, bytes([flags]) + body[1:]))
        elif name in _WEBP_KEPT:
            out.append(_webp_chunk(name, body))
    if exif:
        out.append(_webp_chunk(b"EXIF", exif))
    together = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(together)) + together


def _webp_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + struct.unpack_from("<I", picture, 4)[0]
    if end > len(picture) + 1:
        raise BrokenPicture("broken")
    at = 12
    while at < end:
        name, length = struct.unpack_from("<4sI", picture, at)
        yield name, picture[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)
