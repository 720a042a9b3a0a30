"""The scheduler's tables.

Names, phones, addresses, texts and tokens are sealed (`scheduler/crypto.py`): a `LargeBinary` column named after what
it holds, and where it must be found again a `*_hash` column with its keyed hash. Instants are UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Time,
    UniqueConstraint,
    text,
)

from scheduler.store.types import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("phone", LargeBinary),
    Column("phone_hash", LargeBinary(32), index=True),
    Column("year_of_birth", LargeBinary),
    Column("created_at", Instant, nullable=False),
    comment="Somebody with an internal id; never keyed on a phone number.",
)

address = Table(
    "address",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("value_hash", LargeBinary(32), nullable=False),
    Column("language", String(8), comment="Chosen in this chat; nothing until asked."),
    Column("blocked_at", Instant, comment="Since when the provider says this person cannot be reached here."),
    Column("stopped_at", Instant, comment="STOP was said here; only START clears it."),
    Column("last_inbound_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "value_hash"),
    comment="One way to reach people on one channel.",
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("journey", String(40), nullable=False),
    Column("surgery_on", Date, nullable=False, comment="Local day of surgery: day 0."),
    Column("surgery_time", Time, comment="Local; nothing if not known."),
    Column("discharge_on", Date),
    Column("zone", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("morning", Time, nullable=False),
    Column("evening", Time, nullable=False),
    Column("state", String(12), nullable=False, comment="invited, active, paused, ended"),
    Column("state_reason", String(80)),
    Column("paused_until", Instant),
    Column(
        "late_choices",
        JSON,
        nullable=False,
        comment="Staff's choice for past steps: step id or topic -> skip, send, fold.",
    ),
    Column("joined_at", Instant, comment="When the patient agreed; steps before it count as late."),
    Column("plan_version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("request", String(40), comment="The form that made it: the same one twice makes one enrolment."),
    comment="One surgery of one patient.",
)
Index("uq_enrolment_request", enrolment.c.request, unique=True)

recipient = Table(
    "recipient",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("role", String(12), nullable=False, comment="patient or caregiver"),
    Column("since", Instant, nullable=False),
    Column("until", Instant, comment="Set when replaced or removed."),
    comment="Who gets the messages of an enrolment, and where.",
)
Index(
    "ix_recipient_here",
    recipient.c.address_id,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)
Index(
    "ix_recipient_current",
    recipient.c.enrolment_id,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)
Index(
    "uq_recipient_patient",
    recipient.c.enrolment_id,
    unique=True,
    sqlite_where=text("until IS NULL AND role = 'patient'"),
    postgresql_where=text("until IS NULL AND role = 'patient'"),
)

consent = Table(
    "consent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False),
    Column("purpose", String(20), nullable=False, comment="reminders, sharing"),
    Column("version", String(40), nullable=False, comment="Version of the notice that was shown."),
    Column("language", String(8), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_how", String(40)),
    comment="One yes to one notice for one purpose, and its end.",
)
Index(
    "uq_consent_current",
    consent.c.enrolment_id,
    consent.c.person_id,
    consent.c.purpose,
    unique=True,
    sqlite_where=text("withdrawn_at IS NULL"),
    postgresql_where=text("withdrawn_at IS NULL"),
)

medicine_time = Table(
    "medicine_time",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False, index=True),
    Column("at", Time, nullable=False, comment="Local time of day."),
    Column("first_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("label", LargeBinary, comment="Names, only if staff typed them."),
    Column("at_night", Boolean, nullable=False, comment="The patient agreed to be reminded inside quiet hours."),
    comment="A medicine time as staff copied it from the prescription.",
)

link = Table(
    "link",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False, index=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(12), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("opened_by", Id, ForeignKey("address.id"), comment="The chat that opened it; nobody else may."),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
    comment="The single-use token behind a QR or deep link, and its short typed code.",
)

reminder = Table(
    "reminder",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False),
    Column("step", String(40), nullable=False, comment="Step of the journey, or 'medicine'."),
    Column(
        "occurrence", String(40), nullable=False, comment="Which one: 'day 3', or the local minute of a medicine time."
    ),
    Column("topic", String(12), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(12), nullable=False, comment="planned, held, released, skipped, folded, expired, cancelled"),
    Column("reason", String(80)),
    Column("late", String(4), comment="What was chosen because it was past when the patient joined: skip, send, fold."),
    Column("folded_into", Id, ForeignKey("reminder.id"), index=True, comment="Sent as part of this one."),
    Column("plan_version", Integer, nullable=False),
    UniqueConstraint("enrolment_id", "step", "occurrence"),
    comment="The row of an occurrence: one step at one local time for one enrolment.",
)
Index(
    "ix_reminder_due",
    reminder.c.due_at,
    sqlite_where=text("state = 'planned'"),
    postgresql_where=text("state = 'planned'"),
)
Index(
    "ix_reminder_held",
    reminder.c.expires_at,
    sqlite_where=text("state = 'held'"),
    postgresql_where=text("state = 'held'"),
)

dose = Table(
    "dose",
    metadata,
    Column("id", Id, primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), nullable=False, index=True),
    Column("occurrence", String(40), nullable=False, comment="The medicine time it is about: its local minute."),
    Column("said", String(8), nullable=False, comment="taken, later, skipped"),
    Column("said_at", Instant, nullable=False),
    Column("again_at", Instant, comment="Of 'later': when the reminder comes back."),
    comment="What was said about a medicine time. Rows are added, never changed; the last one counts.",
)

message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("recipient_id", Id, ForeignKey("recipient.id")),
    Column("reminder_id", Id, ForeignKey("reminder.id")),
    Column("kind", String(12), nullable=False, comment="Class: alert, reply, staff, or the topic of a step."),
    Column("priority", Integer, nullable=False, comment="0 first."),
    Column("ready_at", Instant, nullable=False, comment="Not before this."),
    Column("expires_at", Instant, comment="Not after this; replies and alerts have no limit."),
    Column("state", String(12), nullable=False, comment="queued, sending, sent, failed, expired, cancelled, unknown"),
    Column("reason", String(120)),
    Column("tries", Integer, nullable=False),
    Column("lease", String(36), comment="Fencing token of the worker that claimed it."),
    Column("lease_until", Instant),
    Column("holds_until", Instant, comment="Until then nothing else leaves to this address, urgent things apart."),
    Column("body", LargeBinary, comment="Text and buttons as sent; reminders get theirs at the moment of sending."),
    Column("content_version", String(16), comment="Version of the content the text was rendered from."),
    Column("provider_id", String(200)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    comment="The outbox: one message to one address.",
)
Index(
    "ix_message_queue",
    message.c.channel,
    message.c.priority,
    message.c.ready_at,
    message.c.id,
    sqlite_where=text("state = 'queued'"),
    postgresql_where=text("state = 'queued'"),
)
Index(
    "ix_message_leased",
    message.c.lease_until,
    sqlite_where=text("state = 'sending'"),
    postgresql_where=text("state = 'sending'"),
)
Index("ix_message_holds", message.c.address_id, message.c.holds_until)
Index(
    "uq_message_reminder",
    message.c.reminder_id,
    message.c.address_id,
    unique=True,
    sqlite_where=text("reminder_id IS NOT NULL AND state <> 'cancelled'"),
    postgresql_where=text("reminder_id IS NOT NULL AND state <> 'cancelled'"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False, index=True),
    Column("lease", String(36), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String(12), nullable=False, comment="started, sent, not_sent, refused, unknown"),
    Column(
        "code", String(60), comment="The provider's or our own short name of what went wrong; never text of a message."
    ),
    comment="One call to a provider; committed before the call.",
)

channel_gate = Table(
    "channel_gate",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("next_slot_at", Instant, nullable=False, comment="The next free sending slot of all workers together."),
    Column("closed_until", Instant, comment="The provider asked everybody to wait, or the channel is halted."),
    Column("reason", String(80)),
    comment="One row a channel: the sending slots that all workers share.",
)
