"""Saving an enrolment once, and who is already there with the same phone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import cards, trail
from bot.staff.cards import Ticket
from content.loader import Content
from scheduler import enrolments, links, people
from scheduler.crypto import KeyRing
from scheduler.enrolments import EnrolmentView, NewEnrolment

NEAR = timedelta(days=45)
"""Two operations of one phone's owner are seldom closer: then it is probably the same one, entered twice."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A patient who is already there and may be the same."""

    view: EnrolmentView
    same: bool
    """Phone, procedure and day of surgery are all equal."""


@dataclass(frozen=True, slots=True)
class Saved:
    """An enrolment that was made, by this form or by the same form earlier."""

    enrolment_id: int
    ticket: Ticket | None
    """Nothing if the patient is connected already and needs no card."""
    new: bool


async def alike(conn: AsyncConnection, keys: KeyRing, asked: NewEnrolment) -> tuple[Alike, ...]:
    """Patients with the same phone whose surgery is near, the surest first; ended ones too."""
    if not asked.phone:
        return ()
    found = await enrolments.with_phone(conn, keys, people.normal_phone(asked.phone))
    near = [view for view in found if abs(view.surgery_on - asked.surgery_on) <= NEAR]
    judged = [Alike(view, is_same(view, asked)) for view in near]
    return tuple(sorted(judged, key=lambda one: (not one.same, -one.view.id)))


def is_same(view: EnrolmentView, asked: NewEnrolment) -> bool:
    """Whether both are the same operation; the phone was compared before."""
    return view.journey == asked.journey and view.surgery_on == asked.surgery_on


async def save(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    asked: NewEnrolment,
    now: datetime,
    *,
    nonce: str,
    staff_id: int,
    another: bool = False,
    by: str = "form",
) -> Saved | Alike:
    """Enrol, with a line in the audit trail. A form that did so before makes no second one, only a fresh card.

    If the same operation is already there, nothing is stored and it is returned, unless staff say that this is
    `another` patient. `by`, for the trail: form or chat. Raises BadRequestError; IntegrityError if the same form is
    being saved at this moment.
    """
    request = _request_id(keys, nonce, asked)
    earlier = await enrolments.by_request(conn, request)
    if earlier is not None:
        return await _again(conn, keys, earlier, now, staff_id)
    known = await alike(conn, keys, asked)
    if known and known[0].same and not another:
        return known[0]
    enrolled = await enrolments.enrol(conn, keys, content, replace(asked, request=request), now)
    who = trail.actor(staff_id)
    await trail.note(conn, who, "enrolled", now, enrolled.enrolment_id, link=enrolled.link_id, by=by)
    ticket = Ticket(enrolled.link_id, enrolled.token, enrolled.code, enrolled.expires_at)
    return Saved(enrolled.enrolment_id, ticket, new=True)


async def new_card(conn: AsyncConnection, keys: KeyRing, enrolment_id: int, now: datetime, staff_id: int) -> Ticket:
    """A fresh link in place of those that are not used yet, with a line in the audit trail."""
    issued = await links.issue(conn, keys, enrolment_id, now)
    await trail.note(conn, trail.actor(staff_id), "card made", now, enrolment_id, link=issued.link_id)
    return Ticket(issued.link_id, issued.token, issued.code, issued.expires_at)


async def _again(conn: AsyncConnection, keys: KeyRing, enrolment_id: int, now: datetime, staff_id: int) -> Saved:
    if (await cards.connection(conn, enrolment_id, now)).connected:
        return Saved(enrolment_id, None, new=False)
    return Saved(enrolment_id, await new_card(conn, keys, enrolment_id, now, staff_id), new=False)


def _request_id(keys: KeyRing, nonce: str, asked: NewEnrolment) -> str:
    """Names this form with this content: who goes back and types the next patient into it enrols the next patient."""
    return keys.hash("enrolment.request", f"{nonce} {asked!r}").hex()[:40]
