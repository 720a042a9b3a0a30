"""The only place that asks the time. Everything else is told `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the system."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        return datetime.now(UTC)


class SettableClock:
    """A clock that can be set, so that a month of care runs in a minute.

    It runs on from where it was set; a frozen one stands still until it is set again.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        """Start at `start` (any zone), by default at the machine's time."""
        self._frozen = frozen
        self._set_at = datetime.now(UTC)
        self._value = (start or self._set_at).astimezone(UTC)

    def now(self) -> datetime:
        """The set time, in UTC, plus what has passed since unless frozen."""
        if self._frozen:
            return self._value
        return self._value + (datetime.now(UTC) - self._set_at)

    def set(self, instant: datetime) -> None:
        """Set the time. A clock never goes back: an earlier instant is ignored, so that leases and plans stay sound."""
        if instant > self.now():
            self._set_at = datetime.now(UTC)
            self._value = instant.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the time forward by `by`."""
        self.set(self.now() + by)
