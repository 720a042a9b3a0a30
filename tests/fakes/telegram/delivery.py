"""Delivery to a webhook: in order within a queue, again until it is answered with 2xx.

After the open-source server: the first repeat at once, then after 2, 4, 8 ... seconds up to a minute or two, or when
`Retry-After` says; 60 seconds without an answer are a failure.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fakes.telegram.updates import Update, Updates, encode

SECRET = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_WITHIN = 60.0
LONGEST_WAIT = 60.0
A_MOMENT = 0.2
"""Seconds for which an update that is to come late waits for one to overtake it."""


@dataclass
class Webhook:
    """As setWebhook was told."""

    url: str
    target: str
    """Where this machine really finds it: the part of DNS and of the proxy that ends TLS."""
    secret: str = ""
    max_connections: int = 40
    error_at: float | None = None
    error: str | None = None


@dataclass
class Courier:
    """Brings updates to the webhook, as long as one is set."""

    updates: Updates
    carry_out: Callable[[Mapping[str, Any]], None]
    """A method call that came as the answer to a delivery."""
    scale: float = 1.0
    """Waits are this many times as long as Telegram's."""
    webhook: Webhook | None = None
    delivered: list[tuple[int, int]] = field(default_factory=list)
    """Update and status of every delivery, 0 if no answer came."""
    _tasks: dict[tuple[int, str], asyncio.Task[None]] = field(default_factory=dict)
    _client: httpx.AsyncClient | None = None
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))

    async def set(self, webhook: Webhook | None) -> None:
        """Deliver there from now on; None: nowhere."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self.webhook = webhook
        self.updates.webhook_set = webhook is not None
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        if webhook is not None:
            self.updates.end_poll()
            limits = httpx.Limits(max_connections=webhook.max_connections)
            self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN, limits=limits, trust_env=False)
            self._room = asyncio.Semaphore(webhook.max_connections)
            self.wake()

    def wake(self) -> None:
        """Bring whatever waits and is not being brought."""
        if self.webhook is None:
            return
        for queue in {update.queue for update in self.updates.waiting.values()} - self._tasks.keys():
            self._tasks[queue] = asyncio.get_running_loop().create_task(self._bring_all(queue))

    async def _bring_all(self, queue: tuple[int, str]) -> None:
        try:
            while (update := await self._first(queue)) is not None:
                await self._bring(update)
                self.updates.waiting.pop(update.id, None)
        finally:
            self._tasks.pop(queue, None)

    async def _first(self, queue: tuple[int, str]) -> Update | None:
        self.updates.expire()
        mine = [update for update in self.updates.waiting.values() if update.queue == queue]
        if mine and mine[0].way == "late":
            mine[0].way = "fine"
            # Another of any queue may overtake it now.
            await asyncio.sleep(A_MOMENT)
            mine = [update for update in self.updates.waiting.values() if update.queue == queue]
            return mine[1] if len(mine) > 1 else mine[0]
        return mine[0] if mine else None

    async def _bring(self, update: Update) -> None:
        tries = 0
        while True:
            wait = await self._post(update)
            if wait is None:
                if update.way != "twice":
                    return
                # An answer of ours that was lost on its way: Telegram brings the same once more.
                update.way = "fine"
                continue
            tries += 1
            await asyncio.sleep(self.scale * (wait or (0 if tries == 1 else min(2.0 ** (tries - 1), LONGEST_WAIT))))
            self.updates.expire()
            if update.id not in self.updates.waiting:
                return

    async def _post(self, update: Update) -> float | None:
        """None if it was taken; else how long the answer asks to wait, 0 if it does not say."""
        webhook, client = self.webhook, self._client
        assert webhook is not None
        assert client is not None
        headers = {"Content-Type": "application/json"} | ({SECRET: webhook.secret} if webhook.secret else {})
        async with self._room:
            self.updates.hand(update)
            try:
                answer = await client.post(webhook.target, content=encode(update.raw), headers=headers)
            except httpx.HTTPError as error:
                self.delivered.append((update.id, 0))
                refused = isinstance(error, httpx.ConnectError)
                return self._failed(webhook, "Connection refused" if refused else "Read timeout expired")
        self.delivered.append((update.id, answer.status_code))
        if not answer.is_success:
            self._failed(webhook, f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}")
            with suppress(ValueError):
                return min(float(answer.headers.get("retry-after", "")), 3600.0)
            return 0.0
        self._method_in(answer)
        return None

    def _failed(self, webhook: Webhook, why: str) -> float:
        webhook.error_at, webhook.error = self.updates.now(), why
        return 0.0

    def _method_in(self, answer: httpx.Response) -> None:
        with suppress(ValueError):
            call = json.loads(answer.content)
            if isinstance(call, dict) and "method" in call:
                self.carry_out(call)
