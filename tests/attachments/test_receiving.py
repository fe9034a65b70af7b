"""What is taken is known by its content; kept once; and a full disk breaks nothing else (A09)."""

import hashlib
import io
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotline.attachments import store
from hotline.attachments.receiving import FileRefused, Kept, cleaned, receive
from tests.attachments import files
from tests.support.instance import configured


@pytest.fixture(autouse=True)
def shelves(tmp_path: Path) -> Iterator[Path]:
    """An instance of small limits; no database is asked."""
    limits = {"picture_mb": 1, "video_mb": 2, "paper_mb": 1, "megapixels": 1}
    with configured(tmp_path / "hotline.toml", {"attachments": limits}):
        yield tmp_path / "attachments"


def took(name: str, content: bytes) -> Kept:
    return receive(name, io.BytesIO(content))


def refused(name: str, content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as found:
        took(name, content)
    return found.value


def on_disk(shelves: Path) -> list[str]:
    return sorted(path.name for path in shelves.rglob("*") if path.is_file() and path.name != "lock")


# --- by content ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (files.jpeg(), "jpg"),
        (files.png(), "png"),
        (files.webp(), "webp"),
        (files.PDF, "pdf"),
        (files.video("mp4"), "mp4"),
        (files.video("mov"), "mov"),
        (files.video("3gp"), "3gp"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("name", ["照片.exe", "photo.jpg", "no ending", ""])
def test_a_file_is_what_it_holds_whatever_it_is_called(content: bytes, suffix: str, name: str) -> None:
    kept = took(name, content)
    assert kept.suffix == suffix
    assert kept.name.endswith(f".{suffix}")
    stored = store.path_of(kept.sha256).read_bytes()
    assert (hashlib.sha256(stored).hexdigest(), len(stored)) == (kept.sha256, kept.size)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (files.EXE, "unknown"),
        (files.HTML, "unknown"),
        (files.SVG, "unknown"),
        (b"#!/bin/sh\nrm -rf /\n", "unknown"),
        (b"PK\x03\x04" + bytes(300), "unknown"),
        (files.gif(), "gif"),
        (files.heic(), "heic"),
        (b"", "empty"),
        (b"\xff\xd8\xff" + files.HTML, "broken"),
        (files.PDF[:-8], "broken"),
        (files.jpeg()[:-300], "broken"),
    ],
    ids=[
        "exe",
        "html",
        "svg",
        "script",
        "zip",
        "gif",
        "heic",
        "empty",
        "html as jpeg",
        "half a pdf",
        "half a photo",
    ],
)
@pytest.mark.parametrize("name", ["holiday.jpg", "answer.pdf"])
def test_what_only_calls_itself_a_photo_is_refused(
    shelves: Path, content: bytes, why: str, name: str
) -> None:
    assert refused(name, content).why == why
    assert on_disk(shelves) == [], "nothing of it stays"


def test_each_sort_has_its_own_limit() -> None:
    assert refused("a.pdf", files.PDF.replace(b"trailer", b"%" * 1_000_000 + b"\ntrailer")).limit == 1
    film = files.video()
    padding = 1_500_000
    box = (padding + 8).to_bytes(4, "big") + b"free" + bytes(padding)
    assert took("a.mp4", film + box).size == len(film + box)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    out = io.BytesIO()
    files.scene(1001, 1000).save(out, "PNG")
    found = refused("a.png", out.getvalue())
    assert (found.why, found.limit) == ("too_many_pixels", 1)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("照片 1.jpg", "照片 1.jpg"),
        ("C:\\Users\\zhang\\家.JPG", "家.jpg"),
        ("../../etc/passwd", "passwd"),
        ('<script>"x".png', "script x.png"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("a\0b\r\nc.pdf", "abc.pdf"),
        ("长" * 300 + ".png", "长" * 90 + ".png"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_cleaned_before_anybody_reads_it(given: str, shown: str) -> None:
    assert cleaned(given) == shown


# --- once ------------------------------------------------------------------------------------------------


def test_two_equal_files_are_one_copy(shelves: Path) -> None:
    first, second = took("a.jpg", files.jpeg()), took("b.jpg", files.jpeg())
    assert first.sha256 == second.sha256
    assert on_disk(shelves) == [first.sha256, f"{first.sha256}.small"]


def test_one_photo_with_two_places_is_one_copy_too() -> None:
    """What told them apart is gone."""
    assert took("a.jpg", files.jpeg()).sha256 == took("a.jpg", files.jpeg(comment=b"elsewhere")).sha256


# --- a full disk -----------------------------------------------------------------------------------------


@contextmanager
def no_file_longer_than(most: int) -> Iterator[None]:
    """The kernel itself refuses to write on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("content", [files.jpeg(), files.video()], ids=["photo", "video"])
def test_a_disk_that_takes_no_more_leaves_nothing_half_written(shelves: Path, content: bytes) -> None:
    with no_file_longer_than(500):
        assert refused("a", content).why == "disk_full"
    assert on_disk(shelves) == []
    assert took("a", content).size


def test_an_upload_that_finds_no_room_is_told_and_not_broken_off() -> None:
    with no_file_longer_than(100_000):
        arriving = store.Arriving()
        for _ in range(4):
            assert arriving.write(bytes(64_000)) == 64_000
    assert arriving.fault == "disk_full"
    arriving.seek(0)
    assert refused("a.mp4", b"") and arriving.read() == b""


def test_an_upload_that_never_ends_stops_costing_room() -> None:
    arriving = store.Arriving()
    for _ in range(300):
        arriving.write(bytes(64_000))
    assert (arriving.fault, os.fstat(arriving.fileno()).st_size) == ("too_large", 0)
    with pytest.raises(FileRefused) as found:
        receive("a.mp4", arriving)
    assert (found.value.why, found.value.limit) == ("too_large", 2)


def test_the_last_room_is_left_to_the_database(tmp_path: Path) -> None:
    with configured(tmp_path / "other.toml", {"attachments": {"keep_free_mb": 10**9}}):
        assert store.Arriving().fault == "disk_full"
        assert refused("a.jpg", files.jpeg()).why == "disk_full"


# --- the sweep -------------------------------------------------------------------------------------------


def aged(sha256: str) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(store.path_of(sha256), (long_ago, long_ago))


def test_what_no_ticket_has_a_day_later_is_swept(shelves: Path) -> None:
    known, orphan, young = (took("a.jpg", files.jpeg(colour=c)).sha256 for c in ("navy", "green", "white"))
    aged(known)
    aged(orphan)
    now = datetime.now(UTC)
    assert store.sweep(now, lambda names: set(names) - {known}) == 1
    assert on_disk(shelves) == sorted(f"{sha}{end}" for sha in (known, young) for end in ("", ".small"))


def test_a_file_that_comes_again_while_the_sweep_looks_stays(shelves: Path) -> None:
    sha256 = took("a.jpg", files.jpeg()).sha256
    aged(sha256)

    def comes_again(names: object) -> set[str]:
        assert took("b.jpg", files.jpeg()).sha256 == sha256
        return {sha256}

    assert store.sweep(datetime.now(UTC), comes_again) == 0
    assert store.path_of(sha256).exists()


def test_what_a_crash_left_half_written_is_swept(shelves: Path) -> None:
    leftover = shelves / "incoming" / "tmpx"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    assert store.sweep(datetime.now(UTC), set) == 0
    assert leftover.exists()
    assert store.sweep(datetime.now(UTC) + timedelta(days=2), set) == 0
    assert not leftover.exists()
