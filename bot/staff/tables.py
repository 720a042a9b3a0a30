"""The tables of staff: accounts, sessions, one-time links, and what they are told.

They live on the scheduler's metadata, so that one migration history holds all. Names and logins are sealed
(`scheduler/crypto.py`) under the column's name, `staff_member.name` for instance; tokens are stored as keyed hashes.
Instants are UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Time,
    UniqueConstraint,
    text,
)

from scheduler.store.tables import metadata
from scheduler.store.types import Id, Instant

staff_member = Table(
    "staff_member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", LargeBinary, nullable=False, comment="As patients read it: 'Dr Example', 'Sister Example'."),
    Column("login", LargeBinary, nullable=False),
    Column("login_hash", LargeBinary(32), nullable=False, unique=True),
    Column("role", String(12), nullable=False, comment="nurse, clinician, admin, auditor"),
    Column("password", String(200), comment="Argon2id hash; nothing until the invitation was used."),
    Column("address_id", Id, ForeignKey("address.id"), unique=True, comment="Their own linked chat."),
    Column("linked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column(
        "canary",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="The daily test message goes to their chat.",
    ),
    comment="Somebody who works here.",
)

staff_token = Table(
    "staff_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False, index=True),
    Column("purpose", String(12), nullable=False, comment="invitation (choose a password), chat (link a chat)"),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    comment="A single-use token for a member of staff.",
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False, index=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="The last request; long ago ends the session."),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    comment="A browser that is logged in.",
)

login_try = Table(
    "login_try",
    metadata,
    Column("key_hash", LargeBinary(32), primary_key=True, comment="Of an account, or of a network address."),
    Column("failures", Integer, nullable=False, comment="In a row."),
    Column("last_at", Instant, nullable=False),
    Column("closed_until", Instant, comment="No try before this."),
    comment="Failed logins, so that guessing becomes slow.",
)

alert_notice = Table(
    "alert_notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id"), nullable=False, index=True),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column(
        "lap",
        Integer,
        nullable=False,
        server_default=text("1"),
        comment="Which run of the clock: a graver sign starts a new one.",
    ),
    Column(
        "round",
        Integer,
        nullable=False,
        server_default=text("1"),
        comment="The how-manieth time this member was told in this lap.",
    ),
    comment="One member of staff was told of one alert.",
)
Index(
    "uq_alert_notice_round",
    alert_notice.c.alert_id,
    alert_notice.c.staff_id,
    alert_notice.c.lap,
    alert_notice.c.round,
    unique=True,
)

alert_truth = Table(
    "alert_truth",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id"), nullable=False),
    Column("address_id", Id, ForeignKey("address.id"), nullable=False),
    Column("what", String(12), nullable=False, comment="unanswered, waits (for the morning)"),
    Column("lap", Integer, nullable=False),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("alert_id", "address_id", "what", "lap"),
    comment="What a patient was told while nobody had answered an alert, once each.",
)

rota_shift = Table(
    "rota_shift",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False, index=True),
    Column("weekday", Integer, nullable=False, comment="On which it begins, local: 0 Monday to 6 Sunday."),
    Column("starts", Time, nullable=False, comment="Local."),
    Column("ends", Time, nullable=False, comment="Local; not after `starts`: on the next day."),
    Column("place", Integer, nullable=False, comment="1 is told first, 2 is the backup, and so on."),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("staff_id", "weekday", "starts", "ends"),
    comment="Weekly hours in which somebody is on call.",
)

rota_change = Table(
    "rota_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first_on", Date, nullable=False, comment="Local days, both included."),
    Column("last_on", Date, nullable=False),
    Column("away_id", Id, ForeignKey("staff_member.id"), comment="Who is away; nobody: a holiday for everybody."),
    Column("instead_id", Id, ForeignKey("staff_member.id"), comment="Who takes over; nobody: the others of the rota."),
    Column("created_at", Instant, nullable=False),
    comment="Days on which the weekly hours do not hold.",
)
Index("ix_rota_change_last", rota_change.c.last_on)

staff_digest = Table(
    "staff_digest",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False),
    Column("day", Date, nullable=False, comment="Local."),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("staff_id", "day"),
    comment="The list of the day was sent to a member of staff.",
)

canary = Table(
    "canary",
    metadata,
    Column("id", Id, primary_key=True),
    Column("day", Date, nullable=False, unique=True, comment="Local: one a day."),
    Column("staff_id", Id, ForeignKey("staff_member.id"), nullable=False),
    Column("message_id", Id, ForeignKey("message.id"), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("late_at", Instant, nullable=False, comment="Not arrived by then: something on the way is broken."),
    comment="The daily test message to a staff chat; its delivery stands in its message.",
)

staff_notice = Table(
    "staff_notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(24), nullable=False, comment="link-locked, link-reused, link-forwarded"),
    Column("enrolment_id", Id, ForeignKey("enrolment.id"), index=True),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("done_by", Id, ForeignKey("staff_member.id")),
    comment="Something staff should look at that is no alert.",
)
Index(
    "uq_staff_notice_open",
    staff_notice.c.kind,
    staff_notice.c.enrolment_id,
    unique=True,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)
Index(
    "ix_staff_notice_open",
    staff_notice.c.created_at,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)
