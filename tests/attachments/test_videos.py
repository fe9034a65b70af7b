"""A video keeps its pictures and loses the place, the day and the camera (A09)."""

import io

import av
import pytest

from hotline.attachments import videos
from tests.attachments import files

LOG = b"31.2305,121.4737 at home"


def stripped(video: bytes) -> bytes:
    file = io.BytesIO(video)
    videos.strip(file, len(video))
    return file.getvalue()


@pytest.mark.parametrize("movflags", ["use_metadata_tags", "faststart", ""])
@pytest.mark.parametrize("kind", ["mp4", "mov"])
def test_place_day_and_camera_are_gone_and_it_still_plays(kind: str, movflags: str) -> None:
    taken = files.video(kind, movflags=movflags)
    with av.open(io.BytesIO(taken)) as container:
        assert container.metadata["location"] == files.PLACE, "the test's own video must have a place"
    left = stripped(taken)
    assert len(left) == len(taken)
    for trace in (files.PLACE.encode(), files.MAKER.encode(), b"loci", b"\xa9xyz"):
        assert trace not in left
    with av.open(io.BytesIO(left)) as container:
        assert not {"location", "make", "creation_time"} & set(container.metadata)
        assert not {"creation_time"} & set(container.streams.video[0].metadata)
    assert files.played(left) == files.played(taken) == 8


def test_a_telephone_of_the_third_generation_too() -> None:
    left = stripped(files.video("3gp"))
    with av.open(io.BytesIO(left)) as container:
        assert not {"location", "location-eng", "creation_time"} & set(container.metadata)
    assert files.played(left) == 8


@pytest.mark.parametrize("movflags", ["", "faststart"])
def test_a_track_that_logs_the_way_loses_its_entries(movflags: str) -> None:
    taken = files.video(log=LOG, movflags=movflags)
    assert LOG in taken
    left = stripped(taken)
    assert LOG not in left
    with av.open(io.BytesIO(left)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert files.played(left) == 8


def test_fragments_play_on_but_none_may_log_the_way() -> None:
    fragments = "frag_keyframe+empty_moov"
    assert files.played(stripped(files.video(movflags=fragments))) == 8
    with pytest.raises(videos.BrokenVideo):
        stripped(files.video(log=LOG, movflags=fragments))


def test_what_was_stripped_is_not_changed_again() -> None:
    left = stripped(files.video())
    assert stripped(left) == left


def test_half_a_video_is_refused_wherever_it_was_cut() -> None:
    whole = files.video()
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(videos.BrokenVideo):
            stripped(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("rest", [b"", bytes(400), b"\xff" * 400, files.HTML])
def test_noise_behind_the_right_first_bytes_is_refused(rest: bytes) -> None:
    with pytest.raises(videos.BrokenVideo):
        stripped(files.video()[:28] + rest)


def test_sound_alone_with_a_log_is_not_taken_for_a_video() -> None:
    boxes = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08moov" + b"\0\0\0\x08mdat"
    with pytest.raises(videos.BrokenVideo):
        stripped(boxes)
