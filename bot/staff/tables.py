"""The tables of staff: accounts, sessions, one-time links, and what they are told.

They live on the scheduler's metadata, so that one migration history holds all. Names and logins are sealed
(`scheduler/crypto.py`) under the column's name, `staff_member.name` for instance; tokens are stored as keyed hashes.
Instants are UTC.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

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
    comment="One member of staff was told of one alert.",
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
    "ix_staff_notice_open",
    staff_notice.c.created_at,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)
