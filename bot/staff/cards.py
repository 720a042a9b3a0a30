"""The card a patient takes home: QR and code of their link, and in two languages what to do with them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import segno
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import channel_state
from content.loader import Content
from scheduler import links
from scheduler.enrolments import EnrolmentView
from scheduler.errors import NotFoundError
from scheduler.rendering import local_date
from scheduler.store.tables import enrolment, recipient

TELEGRAM = "telegram"
LANGUAGES = ("hi", "en")

WORDS = {
    "not opened": "Not connected yet",
    "opened": "Opened on a phone, but not finished yet",
    "used": "Connected",
    "locked": "Locked after three wrong answers: make a new card",
    "expired": "The card has expired: make a new card",
    "revoked": "A newer card was made: this one does not work any more",
    "none": "No card was made yet",
}
"""The state of a link as staff read it."""

WAITING = "Connected, waiting for a yes to reminders"

_SCALE = 9
"""Pixels a module of the PNG."""
_QUIET_ZONE = 4
"""Light modules around the square; scanners need four (ISO/IEC 18004)."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the card."""

    language: str
    lead: str
    steps: tuple[str, ...]
    by_code: str
    """What stands over the code."""
    one_phone: str
    help: str
    until: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card, ready to be shown and printed. Its token and code are known only now."""

    enrolment_id: int
    link_id: int
    name: str
    hospital: str
    code: str
    url: str
    """The deep link; empty where no messenger is set up."""
    qr: str
    """The deep link as a picture (data URI of an SVG); empty like `url`."""
    username: str
    """The bot's name on Telegram, without @."""
    sides: tuple[Side, ...]
    """The patient's language first."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How far a patient has come with connecting."""

    connected: bool
    state: str
    """not opened, opened, used, locked, expired, revoked; none without a link."""
    words: str

    @property
    def waits(self) -> bool:
        """Whether a card is out that works, and nobody has connected by it yet."""
        return not self.connected and self.state in ("not opened", "opened")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A link that was just issued: what is on the card and nowhere else."""

    link_id: int
    token: str
    code: str
    expires_at: datetime


def deep_link(username: str, token: str) -> str:
    """The address that opens the bot's chat with the token (Telegram: up to 64 of A-Z a-z 0-9 _ -)."""
    return f"https://t.me/{username}?start={token}"


def qr(address: str) -> str:
    """`address` as a QR code, error level M at least: an SVG without a size of its own, in a data URI."""
    made: str = segno.make(address, error="m", micro=False).svg_data_uri(
        border=_QUIET_ZONE, light="#fff", omitsize=True
    )
    return made


def qr_png(address: str) -> bytes:
    """`address` as a QR code for a chat: a PNG of some 400 pixels, which a phone scans from another phone."""
    made = io.BytesIO()
    segno.make(address, error="m", micro=False).save(made, kind="png", scale=_SCALE, border=_QUIET_ZONE)
    return made.getvalue()


def card(content: Content, view: EnrolmentView, ticket: Ticket, username: str | None) -> Card:
    """The card of `view` for a link that was just issued; without a `username` it bears the code alone."""
    url = deep_link(username, ticket.token) if username else ""
    order = sorted(LANGUAGES, key=lambda language: language != view.language)
    return Card(
        enrolment_id=view.id,
        link_id=ticket.link_id,
        name=view.name,
        hospital=str(content.clinic["hospital_name"]),
        code=ticket.code,
        url=url,
        qr=qr(url) if url else "",
        username=username or "",
        sides=tuple(_side(content, view, ticket, language, scanned=bool(url)) for language in order),
    )


def _side(content: Content, view: EnrolmentView, ticket: Ticket, language: str, *, scanned: bool) -> Side:
    def said(reply: str) -> str:
        return content.fill(content.replies[f"card-{reply}"].text[language])

    begin = ("scan", "open", "start") if scanned else ("code-first", "type-code", "language")
    until = local_date(ticket.expires_at.astimezone(ZoneInfo(view.zone)).date(), language)
    return Side(
        language=language,
        lead=said("lead"),
        steps=tuple(said(reply) for reply in (*begin, "year" if view.year_of_birth else "surgery-day")),
        by_code=said("no-camera") if scanned else "",
        one_phone=said("one-phone"),
        help=said("help"),
        until=f"{said('until')}: {until}",
    )


async def telegram_name(conn: AsyncConnection) -> str | None:
    """The bot's name on Telegram, once the channel has come up."""
    found: str | None = await conn.scalar(select(channel_state.c.username).where(channel_state.c.channel == TELEGRAM))
    return found or None


async def connection(conn: AsyncConnection, enrolment_id: int, now: datetime, link_id: int | None = None) -> Connection:
    """Whether the patient is connected; with `link_id`, whether they are since this card was made.

    Raises NotFoundError.
    """
    row = (
        await conn.execute(
            select(enrolment.c.joined_at, recipient.c.since)
            .outerjoin(
                recipient,
                (recipient.c.enrolment_id == enrolment.c.id)
                & recipient.c.until.is_(None)
                & (recipient.c.role == "patient"),
            )
            .where(enrolment.c.id == enrolment_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such patient.")
    card = await links.newest(conn, enrolment_id, link_id=link_id)
    if row.since is not None and (link_id is None or card is None or row.since >= card.created_at):
        return Connection(True, "used", WORDS["used"] if row.joined_at else WAITING)
    state: str = card.state(now) if card else "none"
    return Connection(False, state, WORDS[state])
