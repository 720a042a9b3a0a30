"""Fetches the photos patients sent from their providers, cleans them and keeps them, for all processes.

Rows and `now` decide, so any process may tick at any time. Whoever takes a photo up puts its next try off first: a
process that is killed meanwhile loses nothing, and a photo that kills processes is given up in the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.port import PictureAwayError, PictureGoneError, PictureSource
from bot.pictures import photos
from bot.pictures.cleaning import MOST_BYTES, UnfitError, cleaned
from bot.staff import notices
from bot.store.tables import picture
from bot.store.whom import followed_at
from content.loader import Content
from scheduler import outbox, people
from scheduler.clock import Clock
from scheduler.errors import KeyMissingError
from scheduler.listening import listen
from scheduler.policy import REPLY
from scheduler.sender import Body
from scheduler.store.engine import Store

TRY_FOR = timedelta(minutes=2)
"""So long a photo is left to whoever took it up; longer than any call and any decoding."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 5 * 60, 20 * 60, 60 * 60, 3 * 60 * 60))
"""After each failed try; after one more the photo is given up. Telegram keeps a file for at least an hour, and
gives it a new address each time it is asked."""

MOST_A_DAY = 20
"""Photos that are kept from one chat in 24 hours."""

TICK_EVERY = 15
"""Seconds between two looks, should nothing wake us."""

FORGET_EVERY = 60 * 60
"""Seconds between two looks at what was kept long enough."""

_BREATH = 0.5
"""Seconds between two looks, however often we are woken."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A photo this process has taken up."""

    id: int
    channel: str
    address_id: int
    enrolment_id: int | None
    inbound_id: int
    source: bytes
    tries: int
    """With this one. No other process has the same number, so it also says whose the photo is."""


