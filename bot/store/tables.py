"""The tables of talking: what came in, where each chat stands, what was found out.

They live on the scheduler's metadata, so that one migration history holds all. What people wrote, and the state of a
chat, are sealed (`scheduler/crypto.py`) under the column's name, `inbound.body` for instance. Instants are UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.staff.tables import staff_member
from scheduler.store.tables import metadata
from scheduler.store.types import Id, Instant

LARGE = "large"
"""Note on a column whose values may have megabytes: whoever goes through all rows takes few at once."""

inbound = Table(
    "inbound",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("event_id", String(200), nullable=False, comment="The provider's id; the same one twice has one effect."),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="Sealed JSON: [text, data, reply_to]."),
    Column("happened_at", Instant, nullable=False, comment="When the person did it."),
    Column("received_at", Instant, nullable=False),
    Column("state", String(12), nullable=False, comment="handled or quarantined"),
    Column("reason", String(120), comment="Why it was quarantined; never text of a message."),
    UniqueConstraint("channel", "event_id"),
    comment="Everything that came in, before anybody was told that it was received.",
)
Index("ix_inbound_address", inbound.c.address_id, inbound.c.id)

conversation = Table(
    "conversation",
    metadata,
    Column("address_id", Id, ForeignKey("address.id"), primary_key=True, autoincrement=False),
    Column("state", LargeBinary, comment="Sealed JSON: what was asked last, and which answers were offered."),
    Column("human_until", Instant, comment="Until then a human has the chat, and the bot is quiet but for red flags."),
    Column("updated_at", Instant, nullable=False),
    comment="Where the talk in one chat stands. Its row is the lock of the chat.",
)

alert = Table(
    "alert",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False, index=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("inbound_id", Id, ForeignKey("inbound.id")),
    Column("sign", String(4), nullable=False, comment="RF01 to RF99."),
    Column("tier", String(12), nullable=False, comment="emergency, same_day"),
    Column("rule", String(120), nullable=False, comment="What found it; never text of a message."),
    Column("words", LargeBinary, nullable=False, comment="What the person wrote or tapped."),
    Column("shared", Boolean, nullable=False, comment="Staff may see it: not if the patient said no to sharing."),
    Column("state", String(12), nullable=False, comment="open, acknowledged, closed"),
    Column("created_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("closed_at", Instant),
    Column("acknowledged_by", Id, ForeignKey(staff_member.c.id)),
    Column("closed_by", Id, ForeignKey(staff_member.c.id)),
    Column("outcome", String(20), comment="How it ended: called, seen, false_alarm, transferred."),
    Column("notified_at", Instant, comment="When the first message about it reached a member of staff."),
    Column("notified_to", Id, ForeignKey(staff_member.c.id), comment="Whom it reached."),
    Column("lap", Integer, nullable=False, server_default=text("1"), comment="A graver sign starts a new one."),
    Column("clock_at", Instant, comment="Since when the clock of this lap runs; nothing for cases older than it."),
    Column("due_at", Instant, comment="When the clock looks at it next; nothing once all is done that it does."),
    comment="A case opened for staff by a red flag.",
)
Index(
    "ix_alert_due",
    alert.c.due_at,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)
Index(
    "ix_alert_open",
    alert.c.created_at,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)

alert_report = Table(
    "alert_report",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id"), nullable=False, index=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False),
    Column("sign", String(4), nullable=False),
    Column("tier", String(12), nullable=False),
    Column("rule", String(120), nullable=False, comment="What found it; never text of a message."),
    Column("words", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    comment="A further red flag of the same patient while a case was open: it joined that case.",
)

confirmation = Table(
    "confirmation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False, index=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False, comment="What made us ask."),
    Column("sign", String(4), nullable=False),
    Column("tier", String(12), nullable=False, comment="Of the alert a yes, or silence, would open."),
    Column("rule", String(120), nullable=False, comment="What found it; never text of a message."),
    Column("words", LargeBinary, nullable=False, comment="What the person wrote."),
    Column("shared", Boolean, nullable=False, comment="Staff may see it."),
    Column("state", String(12), nullable=False, comment="waiting, yes, no, silent (it became an alert by itself)"),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, comment="Without an answer by then it becomes an alert."),
    Column("settled_at", Instant),
    comment="A yes or no question about a warning sign that was put to somebody.",
)
Index(
    "uq_confirmation_waiting",
    confirmation.c.address_id,
    confirmation.c.sign,
    unique=True,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_confirmation_due",
    confirmation.c.due_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False, index=True),
    Column("reminder_id", Id, ForeignKey("reminder.id"), nullable=False),
    Column("question", String(40), nullable=False),
    Column("value", String(40), nullable=False, comment="The number, or the id of the choice."),
    Column("corrected", Boolean, nullable=False, comment="It was another value before."),
    Column("answered_at", Instant, nullable=False),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False),
    UniqueConstraint("reminder_id", "question"),
    comment="One answer to one question of one check-in; the last one given.",
)

answer_before = Table(
    "answer_before",
    metadata,
    Column("id", Id, primary_key=True),
    Column("answer_id", Id, ForeignKey("answer.id"), nullable=False, index=True),
    Column("value", String(40), nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False),
    comment="What an answer was before it was corrected.",
)

question = Table(
    "question",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False, index=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False),
    Column("state", String(12), nullable=False, comment="open, answered, closed"),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Id, ForeignKey(staff_member.c.id)),
    Column("message_id", Id, ForeignKey("message.id"), comment="What staff answered."),
    comment="A question handed over to the care team.",
)
Index(
    "ix_question_open",
    question.c.created_at,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("faq", String(40), nullable=False, index=True),
    Column("helped", Boolean, nullable=False),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    comment="Whether an answer helped.",
)

picture = Table(
    "picture",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inbound_id", Id, ForeignKey("inbound.id"), nullable=False, unique=True),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False, index=True),
    Column(
        "enrolment_id",
        Id,
        ForeignKey("enrolment.id"),
        index=True,
        comment="Whom it is about; nothing in a chat that follows several.",
    ),
    Column("state", String(12), nullable=False, comment="waiting, kept, refused, lost"),
    Column("reason", String(40), comment="Why it was refused or lost, as one of our short names."),
    # One of the simulator holds the picture itself.
    Column("source", LargeBinary, comment="Where the provider has it; nothing once it is settled.", info={LARGE: True}),
    Column("content", LargeBinary, comment="The picture as JPEG without metadata, in base64.", info={LARGE: True}),
    Column("tries", Integer, nullable=False),
    Column("due_at", Instant, comment="When it is fetched, or tried again; nothing once it is settled."),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    comment="A picture somebody sent for the care team.",
)
Index(
    "ix_picture_due",
    picture.c.due_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

faq_draft = Table(
    "faq_draft",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question_id", Id, ForeignKey("question.id"), nullable=False, unique=True),
    Column("faq", String(40), comment="The answer it is a further phrasing of; nothing: a new answer is proposed."),
    Column("phrasing", LargeBinary, nullable=False, comment="The question, without names and numbers."),
    Column("language", String(8), nullable=False),
    Column("reply", LargeBinary, comment="What staff would have it answered with, likewise; only for a new answer."),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, ForeignKey(staff_member.c.id), nullable=False),
    comment="What an answered question should teach, once a clinician has put it into the content.",
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(60), nullable=False, comment="Who did it: 'chat:<address id>', 'staff:<id>', 'system'."),
    Column("action", String(60), nullable=False),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("detail", JSON, nullable=False, comment="Ids and short names; never a name, number or text of a person."),
    comment="What was done to whom. Rows are added, never changed.",
)

channel_state = Table(
    "channel_state",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("holder", String(36), comment="The process that polls, or looks after the webhook; one at a time."),
    Column("held_until", Instant, comment="Then another process may take over."),
    Column("username", String(64), comment="The bot's public name at the provider, for links."),
    Column("problem", String(120), comment="Why the channel cannot work now, for staff; nothing while it works."),
    Column("info", JSON, nullable=False, comment="What the provider tells about its side: numbers and short names."),
    Column("checked_at", Instant, comment="When the provider was last asked, or last refused to answer."),
    comment="How a channel stands, as far as the provider tells.",
)
