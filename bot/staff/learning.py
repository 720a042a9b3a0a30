"""What Saathi should learn from an answered question: a further phrasing of an answer, or the draft of a new one.

Nothing of it is used before a clinician has read it and put it into `content/`: here it is kept, without names and
numbers, and handed out by `saathi content drafts`. Each function works in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.faq import talks_of
from bot.language import detect
from bot.staff import accounts, trail
from bot.staff.accounts import Staff
from bot.staff.masking import masked
from bot.store.tables import faq_draft, question
from bot.store.whom import UNREADABLE, about, opened
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.store.statements import insert_one
from scheduler.store.types import AnyRow

LONGEST_PHRASING = 200
LONGEST_REPLY = 1500
ALIKE = 0.6
"""Two questions are alike if they share so much of what the shorter one talks about, and at least two things of it."""
MOST_COMPARED = 200
"""So many of the newest questions are looked through for like ones."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was saved from one question."""

    question_id: int
    faq: str | None
    """The answer it is a further phrasing of; nothing: a new answer is proposed."""
    phrasing: str
    language: str
    """Of the phrasing: en, hi or hi-Latn."""
    reply: str | None
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready to be learnt from."""

    id: int
    enrolment_id: int | None
    state: str
    text: str
    """Names and numbers taken out; empty if it cannot be read."""
    names: tuple[str, ...]
    """What is taken out of every text about it."""
    lesson: Lesson | None


async def look(conn: AsyncConnection, keys: KeyRing, question_id: int) -> Asked:
    """The question with what was saved from it. Raises NotFoundError."""
    row = await _row(conn, question_id)
    names = await _names(conn, keys, row)
    text = opened(keys, "question.text", row.text) or ""
    kept = await lessons(conn, keys, [question_id])
    return Asked(row.id, row.enrolment_id, row.state, masked(text, names), names, kept[0] if kept else None)


async def save(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    question_id: int,
    staff: Staff,
    now: datetime,
    *,
    faq: str | None,
    phrasing: str,
    reply: str = "",
    clean: bool,
) -> None:
    """Keep a phrasing for the answer `faq`, or with `reply` a proposal for a new answer, in place of an earlier one.

    `clean`: staff have looked and say that nothing personal is in it; names and numbers we know are taken out besides.
    Raises BadRequestError, NotFoundError.
    """
    asked = await look(conn, keys, question_id)
    if asked.state != "answered":
        raise BadRequestError("Answer the question first.")
    if not clean:
        raise BadRequestError("Read it once more, and tick that it contains nothing personal.")
    if faq is not None and faq not in content.faq:
        raise BadRequestError("Choose the answer it belongs to, or a new answer.")
    said = _checked(phrasing, asked.names, "question", LONGEST_PHRASING)
    answered = None if faq is not None else _checked(reply, asked.names, "answer", LONGEST_REPLY)
    values = {
        "faq": faq,
        "phrasing": keys.seal("faq_draft.phrasing", said),
        "language": detect(said),
        "reply": keys.seal("faq_draft.reply", answered) if answered else None,
        "created_at": now,
        "created_by": staff.id,
    }
    if asked.lesson is None:
        await insert_one(conn, faq_draft, question_id=question_id, **values)
    else:
        await conn.execute(update(faq_draft).where(faq_draft.c.question_id == question_id).values(values))
    who, what = trail.actor(staff.id), faq or "new answer"
    await trail.note(conn, who, "question saved to learn", now, asked.enrolment_id, question=question_id, answer=what)


async def take_back(conn: AsyncConnection, question_id: int, staff: Staff, now: datetime) -> None:
    """Forget what was saved from a question. Raises NotFoundError."""
    row = await _row(conn, question_id)
    gone = await conn.execute(delete(faq_draft).where(faq_draft.c.question_id == question_id))
    if not gone.rowcount:
        raise NotFoundError("Nothing was saved from this question.")
    who = trail.actor(staff.id)
    await trail.note(conn, who, "question no longer to learn", now, row.enrolment_id, question=question_id)


async def lessons(conn: AsyncConnection, keys: KeyRing, question_ids: Collection[int] | None = None) -> list[Lesson]:
    """What was saved, oldest first, of some questions or of all; what no key opens is left out."""
    query = select(faq_draft).order_by(faq_draft.c.id)
    if question_ids is not None:
        query = query.where(faq_draft.c.question_id.in_(sorted(question_ids)))
    found = []
    for row in await conn.execute(query):
        phrasing = opened(keys, "faq_draft.phrasing", row.phrasing)
        if phrasing is not None:
            reply = opened(keys, "faq_draft.reply", row.reply)
            found.append(Lesson(row.question_id, row.faq, phrasing, row.language, reply, row.created_at))
    return found


async def alike(conn: AsyncConnection, keys: KeyRing, shown: Sequence[str]) -> list[int]:
    """For each text that is shown, how many other questions of late were about the same."""
    rows = await conn.scalars(select(question.c.text).order_by(question.c.id.desc()).limit(MOST_COMPARED))
    every = [talks_of(opened(keys, "question.text", blob) or "") for blob in rows]
    return [_count(talks_of(text) if text != UNREADABLE else frozenset(), every) for text in shown]


def _count(mine: frozenset[str], every: Sequence[frozenset[str]]) -> int:
    """How many besides itself, which is among them if it is one of the newest."""
    near = sum(_near(mine, other) for other in every)
    return near - 1 if mine and mine in every else near


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return bool(one) and (one == other or (common > 1 and common >= ALIKE * min(len(one), len(other))))


def _checked(text: str, names: Collection[str], what: str, longest: int) -> str:
    said = masked(" ".join(text.split()), names)
    if not any(letter.isalpha() for letter in said):
        raise BadRequestError(f"Write the {what}.")
    if len(said) > longest:
        raise BadRequestError(f"The {what} is too long: at most {longest} letters.")
    return said


async def _names(conn: AsyncConnection, keys: KeyRing, row: AnyRow) -> tuple[str, ...]:
    patients = [one.name for one in await about(conn, keys, row.enrolment_id, row.address_id)]
    staff = [one.name for one in await accounts.everybody(conn, keys)]
    return tuple(name for name in (*patients, *staff) if name not in (UNREADABLE, accounts.UNREADABLE))


async def _row(conn: AsyncConnection, question_id: int) -> AnyRow:
    row = (await conn.execute(select(question).where(question.c.id == question_id))).one_or_none()
    if row is None:
        raise NotFoundError("There is no such question.")
    return row
