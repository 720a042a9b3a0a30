"""What the patients would have seen, noted on their side of the channel and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from scheduler.sender import Outgoing


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that arrived on a phone."""

    address: str
    outgoing: Outgoing
    at: datetime
    provider_id: str
    answered: bool
    """Whether Saathi was told that it arrived; if not, its outcome is unknown to Saathi."""


@dataclass
class Ledger:
    """Every delivery of a simulation."""

    deliveries: list[Delivery] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    """Messages with an attempt whose outcome Saathi never learnt, whether they arrived or not."""
    after_stop: int = 0
    """Reminders that arrived although STOP had been acknowledged."""
    fresh: list[Delivery] = field(default_factory=list)
    """What arrived since `unseen` was last called."""

    def arrived(self, delivery: Delivery) -> None:
        """Note a delivery."""
        self.deliveries.append(delivery)
        self.fresh.append(delivery)
        if not delivery.answered:
            self.unanswered.add(delivery.outgoing.message_id)

    def unseen(self) -> list[Delivery]:
        """What arrived since this was last asked."""
        fresh, self.fresh = self.fresh, []
        return fresh
