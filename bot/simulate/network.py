"""The simulator's sender with a bad network before it: calls fail, answers get lost, phones block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random

from bot.channels.simulator import SimulatorSender
from bot.simulate.ledger import Delivery, Ledger
from scheduler.clock import Clock
from scheduler.policy import POLICIES
from scheduler.sender import Limited, NotSent, Outcome, Outgoing, Sent, Unknown, Unreachable


@dataclass(frozen=True, slots=True)
class Faults:
    """How often a call goes wrong, as shares of all calls."""

    not_sent: float = 0.015
    limited: float = 0.001
    lost_before: float = 0.004
    """The request is lost and so is the answer: unknown, and nothing arrives."""
    lost_after: float = 0.004
    """The request arrives and the answer is lost: unknown, and the patient sees it."""
    power_cut: float = 0.0005
    """The process dies during the call, half of the times after the request has arrived."""


class Network(SimulatorSender):
    """Every call meets the same fate in every run with the same seed."""

    def __init__(self, seed: int, clock: Clock, ledger: Ledger, faults: Faults) -> None:
        """Deliver to `ledger`."""
        super().__init__()
        self.blocked_by: Collection[str] = ()
        """Phones that block Saathi."""
        self.stopped_by: Collection[str] = ()
        """Phones whose STOP was taken in."""
        self.cut_power: Callable[[], None] | None = None
        """Stops the process in the middle of a call; without it the power never fails."""
        self._seed = seed
        self._clock = clock
        self._ledger = ledger
        self._faults = faults
        self._calls: dict[int, int] = {}

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Deliver it, or not."""
        call = self._calls[outgoing.message_id] = self._calls.get(outgoing.message_id, 0) + 1
        fate = Random(f"{self._seed}:{outgoing.message_id}:{call}")
        if outgoing.to in self.blocked_by:
            return Unreachable("blocked")
        chance = fate.random()
        limits = self._faults
        for share, name in (
            (limits.not_sent, "not_sent"),
            (limits.limited, "limited"),
            (limits.lost_before, "lost_before"),
            (limits.lost_after, "lost_after"),
            (limits.power_cut, "power_cut"),
        ):
            if chance < share:
                return await self._fail(name, outgoing, fate)
            chance -= share
        return await self._deliver(outgoing, answered=True)

    async def _fail(self, name: str, outgoing: Outgoing, fate: Random) -> Outcome:
        if name == "not_sent":
            return NotSent("no-connection", retry_after=fate.choice((0.0, 5.0)))
        if name == "limited":
            return Limited(retry_after=fate.choice((2.0, 10.0, 30.0)))
        arrives = name == "lost_after" or (name == "power_cut" and fate.random() < 0.5)
        self._ledger.unanswered.add(outgoing.message_id)
        if arrives:
            await self._deliver(outgoing, answered=False)
        if name == "power_cut" and self.cut_power is not None:
            self.cut_power()
            # The process is gone: this call never comes back to it.
            await asyncio.Event().wait()
        return Unknown("answer-lost")

    async def _deliver(self, outgoing: Outgoing, *, answered: bool) -> Outcome:
        outcome = await super().send(outgoing)
        if isinstance(outcome, Sent):
            if POLICIES[outgoing.kind].proactive and outgoing.to in self.stopped_by:
                self._ledger.after_stop += 1
            self._ledger.arrived(Delivery(outgoing.to, outgoing, self._clock.now(), outcome.provider_id, answered))
        return outcome
