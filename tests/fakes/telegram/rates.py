"""Telegram's rates: about 30 messages in any second in all, about one a second to a chat with a short burst.

Exact limits are not published. These are the documented ones read strictly: the thirty-first call within a second is
refused, and until the time it was told has passed everything else is refused as well.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tests.fakes.telegram.errors import ApiError


@dataclass
class Rates:
    """What a bot may send. Instants are seconds."""

    per_second: int = 30
    flood_wait: float = 3.0
    """Seconds for which everything is refused once the rate was exceeded."""
    per_chat: float = 1.0
    """Messages a second to one chat, in the long run."""
    chat_burst: int = 3
    """Messages that may come to one chat at once."""
    _recent: deque[float] = field(default_factory=deque)
    _flood_until: float = 0.0
    _chats: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Of each chat: what is left of its burst, and when that was so."""

    def take(self, chat: int, now: float) -> None:
        """Count one message to `chat`. Raises ApiError (429) if it is one too many; then it does not count."""
        if now < self._flood_until:
            raise _too_many(self._flood_until - now)
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            self._flood_until = now + self.flood_wait
            raise _too_many(self.flood_wait)
        left, at = self._chats.get(chat, (float(self.chat_burst), now))
        left = min(left + (now - at) * self.per_chat, float(self.chat_burst))
        self._chats[chat] = (left, now)
        if left < 1.0:
            raise _too_many((1.0 - left) / self.per_chat)
        self._chats[chat] = (left - 1.0, now)
        self._recent.append(now)


def _too_many(seconds: float) -> ApiError:
    wait = max(math.ceil(seconds), 1)
    return ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
