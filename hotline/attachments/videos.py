"""Videos without the place, device and time that a telephone writes into them: boxes of ISO base media files.

Only boxes that playing needs are left. All others become free space of the same size, filled with zeros, so
nothing moves; a track that is neither picture nor sound (cameras log the place in one) loses its samples too.
What is coded inside the picture itself is left as it is.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import IO

MOST_BOXES = 10_000
MOST_TABLE = 4 * 1024 * 1024  # bytes of one sample table that are read: hours of notes
_CHUNK = 1024 * 1024
_PLAIN = {b"vide", b"soun"}
# what may stand in which box; one that is not named here is left as it is inside
_KEPT: dict[bytes, set[bytes]] = {
    b"": {b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"sidx", b"mfra"},
    b"moov": {b"mvhd", b"trak", b"mvex"},
    b"trak": {b"tkhd", b"edts", b"mdia", b"tapt"},
    b"mdia": {b"mdhd", b"hdlr", b"minf"},
    b"minf": {b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"},
    b"moof": {b"mfhd", b"traf"},
    b"traf": {b"tfhd", b"tfdt", b"trun", b"sdtp", b"saiz", b"saio", b"sbgp", b"sgpd"},
}
_TIMES = {b"mvhd", b"tkhd", b"mdhd"}


class BrokenVideo(ValueError):
    """Its boxes do not fit into each other."""


@dataclass(frozen=True)
class Box:
    name: bytes
    start: int
    body: int
    end: int


def strip(file: IO[bytes], size: int) -> None:
    """In place. Raises BrokenVideo; then the file is not to be used."""
    try:
        _strip(_File(file), size)
    except (struct.error, OverflowError, IndexError) as error:
        raise BrokenVideo(str(error)) from error


def _strip(file: "_File", size: int) -> None:
    top = list(file.boxes(0, size))
    names = {box.name for box in top}
    if not {b"ftyp", b"moov", b"mdat"} <= names:
        raise BrokenVideo("there is no picture in it")
    tracks = [
        track for box in top if box.name == b"moov" for track in file.children(box) if track.name == b"trak"
    ]
    others = [track for track in tracks if _handler(file, track) not in _PLAIN]
    if len(others) == len(tracks) or (others and b"moof" in names):
        raise BrokenVideo("there is no picture in it, or notes among its fragments")
    for track in others:
        _forget_samples(file, track, size)
        file.forget(track)
    _keep(file, b"", list(file.boxes(0, size)))


def _keep(file: "_File", parent: bytes, boxes: list[Box]) -> None:
    kept = _KEPT[parent]
    for box in boxes:
        if box.name not in kept:
            file.forget(box)
        elif box.name in _TIMES:
            file.forget_times(box)
        elif box.name == b"hdlr":
            file.zero(box.body + 24, box.end - box.body - 24)  # a name, often the camera's
        elif box.name in _KEPT:
            _keep(file, box.name, list(file.children(box)))


def _handler(file: "_File", track: Box) -> bytes:
    header = file.find(track, b"mdia", b"hdlr")
    return file.read(header.body + 8, 4) if header else b""


def _forget_samples(file: "_File", track: Box, size: int) -> None:
    """Zeros over each chunk of the track."""
    table = file.find(track, b"mdia", b"minf", b"stbl")
    parts = {box.name: box for box in file.children(table)} if table else {}
    if not {b"stsz", b"stsc"} <= parts.keys():
        raise BrokenVideo("a track without a table")
    sizes = _sizes(file, parts[b"stsz"])
    at = 0
    for offset, samples in zip(_offsets(file, parts), _samples_by_chunk(file, parts[b"stsc"]), strict=False):
        length = sum(sizes[at : at + samples])
        at += samples
        if offset + length > size:
            raise BrokenVideo("a sample beyond the end")
        file.zero(offset, length)
        if at >= len(sizes):
            return


def _sizes(file: "_File", box: Box) -> list[int]:
    same, count = struct.unpack(">II", file.read(box.body + 4, 8))
    if count > MOST_TABLE // 4:
        raise BrokenVideo("too many samples")
    return [same] * count if same else file.numbers(box.body + 12, count, "I")


def _offsets(file: "_File", parts: dict[bytes, Box]) -> list[int]:
    box = parts.get(b"stco") or parts.get(b"co64")
    if box is None:
        raise BrokenVideo("a track without chunks")
    count = struct.unpack(">I", file.read(box.body + 4, 4))[0]
    return file.numbers(box.body + 8, count, "I" if box.name == b"stco" else "Q")


def _samples_by_chunk(file: "_File", box: Box) -> Iterator[int]:
    """Without end: the last entry holds for all chunks that follow."""
    count = struct.unpack(">I", file.read(box.body + 4, 4))[0]
    entries = file.numbers(box.body + 8, count * 3, "I")
    runs = list(zip(entries[::3], entries[1::3], strict=True))
    for (first, samples), (following, _) in pairwise(runs):
        yield from repeat(samples, max(0, following - first))
    if runs:
        yield from repeat(runs[-1][1])


class _File:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._seen = 0

    def read(self, at: int, length: int) -> bytes:
        if length > MOST_TABLE:
            raise BrokenVideo("a table too large")
        self._file.seek(at)
        return self._file.read(length)

    def numbers(self, at: int, count: int, code: str) -> list[int]:
        width = struct.calcsize(f">{code}")
        return list(struct.unpack(f">{count}{code}", self.read(at, count * width)))

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        while start < end:
            self._seen += 1
            size, name = struct.unpack(">I4s", self.read(start, 8))
            body = start + 8
            if size == 1:
                size, body = struct.unpack(">Q", self.read(body, 8))[0], body + 8
            elif size == 0:
                size = end - start
            if self._seen > MOST_BOXES or start + size > end or start + size < body:
                raise BrokenVideo(f"box {name!r} does not fit")
            yield Box(name, start, body, start + size)
            start += size

    def children(self, box: Box) -> Iterator[Box]:
        return self.boxes(box.body, box.end)

    def find(self, box: Box, *way: bytes) -> Box | None:
        for name in way:
            found = [child for child in self.children(box) if child.name == name]
            if not found:
                return None
            box = found[0]
        return box

    def forget(self, box: Box) -> None:
        self._put(box.start + 4, b"free")
        self.zero(box.body, box.end - box.body)

    def forget_times(self, box: Box) -> None:
        """When it was made and changed; four bytes each, eight in version 1."""
        self.zero(box.body + 4, 16 if self.read(box.body, 1) == b"\1" else 8)

    def zero(self, at: int, length: int) -> None:
        self._file.seek(at)
        while length > 0:
            part = min(length, _CHUNK)
            self._file.write(bytes(part))
            length -= part

    def _put(self, at: int, text: bytes) -> None:
        self._file.seek(at)
        self._file.write(text)
