"""What somebody sends as a picture is judged by its bytes, and only what can be seen of it is kept."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from bot.pictures.cleaning import LONGEST_SIDE, MOST_BYTES, UnfitError, cleaned
from tests.pictures.images import CANARY, drawn, from_a_camera


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def bomb() -> bytes:
    """A PNG of 400 bytes or so that says it is 30,000 by 30,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def refused(content: bytes) -> str:
    with pytest.raises(UnfitError) as caught:
        cleaned(content)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_browsers_show_is_taken(kind: str) -> None:
    """Each kind becomes a JPEG that shows the same."""
    kept = opened(cleaned(drawn(kind, (64, 48), "teal")))
    assert (kept.format, kept.size) == ("JPEG", (64, 48))
    assert all(abs(a - b) < 12 for a, b in zip(kept.convert("RGB").getpixel((30, 20)), (0, 128, 128), strict=True))  # type: ignore[arg-type]


def test_place_owner_comment_and_profile_stay_behind() -> None:
    """A camera's notes, its GPS position among them, are nowhere in what is kept; the picture stands upright."""
    taken = from_a_camera()
    assert CANARY.encode() in taken
    assert opened(taken).getexif().get_ifd(0x8825)
    kept = cleaned(taken)
    assert CANARY.encode() not in kept
    assert not opened(kept).getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(opened(kept).info)
    # It lay on its side: its left edge, red, is now on top.
    assert opened(kept).size == (60, 120)
    red, green, _ = opened(kept).getpixel((30, 5))  # type: ignore[misc]
    assert red > 200
    assert green < 60


def test_a_large_picture_is_made_smaller_and_see_through_parts_white() -> None:
    """At most 2048 pixels long; where nothing was drawn it is white, not black."""
    assert max(opened(cleaned(drawn("JPEG", (4000, 1000)))).size) == LONGEST_SIDE
    file = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")
    assert opened(cleaned(file.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_what_is_no_picture_of_these_kinds_is_refused() -> None:
    """Whatever it is called: a document, a video, a GIF, nothing at all; HEIC has a reason of its own."""
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
    assert refused(heic) == "heic"
    for content in (b"", b"%PDF-1.7", b"\xff\xd8photo", b"GIF89a" + bytes(50), drawn("GIF"), drawn("BMP")):
        assert refused(content) == "no-picture"
    assert refused(drawn("JPEG", (400, 300))[:900]) == "broken"


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    """Many pixels in few bytes, more pixels than we decode, or too many bytes."""
    assert len(bomb()) < 1000
    assert refused(bomb()) == "too-large"
    assert refused(drawn("PNG", (5100, 5000))) == "too-large"
    assert refused(bytes(MOST_BYTES + 1)) == "too-large"
