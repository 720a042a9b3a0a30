"""The simulator's way out: accepts what a strict provider would accept.

Nothing is carried anywhere. What was accepted is read from the outbox, where the dispatcher records it.
"""

from __future__ import annotations

from datetime import datetime

from scheduler.sender import Limits, Outcome, Outgoing, Refused, Sent
from scheduler.splitting import MOST_CAPTION

CHANNEL = "simulator"

MOST_CHARACTERS = 4096
"""Telegram's limit of a text, in characters (Bot API, sendMessage)."""
MOST_DATA_BYTES = 64
"""Telegram's limit of what a button carries, in bytes of UTF-8 (Bot API, InlineKeyboardButton)."""


class SimulatorSender:
    """A `Sender` that refuses what Telegram would refuse and accepts the rest."""

    channel = CHANNEL

    def __init__(self, limits: Limits | None = None) -> None:
        """Without limits of its own unless `limits` says otherwise."""
        self.limits = limits or Limits()

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        """Everything is allowed at any time."""
        return None

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Accept it, under an id made from the message's own; or refuse a malformed one."""
        flaw = _flaw(outgoing)
        return Refused(flaw) if flaw else Sent(provider_id=f"sim-{outgoing.message_id}")


def _flaw(outgoing: Outgoing) -> str | None:
    if not outgoing.body.text.strip():
        return "text-empty"
    if len(outgoing.body.text) > MOST_CHARACTERS:
        return "text-too-long"
    if outgoing.body.picture is not None and len(outgoing.body.text) > MOST_CAPTION:
        return "caption-too-long"
    for button in outgoing.body.buttons:
        if not button.label.strip():
            return "button-without-label"
        if not 0 < len(button.data.encode()) <= MOST_DATA_BYTES:
            return "button-data-length"
    return None
