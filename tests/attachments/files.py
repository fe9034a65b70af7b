"""Files as telephones make them: photos and videos with the place in them; and some that only pretend."""

import io
import struct
from fractions import Fraction
from tempfile import NamedTemporaryFile
from typing import Any

import av
from PIL import Image, ImageDraw, PngImagePlugin, TiffImagePlugin

MAKER, DAY = "Shanzhai Phone 12", "2026:11:22 08:00:00"
LATITUDE, LONGITUDE = (31.0, 13.0, 49.8), (121.0, 28.0, 25.3)
PLACE = "+31.2305+121.4737/"
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00" + bytes(60) + b"PE\0\0" + bytes(200)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R/Info<</Author(Zhang San)>>>>\n%%EOF\n"
)
_STYLE = "Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0"
SUBTITLES = f"[Script Info]\n[V4+ Styles]\nFormat: Name\nStyle: Default,{_STYLE}\n[Events]\n".encode()


def scene(width: int = 320, height: int = 240, colour: str = "navy") -> Image.Image:
    """Red above on the left, so that one can tell which way is up."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill="red")
    return image


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = MAKER
    found[0x0132] = DAY
    found.get_ifd(0x8825).update(
        {
            1: "N",
            2: tuple(TiffImagePlugin.IFDRational(number) for number in LATITUDE),
            3: "E",
            4: tuple(TiffImagePlugin.IFDRational(number) for number in LONGITUDE),
        }
    )
    return found


def jpeg(orientation: int = 1, colour: str = "navy", **more: Any) -> bytes:
    """A photo with place, day and device; XMP and a comment besides."""
    xmp = f"<x:xmpmeta><exif:GPSLatitude>31,13.83N {MAKER}</exif:GPSLatitude></x:xmpmeta>".encode()
    out = io.BytesIO()
    notes: dict[str, Any] = {"exif": exif(orientation), "xmp": xmp, "comment": MAKER.encode()}
    scene(colour=colour).save(out, "JPEG", **notes | more)
    return out.getvalue()


def png(orientation: int = 1) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", MAKER)
    out = io.BytesIO()
    scene().save(out, "PNG", exif=exif(orientation), pnginfo=notes)
    return out.getvalue()


def webp(orientation: int = 1) -> bytes:
    out = io.BytesIO()
    scene().save(out, "WEBP", exif=exif(orientation), xmp=MAKER.encode())
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    scene().save(out, "GIF")
    return out.getvalue()


def animated(kind: str) -> bytes:
    out = io.BytesIO()
    scene().save(out, kind, save_all=True, append_images=[scene(colour="green")])
    return out.getvalue()


def heic() -> bytes:
    return struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + bytes(64)


def video(kind: str = "mp4", *, log: bytes = b"", movflags: str = "use_metadata_tags") -> bytes:
    """Eight pictures of 64 × 48; `log` becomes a track of its own: some cameras write down where they are."""
    with NamedTemporaryFile(suffix=f".{kind}") as out:
        _film(out.name, log, {"movflags": movflags} if movflags else {})
        return out.read()


def _film(path: str, log: bytes, options: dict[str, str]) -> None:
    with av.open(path, "w", options=options) as container:
        container.metadata.update({"location": PLACE, "make": MAKER, "creation_time": "2026-11-22T08:00:00Z"})
        stream = container.add_stream("libx264", rate=8, width=64, height=48, pix_fmt="yuv420p")
        notes = container.add_stream("mov_text", rate=1) if log else None
        if notes:
            notes.codec_context.subtitle_header = SUBTITLES
        for number in range(8):
            frame = av.VideoFrame.from_image(scene(64, 48, "navy" if number % 2 else "green"))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if notes:
            packet = av.Packet(struct.pack(">H", len(log)) + log)
            packet.stream, packet.pts, packet.dts, packet.duration = notes, 0, 0, 1
            packet.time_base = Fraction(1)
            container.mux(packet)


def played(data: bytes) -> int:
    """How many pictures a player gets out of it."""
    with av.open(io.BytesIO(data), "r") as container:
        return len(list(container.decode(video=0)))
