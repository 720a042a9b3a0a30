"""Who, when and what leaves: the tables of `scheduler/store/tables.py`.

Every name is spelt out, so that later migrations can refer to it on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "address",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), comment="Chosen in this chat; nothing until asked."),
        sa.Column(
            "blocked_at", types.Instant(), comment="Since when the provider says this person cannot be reached here."
        ),
        sa.Column("stopped_at", types.Instant(), comment="STOP was said here; only START clears it."),
        sa.Column("last_inbound_at", types.Instant()),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("channel", "value_hash", name="uq_address_channel_value_hash"),
        comment="One way to reach people on one channel.",
    )

    op.create_table(
        "channel_gate",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column(
            "next_slot_at",
            types.Instant(),
            nullable=False,
            comment="The next free sending slot of all workers together.",
        ),
        sa.Column(
            "closed_until", types.Instant(), comment="The provider asked everybody to wait, or the channel is halted."
        ),
        sa.Column("reason", sa.String(length=80)),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_gate"),
        comment="One row a channel: the sending slots that all workers share.",
    )

    op.create_table(
        "person",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary()),
        sa.Column("phone_hash", sa.LargeBinary(length=32)),
        sa.Column("year_of_birth", sa.LargeBinary()),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        comment="Somebody with an internal id; never keyed on a phone number.",
    )
    op.create_index("ix_person_phone_hash", "person", ["phone_hash"])

    op.create_table(
        "enrolment",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("journey", sa.String(length=40), nullable=False),
        sa.Column("surgery_on", sa.Date(), nullable=False, comment="Local day of surgery: day 0."),
        sa.Column("surgery_time", sa.Time(), comment="Local; nothing if not known."),
        sa.Column("discharge_on", sa.Date()),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("morning", sa.Time(), nullable=False),
        sa.Column("evening", sa.Time(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="invited, active, paused, ended"),
        sa.Column("state_reason", sa.String(length=80)),
        sa.Column("paused_until", types.Instant()),
        sa.Column(
            "late_choices",
            sa.JSON(),
            nullable=False,
            comment="Staff's choice for past steps: step id or topic -> skip, send, fold.",
        ),
        sa.Column("joined_at", types.Instant(), comment="When the patient agreed; steps before it count as late."),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_enrolment_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        comment="One surgery of one patient.",
    )
    op.create_index("ix_enrolment_person_id", "enrolment", ["person_id"])

    op.create_table(
        "consent",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False, comment="reminders, sharing"),
        sa.Column("version", sa.String(length=40), nullable=False, comment="Version of the notice that was shown."),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("given_at", types.Instant(), nullable=False),
        sa.Column("withdrawn_at", types.Instant()),
        sa.Column("withdrawn_how", sa.String(length=40)),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_consent_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        comment="One yes to one notice for one purpose, and its end.",
    )
    op.create_index(
        "uq_consent_current",
        "consent",
        ["enrolment_id", "person_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )

    op.create_table(
        "link",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("opened_by", types.Id, comment="The chat that opened it; nobody else may."),
        sa.Column("used_at", types.Instant()),
        sa.Column("revoked_at", types.Instant()),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_link_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["opened_by"], ["address.id"], name="fk_link_opened_by_address"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("code_hash", name="uq_link_code_hash"),
        sa.UniqueConstraint("token_hash", name="uq_link_token_hash"),
        comment="The single-use token behind a QR or deep link, and its short typed code.",
    )
    op.create_index("ix_link_enrolment_id", "link", ["enrolment_id"])

    op.create_table(
        "medicine_time",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("at", sa.Time(), nullable=False, comment="Local time of day."),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("label", sa.LargeBinary(), comment="Names, only if staff typed them."),
        sa.Column(
            "at_night", sa.Boolean(), nullable=False, comment="The patient agreed to be reminded inside quiet hours."
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_medicine_time_enrolment_id_enrolment"),
        sa.PrimaryKeyConstraint("id", name="pk_medicine_time"),
        comment="A medicine time as staff copied it from the prescription.",
    )
    op.create_index("ix_medicine_time_enrolment_id", "medicine_time", ["enrolment_id"])

    op.create_table(
        "recipient",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("person_id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False, comment="patient or caregiver"),
        sa.Column("since", types.Instant(), nullable=False),
        sa.Column("until", types.Instant(), comment="Set when replaced or removed."),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_recipient_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_recipient_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_recipient_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_recipient"),
        comment="Who gets the messages of an enrolment, and where.",
    )
    op.create_index(
        "ix_recipient_current",
        "recipient",
        ["enrolment_id"],
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "ix_recipient_here",
        "recipient",
        ["address_id"],
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "uq_recipient_patient",
        "recipient",
        ["enrolment_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL AND role = 'patient'"),
        postgresql_where=sa.text("until IS NULL AND role = 'patient'"),
    )

    op.create_table(
        "reminder",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False, comment="Step of the journey, or 'medicine'."),
        sa.Column(
            "occurrence",
            sa.String(length=40),
            nullable=False,
            comment="Which one: 'day 3', or the local minute of a medicine time.",
        ),
        sa.Column("topic", sa.String(length=12), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="planned, held, released, skipped, folded, expired, cancelled",
        ),
        sa.Column("reason", sa.String(length=80)),
        sa.Column(
            "late",
            sa.String(length=4),
            comment="What was chosen because it was past when the patient joined: skip, send, fold.",
        ),
        sa.Column("folded_into", types.Id, comment="Sent as part of this one."),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_reminder_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["folded_into"], ["reminder.id"], name="fk_reminder_folded_into_reminder"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
        sa.UniqueConstraint("enrolment_id", "step", "occurrence", name="uq_reminder_enrolment_id_step_occurrence"),
        comment="The row of an occurrence: one step at one local time for one enrolment.",
    )
    op.create_index(
        "ix_reminder_due",
        "reminder",
        ["due_at"],
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_reminder_folded_into", "reminder", ["folded_into"])
    op.create_index(
        "ix_reminder_held",
        "reminder",
        ["expires_at"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )

    op.create_table(
        "message",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id),
        sa.Column("recipient_id", types.Id),
        sa.Column("reminder_id", types.Id),
        sa.Column(
            "kind", sa.String(length=12), nullable=False, comment="Class: alert, reply, staff, or the topic of a step."
        ),
        sa.Column("priority", sa.Integer(), nullable=False, comment="0 first."),
        sa.Column("ready_at", types.Instant(), nullable=False, comment="Not before this."),
        sa.Column("expires_at", types.Instant(), comment="Not after this; replies and alerts have no limit."),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="queued, sending, sent, failed, expired, cancelled, unknown",
        ),
        sa.Column("reason", sa.String(length=120)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=36), comment="Fencing token of the worker that claimed it."),
        sa.Column("lease_until", types.Instant()),
        sa.Column(
            "holds_until",
            types.Instant(),
            comment="Until then nothing else leaves to this address, urgent things apart.",
        ),
        sa.Column(
            "body", sa.LargeBinary(), comment="Text and buttons as sent; reminders get theirs at the moment of sending."
        ),
        sa.Column(
            "content_version", sa.String(length=16), comment="Version of the content the text was rendered from."
        ),
        sa.Column("provider_id", sa.String(length=200)),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("sent_at", types.Instant()),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_message_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_message_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name="fk_message_recipient_id_recipient"),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name="fk_message_reminder_id_reminder"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        comment="The outbox: one message to one address.",
    )
    op.create_index("ix_message_enrolment_id", "message", ["enrolment_id"])
    op.create_index("ix_message_holds", "message", ["address_id", "holds_until"])
    op.create_index(
        "ix_message_leased",
        "message",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_message_queue",
        "message",
        ["channel", "priority", "ready_at", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "uq_message_reminder",
        "message",
        ["reminder_id", "address_id"],
        unique=True,
        sqlite_where=sa.text("reminder_id IS NOT NULL AND state <> 'cancelled'"),
        postgresql_where=sa.text("reminder_id IS NOT NULL AND state <> 'cancelled'"),
    )

    op.create_table(
        "attempt",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("message_id", types.Id, nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant()),
        sa.Column("outcome", sa.String(length=12), nullable=False, comment="started, sent, not_sent, refused, unknown"),
        sa.Column(
            "code",
            sa.String(length=60),
            comment="The provider's or our own short name of what went wrong; never text of a message.",
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_attempt_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        comment="One call to a provider; committed before the call.",
    )
    op.create_index("ix_attempt_message_id", "attempt", ["message_id"])


def downgrade() -> None:
    """Drop the tables, and with them all they hold."""
    for table in (
        "attempt",
        "message",
        "reminder",
        "recipient",
        "medicine_time",
        "link",
        "consent",
        "enrolment",
        "person",
        "channel_gate",
        "address",
    ):
        op.drop_table(table)
