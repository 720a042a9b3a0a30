"""Enrolling from a linked chat: the same saving as the console's form, then what staff pass on to the patient."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.staff import cards, saving
from bot.staff.access import Permission
from bot.staff.cards import Ticket
from bot.staff.chats import Here
from bot.staff.saving import Alike
from scheduler import enrolments
from scheduler.enrolments import EnrolmentView, NewEnrolment
from scheduler.errors import BadRequestError
from scheduler.policy import REPLY
from scheduler.rendering import local_date


async def enrol(here: Here, asked: NewEnrolment, nonce: str, mark: int, *, another: bool) -> None:
    """Enrol once, and say so with the link and its QR; or say what hinders it. `mark`: of what staff were shown."""
    staff = await here.allowed(Permission.ENROL)
    if staff is None:
        return
    args = here.conn, here.keys, here.teller.content, asked, here.now
    try:
        saved = await saving.save(*args, nonce=nonce, staff_id=staff.id, another=another, by="chat")
    except BadRequestError as error:
        await here.say("staff-enrol-again", problem=str(error))
        return
    if isinstance(saved, Alike):
        buttons = [here.teller.button(here.chat, name, name, n) for name, n in _answers(mark)]
        await here.say("staff-enrol-alike", *buttons, name=saved.view.name)
    elif saved.ticket is None:
        await here.say("staff-enrolled-connected")
    else:
        view = await enrolments.view(here.conn, here.keys, saved.enrolment_id)
        await _hand_out(here, view, saved.ticket)


def _answers(mark: int) -> tuple[tuple[str, int], ...]:
    return (("enrol-another", mark), ("enrol-cancel", 0))


async def _hand_out(here: Here, view: EnrolmentView, ticket: Ticket) -> None:
    """Two messages: one for staff, and one to forward, in the patient's language and with nothing about the illness."""
    until = local_date(ticket.expires_at.astimezone(ZoneInfo(view.zone)).date(), here.chat.language)
    opening = here.teller.opening(here.chat, here.public_url, f"/patients/{view.id}")
    await here.say("staff-enrolled", *opening, name=view.name, code=ticket.code, until=until)
    username = await cards.telegram_name(here.conn)
    link = cards.deep_link(username, ticket.token) if username else ""
    patients = replace(here.chat, language=view.language)
    reply = "enrol-forward" if link else "enrol-forward-code"
    text = here.teller.words(patients, reply, code=ticket.code, **({"link": link} if link else {}))
    await here.teller.say(here.chat, REPLY, text, picture=cards.qr_png(link) if link else None)
