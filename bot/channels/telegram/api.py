"""The library's `Bot`, on our transport, with updates as Telegram sent them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Bot
from telegram.error import BadRequest

from bot.channels.telegram.transport import ANSWER_SECONDS, AiohttpRequest, TooLargeError

REAL_API = "https://api.telegram.org"

CONNECTIONS = 72
"""For sending (`sender.LIMITS.in_flight`) and some calls beside it."""

_POLL_CONNECTIONS = 4
"""Of their own: a long poll never waits for a message's connection, nor a message for it."""

_MARGIN_SECONDS = 10.0


class Api(Bot):
    """Calls to the Bot API. The constructor of the library opens nothing and asks nothing."""

    @classmethod
    def open(
        cls, token: str, url: str = REAL_API, connections: int = CONNECTIONS, answer_seconds: float = ANSWER_SECONDS
    ) -> Api:
        """The bot of `token` at the Bot API server `url`; connections are made when they are needed.

        A call fails after `answer_seconds` of silence.
        """
        return cls(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=AiohttpRequest(connections, answer_seconds),
            get_updates_request=AiohttpRequest(_POLL_CONNECTIONS),
        )

    async def raw_updates(
        self, offset: int | None, wait: int, kinds: Sequence[str], most: int = 100
    ) -> list[dict[str, Any]]:
        """Updates from `offset` on, which forgets all before it; waits up to `wait` seconds for one.

        Not `get_updates`: that fails on, and logs, a whole batch if it does not understand a single field of it.
        """
        found = await self._post(
            "getUpdates",
            {"offset": offset, "limit": most, "timeout": wait, "allowed_updates": list(kinds)},
            read_timeout=wait + _MARGIN_SECONDS,
        )
        # One without a number could not be acknowledged; Telegram sends none.
        numbered = (update for update in found if isinstance(update, dict) and isinstance(update.get("update_id"), int))
        return list(numbered) if isinstance(found, list) else []

    async def download(self, file_id: str, most: int) -> bytes:
        """A file somebody sent, of at most `most` bytes. Raises TooLargeError or another TelegramError."""
        file = await self.get_file(file_id)
        if (file.file_size or 0) > most:
            raise TooLargeError
        # The address holds the token: it is asked for anew each time, and stays here.
        request = self.request
        if not file.file_path or not isinstance(request, AiohttpRequest):
            raise BadRequest("a file without an address")
        return await request.fetch(file.file_path, most)

    async def close_connections(self) -> None:
        """Close every connection, also those of calls under way."""
        for request in self._request:
            await request.shutdown()
