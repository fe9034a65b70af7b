"""What a file is, by its first bytes: never by its name or by what a browser says; pure."""

from dataclasses import dataclass
from enum import StrEnum

HEAD = 4096  # bytes that tell


class Family(StrEnum):
    PICTURE = "picture"
    VIDEO = "video"
    PAPER = "paper"


@dataclass(frozen=True)
class Kind:
    """`suffix` is the name a downloaded copy ends with, and what is stored for the kind."""

    suffix: str
    family: Family
    media_type: str


JPEG = Kind("jpg", Family.PICTURE, "image/jpeg")
PNG = Kind("png", Family.PICTURE, "image/png")
WEBP = Kind("webp", Family.PICTURE, "image/webp")
PDF = Kind("pdf", Family.PAPER, "application/pdf")
MP4 = Kind("mp4", Family.VIDEO, "video/mp4")
MOV = Kind("mov", Family.VIDEO, "video/quicktime")
THREE_GP = Kind("3gp", Family.VIDEO, "video/3gpp")
KINDS = {kind.suffix: kind for kind in (JPEG, PNG, WEBP, PDF, MP4, MOV, THREE_GP)}

_STARTS = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"%PDF-", PDF))
_VIDEO_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


def kind_of(head: bytes) -> Kind | None:
    """None for everything that is not taken."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    brand = _brand(head)
    if brand == b"qt  ":
        return MOV
    if brand[:3] in (b"3gp", b"3g2"):
        return THREE_GP
    return MP4 if brand in _VIDEO_BRANDS else None


def known_by_name(head: bytes) -> str:
    """A file that people take for a photo and that is refused: 'heic', 'gif'; otherwise empty."""
    if head.startswith(b"GIF8"):
        return "gif"
    return "heic" if _brand(head) in _HEIF_BRANDS else ""


def _brand(head: bytes) -> bytes:
    return head[8:12] if head[4:8] == b"ftyp" else b""
