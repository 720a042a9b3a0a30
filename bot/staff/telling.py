"""Telling staff something in their own linked chats, and telling a patient what staff did.

Words go only to chats that are linked, of members who are not disabled and whose role permits it; that is looked up
here, at the moment of telling, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import detect
from bot.staff.access import ROLES, Permission, may
from bot.staff.tables import staff_member
from bot.store.whom import HOME_ZONE, UNREADABLE, Whom
from content.loader import Content
from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.policy import clock_time, in_quiet_hours
from scheduler.sender import Body, Button
from scheduler.splitting import split
from scheduler.store.tables import address

LONGEST = 3900
"""UTF-16 units of one message. Telegram's limit is 4096; the rest is for the line on top of a repeated message."""

LONGEST_QUOTE = 2000
"""Letters of what a patient wrote that are shown in a staff chat; all of it is in the console."""

PRESS = "1x"
"""Data of a button for staff: `1x:ack:<alert>`, `1x:answer:<question>`."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat to which something is told."""

    address_id: int
    channel: str
    language: str


@dataclass(frozen=True, slots=True)
class StaffChat:
    """The linked chat of a member of staff."""

    staff_id: int
    chat: Chat
    blocked: bool = False
    """The provider says that nothing can be delivered there."""


async def linked(conn: AsyncConnection, permission: Permission) -> list[StaffChat]:
    """The chats of all who may know: linked, not disabled, permitted; oldest members first."""
    roles = [role for role in ROLES if may(role, permission)]
    rows = await conn.execute(
        select(
            staff_member.c.id,
            address.c.id.label("address_id"),
            address.c.channel,
            address.c.language,
            address.c.blocked_at,
        )
        .join(address, address.c.id == staff_member.c.address_id)
        .where(staff_member.c.disabled_at.is_(None), staff_member.c.role.in_(roles))
        .order_by(staff_member.c.id)
    )
    return [
        StaffChat(row.id, Chat(row.address_id, row.channel, row.language or "en"), row.blocked_at is not None)
        for row in rows
    ]


async def chat_at(conn: AsyncConnection, address_id: int, otherwise: str | None = None) -> Chat:
    """A chat as it is; in the language `otherwise` if none was chosen there."""
    row = (await conn.execute(select(address.c.channel, address.c.language).where(address.c.id == address_id))).one()
    return Chat(address_id, row.channel, row.language or otherwise or "en")


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells, in one transaction, from one content."""

    conn: AsyncConnection
    keys: KeyRing
    content: Content
    now: datetime

    async def say(
        self,
        chat: Chat,
        kind: str,
        text: str,
        buttons: Sequence[Button] = (),
        *,
        enrolment_id: int | None = None,
        can_wait: bool = False,
        picture: bytes | None = None,
    ) -> list[int]:
        """Queue a text in as many messages as its length needs, in order, buttons under the last; their ids.

        What `can_wait` rings in no quiet hours but when they end. A `picture` (PNG) stands above the text.
        """
        ids = [
            await outbox.put(
                self.conn,
                self.keys,
                address_id=chat.address_id,
                channel=chat.channel,
                kind=kind,
                body=body,
                now=self.now,
                enrolment_id=enrolment_id,
                content_version=self.content.version,
            )
            for body in split(Body(text, tuple(buttons), picture), LONGEST)
        ]
        if can_wait and in_quiet_hours(self.now, HOME_ZONE, self.content.defaults.slots):
            for message_id in ids:
                await outbox.put_off(self.conn, message_id, _end_of_quiet(self.content, self.now))
        return ids

    def words(self, chat: Chat, reply: str, **facts: object) -> str:
        """A reply of `content/replies` in the chat's language, filled."""
        return self.content.fill(self.content.replies[reply].text[chat.language], **facts)

    def button(self, chat: Chat, name: str, *data: object) -> Button:
        """A button for staff that carries `data`."""
        return Button(self.content.buttons[name].label[chat.language], ":".join([PRESS, *map(str, data)]))

    def opening(self, chat: Chat, public_url: str, path: str) -> tuple[Button, ...]:
        """The button that opens the console at `path`; none where the console has no address that a phone may open."""
        if not public_url.startswith("https://"):
            return ()
        return (Button(self.content.buttons["open"].label[chat.language], "", f"{public_url.rstrip('/')}{path}"),)

    def who(self, chat: Chat, whom: Sequence[Whom]) -> str:
        """Whom a case is about: name, operation and day; of several in one chat all names; of a stranger so."""
        if not whom:
            return self.words(chat, "staff-stranger", channel=chat.channel)
        if len(whom) > 1:
            return self.words(chat, "staff-who-several", names=", ".join(one.name for one in whom))
        one = whom[0]
        journey = self.content.journeys.get(one.journey)
        operation = journey.short[chat.language] if journey else one.journey
        day = one.day(self.now)
        if day < 0:
            return self.words(chat, "staff-who-before", name=one.name, operation=operation, days=-day)
        return self.words(chat, "staff-who", name=one.name, operation=operation, day=day)

    def phones(self, chat: Chat, whom: Sequence[Whom]) -> str:
        """The number to call, or that none is known."""
        known = dict.fromkeys(one.phone for one in whom if one.phone)
        return ", ".join(known) if known else self.words(chat, "staff-no-phone")


def quoted(text: str | None, longest: int = LONGEST_QUOTE) -> str:
    """What somebody wrote, short enough to stand in one message; UNREADABLE if it cannot be opened."""
    if text is None:
        return UNREADABLE
    return text if len(text) <= longest else f"{text[:longest]} …"


def clock(instant: datetime, whom: Sequence[Whom]) -> str:
    """A local time as HH:MM, in the zone of whom it is about."""
    return f"{instant.astimezone(ZoneInfo(whom[0].zone if whom else HOME_ZONE)):%H:%M}"


def spoken(whom: Sequence[Whom], text: str | None) -> str:
    """The language for somebody who has chosen none: of their plan, else the one they wrote in."""
    return whom[0].language if whom else detect(text or "")


def _end_of_quiet(content: Content, now: datetime) -> datetime:
    """When the quiet hours that `now` lies in end, UTC."""
    here = now.astimezone(ZoneInfo(HOME_ZONE))
    ends = clock_time(content.defaults.slots.quiet_until)
    day = here.date() if here.time() < ends else here.date() + timedelta(days=1)
    return datetime.combine(day, ends, ZoneInfo(HOME_ZONE)).astimezone(UTC)
