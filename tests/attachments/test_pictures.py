"""What a photo keeps: the picture and which way is up. What it loses: everything else (A09)."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageOps

from hotline.attachments import pictures
from hotline.attachments.kinds import JPEG, PNG, WEBP, Kind
from hotline.attachments.pictures import BrokenPicture
from tests.attachments import files

MAKE = {JPEG: files.jpeg, PNG: files.png, WEBP: files.webp}
TURNS = range(1, 9)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def seen(data: bytes) -> Image.Image:
    """As a browser shows it."""
    return ImageOps.exif_transpose(opened(data)).convert("RGB")


def why(kind: Kind, data: bytes, most_pixels: int = 1_000_000) -> str:
    with pytest.raises(BrokenPicture) as refused:
        pictures.small(kind, pictures.stripped(kind, data), most_pixels=most_pixels)
    return refused.value.why


@pytest.mark.parametrize("turned", TURNS)
@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.suffix)
def test_place_day_and_device_are_gone_and_the_picture_stands_as_it_was_taken(
    kind: Kind, turned: int
) -> None:
    taken = MAKE[kind](turned)
    before = opened(taken).getexif()
    assert before.get_ifd(0x8825)[2] == files.LATITUDE, "the test's own photo must have a place"
    assert files.MAKER.encode() in taken

    left = pictures.stripped(kind, taken)
    after = opened(left)
    assert set(after.getexif()) <= {pictures.ORIENTATION}
    assert not {"xmp", "comment", "Author", "photoshop"} & set(after.info)
    for trace in (files.MAKER, files.DAY, "GPS"):
        assert trace.encode() not in left
    assert not ImageChops.difference(seen(left), seen(taken)).getbbox(), "lossless, and the same way up"
    assert pictures.stripped(kind, left) == left


@pytest.mark.parametrize("turned", TURNS)
@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.suffix)
def test_the_small_copy_is_upright_and_knows_nothing(kind: Kind, turned: int) -> None:
    picture = pictures.stripped(kind, MAKE[kind](turned))
    small = opened(pictures.small(kind, picture, most_pixels=1_000_000))
    assert (small.format, max(small.size)) == ("JPEG", 320)
    assert not small.getexif()
    coarse = (small.width // 20, small.height // 20)
    apart = ImageChops.difference(small.resize(coarse), seen(picture).resize(coarse))
    assert np.max(np.asarray(apart)) < 40


@pytest.mark.parametrize(
    "how", [{"progressive": True}, {"quality": 100, "subsampling": 0}, {"restart_marker_rows": 1}]
)
def test_every_way_of_coding_a_jpeg_is_copied_whole(how: dict[str, int]) -> None:
    taken = files.jpeg(**how)
    assert not ImageChops.difference(seen(pictures.stripped(JPEG, taken)), seen(taken)).getbbox()


def test_colours_keep_their_profile() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    files.scene().save(out, "JPEG", icc_profile=profile, exif=files.exif())
    assert opened(pictures.stripped(JPEG, out.getvalue())).info["icc_profile"] == profile


def test_a_photo_in_cmyk_keeps_what_its_colours_need() -> None:
    out = io.BytesIO()
    files.scene().convert("CMYK").save(out, "JPEG")
    left = pictures.stripped(JPEG, out.getvalue())
    assert not ImageChops.difference(opened(left), opened(out.getvalue())).getbbox()


@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.suffix)
def test_what_hides_behind_the_end_is_cut_off(kind: Kind) -> None:
    hidden = files.MAKER.encode() + files.HTML
    assert hidden not in pictures.stripped(kind, MAKE[kind]() + hidden)


def test_the_cameras_own_small_copy_goes_too() -> None:
    """It shows what was cropped away."""
    thumbnail = files.jpeg(colour="yellow")
    jfxx = b"\xff\xe0" + struct.pack(">H", len(thumbnail) + 8) + b"JFXX\0\x10" + thumbnail
    taken = files.jpeg()
    assert thumbnail not in pictures.stripped(JPEG, taken[:2] + jfxx + taken[2:])


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is as large as a street."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", lines), (b"IEND", b""))
    )


def test_a_picture_drawn_a_thousand_times_over_is_refused_before_it_is_drawn() -> None:
    """Each scan of a JPEG goes over the whole picture: a small file could keep a server busy for hours."""
    taken = files.jpeg(progressive=True)
    last = taken.rindex(b"\xff\xda")
    assert why(JPEG, taken[:-2] + taken[last:-2] * 1000 + taken[-2:]) == "broken"


@pytest.mark.parametrize(
    ("kind", "crumb"), [(JPEG, b"\xff\xd0"), (PNG, b"\0\0\0\0none\0\0\0\0"), (WEBP, b"none\0\0\0\0")]
)
def test_a_picture_of_a_million_crumbs_is_refused_before_it_is_taken_apart(kind: Kind, crumb: bytes) -> None:
    start = {JPEG: 2, PNG: 8, WEBP: 12}[kind]
    taken = MAKE[kind]()
    rest = taken[start:]
    long = taken[:start] + crumb * 1_000_000 + rest
    if kind is WEBP:
        long = long[:4] + struct.pack("<I", len(long) - 8) + long[8:]
    assert why(kind, long) == "broken"
    few = long[:start] + crumb * 10 + rest
    if kind is WEBP:
        few = few[:4] + struct.pack("<I", len(few) - 8) + few[8:]
    assert not ImageChops.difference(seen(pictures.stripped(kind, few)), seen(taken)).getbbox()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert why(PNG, bomb(60_000, 60_000)) in ("too_many_pixels", "broken")
    assert why(PNG, bomb(9_000, 9_000), most_pixels=64_000_000) == "too_many_pixels"


@pytest.mark.parametrize(("kind", "name"), [(PNG, "PNG"), (WEBP, "WEBP")])
def test_a_moving_picture_is_no_photo(kind: Kind, name: str) -> None:
    """An animated PNG is its first picture for who knows no better; a WebP has none."""
    if kind is WEBP:
        assert why(kind, files.animated(name)) == "animated"
    else:
        left = pictures.stripped(kind, files.animated(name))
        assert getattr(opened(left), "n_frames", 1) == 1


@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.suffix)
def test_half_a_photo_is_refused_wherever_it_was_cut(kind: Kind) -> None:
    whole = MAKE[kind]()
    for share in (0.2, 0.5, 0.8, 0.95):
        assert why(kind, whole[: int(len(whole) * share)]) == "broken"


@pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.suffix)
def test_noise_behind_the_right_first_bytes_is_refused(kind: Kind) -> None:
    for rest in (b"", files.HTML, bytes(5000), b"\xff" * 5000):
        assert why(kind, MAKE[kind]()[:12] + rest) == "broken"
