"""Pictures for tests."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

CANARY = "Canary Camera Owner"
"""Stands in everything a camera may write beside a picture."""


def drawn(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal", **more: Any) -> bytes:
    """A picture of one colour as a file of that kind."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **more)
    return file.getvalue()


def from_a_camera() -> bytes:
    """A JPEG taken with the phone on its side: 120 by 60, its left edge red, with owner, place and comment."""
    picture = Image.new("RGB", (120, 60), "teal")
    picture.paste("red", (0, 0, 20, 60))
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn it a quarter to the right
    exif[0x013B] = CANARY  # Artist
    exif.get_ifd(0x8825).update({1: "N", 2: (26.0, 51.0, 0.0), 3: "E", 4: (80.0, 55.0, 0.0)})
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif, comment=CANARY.encode(), icc_profile=CANARY.encode())
    return file.getvalue()


def everything_in(folder: Path) -> bytes:
    """What stands in the files of a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
