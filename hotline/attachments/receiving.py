"""One upload becomes a kept file: known by its content, clean, small enough. Before any transaction."""

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import IO

from hotline.attachments import pictures, store, videos
from hotline.attachments.kinds import HEAD, Family, Kind, kind_of, known_by_name
from hotline.attachments.store import MB, DiskFull
from hotline.config import settings
from hotline.errors import HotlineError

LONGEST_NAME = 100
_PDF_TAIL = 2048  # bytes in which a whole PDF says that it ends
_UNSAFE = re.compile(r'[<>:"|?*\s]+')


class FileRefused(HotlineError):
    """`why` is stable: unknown, heic, gif, empty, too_large, too_many_pixels, animated, broken, disk_full."""

    code = "file_refused"

    def __init__(self, name: str, why: str, limit: int = 0) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why, self.limit = name, why, limit


@dataclass(frozen=True)
class Kept:
    """A file that is stored and belongs to no ticket yet."""

    sha256: str
    suffix: str
    size: int
    name: str


def receive(name: str, file: IO[bytes]) -> Kept:
    """Look at an upload and keep what is good of it. Raises FileRefused."""
    name = cleaned(name)
    fault = getattr(file, "fault", "")
    if fault:
        raise FileRefused(name, fault, settings().attachments.video_mb)
    head = file.read(HEAD)
    kind = kind_of(head)
    if kind is None:
        raise FileRefused(name, known_by_name(head) or ("unknown" if head else "empty"))
    size, most = file.seek(0, io.SEEK_END), getattr(settings().attachments, f"{kind.family}_mb")
    if size > most * MB:
        raise FileRefused(name, "too_large", most)
    file.seek(0)
    try:
        sha256, size = _KEEP[kind.family](kind, file)
    except pictures.BrokenPicture as error:
        raise FileRefused(name, error.why, settings().attachments.megapixels) from error
    except videos.BrokenVideo as error:
        raise FileRefused(name, "broken") from error
    except DiskFull as error:
        raise FileRefused(name, "disk_full") from error
    return Kept(sha256, kind.suffix, size, f"{name.rpartition('.')[0] or name}.{kind.suffix}")


def cleaned(name: str) -> str:
    """What people read of a file's name: no path, nothing unseen, not long, with an ending of ours."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in plain if unicodedata.category(c)[0] != "C")
    stem, dot, ending = _UNSAFE.sub(" ", seen).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip(" .")[: LONGEST_NAME - 10] or "file"
    return f"{stem}.{ending.lower()}" if 0 < len(ending) < 6 else stem


def _keep_picture(kind: Kind, file: IO[bytes]) -> tuple[str, int]:
    picture = pictures.stripped(kind, file.read())
    small = pictures.small(kind, picture, most_pixels=settings().attachments.megapixels * 1_000_000)
    sha256, size = store.put(io.BytesIO(picture))
    store.put_small(sha256, small)
    return sha256, size


def _keep_video(kind: Kind, file: IO[bytes]) -> tuple[str, int]:
    return store.put(file, videos.strip)


def _keep_paper(kind: Kind, file: IO[bytes]) -> tuple[str, int]:
    """As it is, with its author inside (queries.may_see). One that was cut off on its way is refused."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _PDF_TAIL))
    if b"%%EOF" not in file.read():
        raise videos.BrokenVideo("the end is missing")
    file.seek(0)
    return store.put(file)


_KEEP = {Family.PICTURE: _keep_picture, Family.VIDEO: _keep_video, Family.PAPER: _keep_paper}