class Fetcher:
    """Looks after photos that wait. Any process may call any method at any time."""

    def __init__(
        self,
        store: Store,
        content: Content,
        clock: Clock,
        sources: Mapping[str, PictureSource],
        public_url: str = "",
    ) -> None:
        """`sources`: where the photos of each channel are; `public_url`: of the console, for buttons."""
        self._store = store
        self._content = content
        self._clock = clock
        self._sources = dict(sources)
        self._public_url = public_url
        self._woken = asyncio.Event()
        self._busy = asyncio.Lock()
        store.on_wake(self._woken.set)

    async def tick(self) -> int:
        """Take up every photo that is due, one after the other; how many were due."""
        async with self._busy:
            async with self._store.read() as conn:
                ids = list(await conn.scalars(_due(self._clock.now())))
            for photo_id in ids:
                try:
                    await self._look_after(photo_id)
                except SQLAlchemyError as error:
                    # The try counts; the next one comes when the time of this one is over.
                    log.error("photo_not_settled", photo_id=photo_id, error=type(error).__name__)
            return len(ids)

    async def forget_old(self) -> None:
        """Delete what was kept long enough."""
        async with self._store.write(wake=False) as conn:
            deleted = await photos.forget_old(conn, self._content, self._clock.now())
        if deleted:
            log.info("old_photos_deleted", count=deleted)

    async def next_due(self) -> datetime | None:
        """When a photo is to be fetched next, UTC; nothing while none waits."""
        async with self._store.read() as conn:
            found: datetime | None = await conn.scalar(
                select(func.min(picture.c.due_at)).where(picture.c.state == photos.WAITING)
            )
        return found

    async def run(self, stop: asyncio.Event) -> None:
        """Tick soon after any commit, here or (PostgreSQL) in another process, until `stop` is set."""
        async with listen(self._store, self._woken.set):
            while not stop.is_set():
                self._woken.clear()
                try:
                    await self.tick()
                except Exception as error:  # noqa: BLE001 - a lost database connection must not end the fetching
                    log.error("photos_failed", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _BREATH)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), TICK_EVERY)

    async def _look_after(self, photo_id: int) -> None:
        taken = await self._take(photo_id)
        if taken is None:
            return
        try:
            jpeg = await self._fetched(taken)
        except PictureAwayError:
            await self._put_off(taken)
        except PictureGoneError as error:
            too_large = error.reason == "too-large"
            await self._give_up(taken, photos.REFUSED if too_large else photos.LOST, error.reason)
        except UnfitError as error:
            await self._give_up(taken, photos.REFUSED, error.reason)
        except KeyMissingError:
            await self._give_up(taken, photos.LOST, "no-key")
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one photo, the others go on
            log.error("photo_failed", photo_id=photo_id, error=type(error).__name__)
            await self._put_off(taken)
        else:
            await self._keep(taken, jpeg)

    async def _take(self, photo_id: int) -> _Taken | None:
        """Take a photo up; nothing if another process was quicker."""
        now = self._clock.now()
        async with self._store.write(wake=False) as conn:
            row = (
                await conn.execute(
                    update(picture)
                    .where(picture.c.id == photo_id, picture.c.state == photos.WAITING, picture.c.due_at <= now)
                    .values(tries=picture.c.tries + 1, due_at=now + TRY_FOR)
                    .returning(picture)
                )
            ).one_or_none()
            if row is None:
                return None
            address = await people.open_address(conn, self._store.keys, row.address_id)
        return _Taken(row.id, address.channel, row.address_id, row.enrolment_id, row.inbound_id, row.source, row.tries)

    async def _fetched(self, taken: _Taken) -> bytes:
        """The photo, cleaned. Raises PictureAwayError, PictureGoneError, UnfitError or KeyMissingError."""
        if taken.tries > len(WAITS) + 1:
            # A process was killed at each of them, perhaps by this very photo.
            raise PictureGoneError("given-up")
        async with self._store.read() as conn:
            if await _today(conn, taken, self._clock.now()) >= MOST_A_DAY:
                raise PictureGoneError("too-many")
        source = self._sources.get(taken.channel)
        if source is None:
            raise PictureAwayError
        content = await source.fetch(self._store.keys.open("picture.source", taken.source), MOST_BYTES)
        return await asyncio.to_thread(cleaned, content)

    async def _keep(self, taken: _Taken, jpeg: bytes) -> None:
        sealed = photos.seal_jpeg(self._store.keys, jpeg)
        async with self._store.write() as conn:
            if await _settle(conn, taken, self._clock.now(), state=photos.KEPT, content=sealed):
                await self._tell_staff(conn, taken, "photo")

    async def _put_off(self, taken: _Taken) -> None:
        if taken.tries > len(WAITS):
            await self._give_up(taken, photos.LOST, "no-answer")
            return
        async with self._store.write(wake=False) as conn:
            await conn.execute(
                update(picture)
                .where(picture.c.id == taken.id, picture.c.state == photos.WAITING, picture.c.tries == taken.tries)
                .values(due_at=self._clock.now() + WAITS[taken.tries - 1])
            )

    async def _give_up(self, taken: _Taken, state: str, reason: str) -> None:
        """Nothing is kept: the patient is told what to do, and staff that something did not arrive."""
        now = self._clock.now()
        async with self._store.write() as conn:
            if not await _settle(conn, taken, now, state=state, reason=reason):
                return
            address = await people.open_address(conn, self._store.keys, taken.address_id)
            reply = self._content.replies[SORRY.get(reason, "photo-lost")]
            await outbox.put(
                conn,
                self._store.keys,
                address_id=taken.address_id,
                channel=taken.channel,
                kind=REPLY,
                body=Body(self._content.fill(reply.text[address.language or "en"])),
                now=now,
                enrolment_id=taken.enrolment_id,
                content_version=self._content.version,
            )
            await self._tell_staff(conn, taken, "photo-lost")

    async def _tell_staff(self, conn: AsyncConnection, taken: _Taken, kind: str) -> None:
        """Put it on staff's list. Whatever is wrong with that, the photo itself is settled."""
        keys, now = self._store.keys, self._clock.now()
        try:
            async with conn.begin_nested():
                for enrolment_id in await _whom(conn, self._store, taken):
                    await notices.note(conn, keys, self._content, kind, enrolment_id, now, self._public_url)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            log.error("staff_not_told", what=kind, photo_id=taken.id, error=type(error).__name__)


SORRY = {
    "heic": "photo-heic",
    "no-picture": "photo-unreadable",
    "broken": "photo-unreadable",
    "too-large": "photo-too-large",
    "too-many": "photo-too-many",
}
"""What the patient reads, by why nothing was kept."""


async def _settle(conn: AsyncConnection, taken: _Taken, now: datetime, **values: Any) -> bool:
    """Settle a photo, unless somebody else has meanwhile."""
    settled = await conn.execute(
        update(picture)
        .where(picture.c.id == taken.id, picture.c.state == photos.WAITING, picture.c.tries == taken.tries)
        .values(source=None, due_at=None, settled_at=now, **values)
    )
    return settled.rowcount == 1


async def _today(conn: AsyncConnection, taken: _Taken, now: datetime) -> int:
    """Photos kept from the same chat in the last 24 hours."""
    return (
        await conn.scalar(
            select(func.count(picture.c.id)).where(
                picture.c.address_id == taken.address_id,
                picture.c.state == photos.KEPT,
                picture.c.settled_at > now - timedelta(days=1),
            )
        )
        or 0
    )


async def _whom(conn: AsyncConnection, store: Store, taken: _Taken) -> list[int]:
    """The patients a photo may be about."""
    if taken.enrolment_id is not None:
        return [taken.enrolment_id]
    return [one.enrolment_id for one in await followed_at(conn, store.keys, taken.address_id)]


def _due(now: datetime) -> Any:
    return (
        select(picture.c.id)
        .where(picture.c.state == photos.WAITING, picture.c.due_at <= now)
        .order_by(picture.c.due_at, picture.c.id)
    )
