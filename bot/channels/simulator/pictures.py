"""The simulator's pictures: no provider keeps them, so an event carries its picture itself."""

from __future__ import annotations

import base64

from bot.channels.port import PictureGoneError


def sent(content: bytes) -> str:
    """A picture as `Inbound.picture` carries it."""
    return base64.b64encode(content).decode()


class SimulatorPictures:
    """A `PictureSource` for what `sent` made."""

    async def fetch(self, source: str, most: int) -> bytes:
        """The picture. Raises PictureGoneError if it is larger than `most` bytes."""
        content = base64.b64decode(source)
        if len(content) > most:
            raise PictureGoneError("too-large")
        return content
