"""Files below `attachments.directory`, each once, by the SHA-256 of what is stored: ab/abcdef….

A file is written under a temporary name and renamed; its row follows in a transaction. One whose row never
came is swept a day later. Nothing here looks at who may read.
"""

import errno
import fcntl
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from hotline.config import settings
from hotline.errors import HotlineError

MB = 1_000_000
ORPHAN_AFTER = timedelta(hours=24)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CHUNK = 1024 * 1024
_BATCH = 500


class DiskFull(HotlineError):
    """There is no room; the rest of the system goes on."""

    code = "disk_full"


class Arriving(io.FileIO):
    """An upload while it comes in: it takes no more than it may, and never breaks the form it came with.

    `fault` says why it is empty: 'too_large' or 'disk_full'.
    """

    def __init__(self) -> None:
        self.fault = ""
        self._most = settings().attachments.video_mb * MB
        try:
            with _room():
                number, path = tempfile.mkstemp(dir=_made(directory() / "incoming"))
                os.unlink(path)
        except DiskFull:
            self.fault, number = "disk_full", os.open(os.devnull, os.O_RDWR)
        super().__init__(number, "r+b")

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """All or nothing; the number of bytes, as if all were well."""
        if not self.fault and self.tell() + len(data) > self._most:
            self._drop("too_large")
        try:
            written = 0
            while not self.fault and written < len(data):
                written += super().write(data[written:]) or 0
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self._drop("disk_full")
        return len(data)

    def _drop(self, fault: str) -> None:
        self.fault = fault
        self.truncate(0)


def directory() -> Path:
    return settings().attachments.directory.resolve()


def path_of(sha256: str) -> Path:
    return directory() / sha256[:2] / sha256


def small_of(sha256: str) -> Path:
    """A picture's small copy."""
    return path_of(sha256).with_suffix(".small")


def put(source: IO[bytes], mend: Callable[[IO[bytes], int], None] | None = None) -> tuple[str, int]:
    """Keep a copy, changed by `mend` (file, size) first. Its SHA-256 and size; raises DiskFull."""
    with _room(), _temporary() as file:
        shutil.copyfileobj(source, file, _CHUNK)
        size = file.tell()
        if mend:
            mend(file, size)
        file.flush()
        with open(file.name, "rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        _keep(file, path_of(sha256))
    return sha256, size


def put_small(sha256: str, small: bytes) -> None:
    """Raises DiskFull."""
    with _room(), _temporary() as file:
        file.write(small)
        _keep(file, small_of(sha256))


def sweep(now: datetime, without_row: Callable[[Collection[str]], Collection[str]]) -> int:
    """Delete what no row names a day after it came; how many. `without_row` finds those among some names."""
    before = (now - ORPHAN_AFTER).timestamp()
    swept = 0
    for names in _batches(before):
        for sha256 in without_row(names):
            with _locked(fcntl.LOCK_EX):
                if path_of(sha256).exists() and path_of(sha256).stat().st_mtime < before:  # not come again
                    small_of(sha256).unlink(missing_ok=True)
                    path_of(sha256).unlink()
                    swept += 1
    for leftover in _older(directory() / "incoming", before):
        leftover.unlink(missing_ok=True)
    return swept


def _batches(before: float) -> Iterator[list[str]]:
    names: list[str] = []
    for shelf in directory().glob("[0-9a-f][0-9a-f]"):
        names += [path.name for path in _older(shelf, before) if not path.suffix]
        while len(names) >= _BATCH:
            yield names[:_BATCH]
            names = names[_BATCH:]
    if names:
        yield names


def _older(shelf: Path, before: float) -> Iterator[Path]:
    if shelf.is_dir():
        yield from (path for path in shelf.iterdir() if path.stat().st_mtime < before)


@contextmanager
def _room() -> Iterator[None]:
    """DiskFull where there is none, before the database beside it feels it."""
    try:
        free = shutil.disk_usage(_made(directory())).free
        if free < settings().attachments.keep_free_mb * MB:
            raise DiskFull(f"only {free // MB} MB are free")
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull("no space is left") from error
        raise


@contextmanager
def _temporary() -> Iterator[IO[bytes]]:
    """A named file that is gone at the end unless it was kept."""
    with tempfile.NamedTemporaryFile(dir=_made(directory() / "incoming"), delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def _keep(file: IO[bytes], target: Path) -> None:
    """On the disk before its row can be; over an equal one, which is then young again for the sweep."""
    file.flush()
    os.fsync(file.fileno())
    with _locked(fcntl.LOCK_SH):
        os.replace(file.name, _made(target.parent) / target.name)
    shelf = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(shelf)
    finally:
        os.close(shelf)


@contextmanager
def _locked(how: int) -> Iterator[None]:
    """The sweep looks and deletes alone."""
    with open(_made(directory()) / "lock", "ab") as lock:
        fcntl.flock(lock, how)
        yield


def _made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
