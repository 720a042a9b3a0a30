"""What somebody sent as a picture becomes a JPEG that is safe to keep and to show. Pure.

The bytes decide what it is, never a name or a type somebody gave it. The picture is decoded and drawn anew: what a
camera writes beside it (place, time, owner, a small second picture) stays behind.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

MOST_BYTES = 10 * 2**20
"""The largest file that is fetched: what Telegram takes as a photo (Bot API)."""

MOST_PIXELS = 25_000_000
"""More are not decoded: 25 million take 100 MB of memory, whatever small file they come in. Telegram's own photos have
at most 6.6 million."""

LONGEST_SIDE = 2048
"""Pixels; enough to see a wound on any screen."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Brands of ISO media files that hold what iPhones make (ISO/IEC 23008-12)."""
_QUALITY = 85


class UnfitError(Exception):
    """This cannot be kept as a picture; `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        """Say why by a short name."""
        self.reason = reason
        super().__init__(reason)


REASONS = ("heic", "no-picture", "too-large", "broken")
"""A kind that browsers do not show; nothing that we can open; too many bytes or pixels; torn or damaged."""


def cleaned(content: bytes) -> bytes:
    """`content` as a JPEG, upright, at most LONGEST_SIDE pixels long, nothing but the picture. Raises UnfitError."""
    if len(content) > MOST_BYTES:
        raise UnfitError("too-large")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise UnfitError("heic")
    with _opened(content) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise UnfitError("too-large")
        try:
            return _drawn_anew(image)
        except Exception as error:  # whatever a decoder stumbles over: it is made of what a stranger sent
            raise UnfitError("broken") from error


def _opened(content: bytes) -> Image.Image:
    """The picture, its size known and nothing decoded yet."""
    try:
        return Image.open(BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnfitError("too-large") from error
    except Exception as error:
        raise UnfitError("no-picture") from error


def _drawn_anew(image: Image.Image) -> bytes:
    # A JPEG can be decoded at a half, a quarter or an eighth of its size, which saves most of the memory.
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clear = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    # A new picture: what is saved would otherwise carry the old one's comments and profiles.
    page = Image.new("RGB", clear.size, "white")
    page.paste(clear, mask=clear if clear.mode == "RGBA" else None)
    file = BytesIO()
    page.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
