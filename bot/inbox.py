"""The way in: one event of a channel through one transaction.

The channel is told "received" only after `receive` has returned, that is after the event and all that follows from it
are committed. The same event twice has one effect.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import exc, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import context
from bot.answering import Answering
from bot.channels.inbound import Inbound, Kind
from bot.conversation.flows import alarm
from bot.conversation.model import Context, State
from bot.conversation.respond import respond
from bot.conversation.turn import Turn
from bot.conversation.wishes import Effect
from bot.conversation.words import Commands
from bot.effects import Chat, carry_out
from bot.store.tables import conversation, inbound
from bot.store.whom import HOME_ZONE
from content.loader import Content
from scheduler import people
from scheduler.clock import Clock
from scheduler.people import AddressView
from scheduler.store.engine import Store
from scheduler.store.statements import insert_new

log = structlog.get_logger(__name__)

LONGEST_TEXT = 20_000
"""Letters of a text that are kept and judged; no channel lets more through in one message."""

_LONGEST_ID = 200
_OUR_TROUBLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""The database is away: nothing is stored, so the provider must bring the event again."""


@dataclass(frozen=True, slots=True)
class Received:
    """The event is stored; a duplicate has had no effect now."""

    inbound_id: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class _Locked:
    """The conversation of a chat, its row locked until the transaction ends."""

    state: State
    human_until: datetime | None


class Inbox:
    """Takes events in. Bad input raises nothing; a mistake of ours costs one kind sentence, not the event."""

    def __init__(
        self,
        store: Store,
        content: Content,
        clock: Clock,
        answering: Answering,
        public_url: str = "",
        zone: str = HOME_ZONE,
    ) -> None:
        """`public_url`: where the console is reached from a phone, for buttons that open it; empty if nowhere.

        `zone`: the clinic's, for its rota and quiet hours.
        """
        self._store = store
        self._clock = clock
        self._public_url = public_url
        self._zone = zone
        self._parts = context.Parts(
            content=content,
            commands=Commands(content.words),
            triage=answering.triage,
            answering=answering,
            keys=store.keys,
            clock=clock,
            zone=zone,
        )

    async def receive(self, event: Inbound) -> Received:
        """Store `event`, answer it and do what follows, all or nothing. Raises only if the database is away."""
        event = clean(event)
        try:
            return await self._handle(event)
        except _OUR_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a flow does wrong, the event is kept and answered
            return await self._quarantine(event, error)

    async def _handle(self, event: Inbound) -> Received:
        async with self._store.write() as conn:
            address_id, received = await self._insert(conn, event, "handled", None)
            if received.duplicate:
                return received
            locked = await self._lock(conn, address_id)
            address = await self._seen(conn, event, address_id)
            facts = await context.load(conn, self._parts, event, address, locked.state, locked.human_until)
            state, effects = respond(locked.state, event, facts)
            await carry_out(self._chat(conn, event, address_id, received), effects)
            await self._keep(conn, address_id, state)
        return received

    async def _insert(
        self, conn: AsyncConnection, event: Inbound, state: str, reason: str | None
    ) -> tuple[int, Received]:
        """Store the event, or find that it is there."""
        now = self._clock.now()
        address_id = await people.ensure_address(conn, self._store.keys, event.channel, event.address, now)
        body = json.dumps([event.text, event.data, event.reply_to], ensure_ascii=False)
        added: int | None = await conn.scalar(
            insert_new(conn, inbound)
            .values(
                channel=event.channel,
                event_id=event.event_id,
                address_id=address_id,
                kind=event.kind.value,
                body=self._store.keys.seal("inbound.body", body),
                happened_at=event.at,
                received_at=now,
                state=state,
                reason=reason,
            )
            .returning(inbound.c.id)
        )
        if added is not None:
            return address_id, Received(added, duplicate=False)
        known = await conn.scalar(
            select(inbound.c.id).where(inbound.c.channel == event.channel, inbound.c.event_id == event.event_id)
        )
        return address_id, Received(known or 0, duplicate=True)

    async def _lock(self, conn: AsyncConnection, address_id: int) -> _Locked:
        """Two events of one chat are answered one after the other."""
        await conn.execute(insert_new(conn, conversation).values(address_id=address_id, updated_at=self._clock.now()))
        row = (
            await conn.execute(select(conversation).where(conversation.c.address_id == address_id).with_for_update())
        ).one()
        kept = self._store.keys.open("conversation.state", row.state) if row.state else None
        return _Locked(State.read(kept), row.human_until)

    async def _seen(self, conn: AsyncConnection, event: Inbound, address_id: int) -> AddressView:
        """Note that they wrote; whoever had blocked us and writes is back."""
        now = self._clock.now()
        address = await people.open_address(conn, self._store.keys, address_id)
        if event.kind is Kind.BLOCKED:
            return address
        await people.note_inbound(conn, address_id, now)
        if address.blocked_at is not None:
            await people.unblock(conn, self._parts.content, address_id, now)
        return address

    async def _keep(self, conn: AsyncConnection, address_id: int, state: State) -> None:
        sealed = self._store.keys.seal("conversation.state", state.model_dump_json(exclude_none=True))
        await conn.execute(
            update(conversation)
            .where(conversation.c.address_id == address_id)
            .values(state=sealed, updated_at=self._clock.now())
        )

    def _chat(self, conn: AsyncConnection, event: Inbound, address_id: int, received: Received) -> Chat:
        return Chat(
            conn=conn,
            keys=self._store.keys,
            content=self._parts.content,
            address_id=address_id,
            channel=event.channel,
            inbound_id=received.inbound_id,
            now=self._clock.now(),
            public_url=self._public_url,
            zone=self._zone,
        )

    async def _quarantine(self, event: Inbound, error: Exception) -> Received:
        """Keep an event a flow failed on, for somebody to look at; a red flag in it is still answered first."""
        async with self._store.write() as conn:
            address_id, received = await self._insert(conn, event, "quarantined", type(error).__name__[:120])
            if not received.duplicate:
                address = await people.open_address(conn, self._store.keys, address_id)
                await carry_out(self._chat(conn, event, address_id, received), self._rescue(event, address))
        log.error(
            "inbound event quarantined",
            exc_info=error,
            inbound_id=received.inbound_id,
            channel=event.channel,
            kind=event.kind.value,
        )
        return received

    def _rescue(self, event: Inbound, address: AddressView) -> tuple[Effect, ...]:
        """The reply to an event we failed on, from as little as possible."""
        if event.kind in (Kind.BLOCKED, Kind.UNBLOCKED):
            return ()
        parts = self._parts
        facts = Context(self._clock.now(), parts.content, parts.commands, parts.triage, parts.answering, address)
        turn = Turn(State(), event, facts)
        try:
            urgent = alarm.handle(turn)
        except Exception as error:  # if judging is what fails, the reply still names 112
            log.error("triage failed on an inbound event", exc_info=error, channel=event.channel)
            turn, urgent = Turn(State(), event, facts), False
        if not urgent:
            turn.say("trouble")
        return turn.result()[1]


def clean(event: Inbound) -> Inbound:
    """The event with texts that can be stored: surrogate pairs joined, lone halves and null characters replaced."""
    return replace(
        event,
        text=_storable(event.text)[:LONGEST_TEXT],
        data=None if event.data is None else _storable(event.data)[:_LONGEST_ID],
        reply_to=None if event.reply_to is None else _storable(event.reply_to)[:_LONGEST_ID],
    )


def _storable(text: str) -> str:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", "")
