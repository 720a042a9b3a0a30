"""Staff, and how channels stand: the tables of `bot/staff/tables.py`, and who closed an alert or a question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and add the columns."""
    op.create_table(
        "staff_member",
        sa.Column("id", types.Id, nullable=False),
        sa.Column(
            "name", sa.LargeBinary(), nullable=False, comment="As patients read it: 'Dr Example', 'Sister Example'."
        ),
        sa.Column("login", sa.LargeBinary(), nullable=False),
        sa.Column("login_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False, comment="nurse, clinician, admin, auditor"),
        sa.Column("password", sa.String(length=200), comment="Argon2id hash; nothing until the invitation was used."),
        sa.Column("address_id", types.Id, comment="Their own linked chat."),
        sa.Column("linked_at", types.Instant()),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("disabled_at", types.Instant()),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_staff_member_address_id_address"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("login_hash", name="uq_staff_member_login_hash"),
        sa.UniqueConstraint("address_id", name="uq_staff_member_address_id"),
        comment="Somebody who works here.",
    )

    op.create_table(
        "staff_token",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column(
            "purpose",
            sa.String(length=12),
            nullable=False,
            comment="invitation (choose a password), chat (link a chat)",
        ),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("used_at", types.Instant()),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_staff_token_staff_id_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_token"),
        sa.UniqueConstraint("token_hash", name="uq_staff_token_token_hash"),
        comment="A single-use token for a member of staff.",
    )
    op.create_index("ix_staff_token_staff_id", "staff_token", ["staff_id"])

    op.create_table(
        "staff_session",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("seen_at", types.Instant(), nullable=False, comment="The last request; long ago ends the session."),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant()),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_staff_session_staff_id_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
        sa.UniqueConstraint("token_hash", name="uq_staff_session_token_hash"),
        comment="A browser that is logged in.",
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])

    op.create_table(
        "login_try",
        sa.Column(
            "key_hash", sa.LargeBinary(length=32), nullable=False, comment="Of an account, or of a network address."
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="In a row."),
        sa.Column("last_at", types.Instant(), nullable=False),
        sa.Column("closed_until", types.Instant(), comment="No try before this."),
        sa.PrimaryKeyConstraint("key_hash", name="pk_login_try"),
        comment="Failed logins, so that guessing becomes slow.",
    )

    op.create_table(
        "alert_notice",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("alert_id", types.Id, nullable=False),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column("message_id", types.Id, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_notice_alert_id_alert"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_alert_notice_staff_id_staff_member"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_alert_notice_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_notice"),
        sa.UniqueConstraint("message_id", name="uq_alert_notice_message_id"),
        comment="One member of staff was told of one alert.",
    )
    op.create_index("ix_alert_notice_alert_id", "alert_notice", ["alert_id"])

    op.create_table(
        "staff_notice",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False, comment="link-locked, link-reused, link-forwarded"),
        sa.Column("enrolment_id", types.Id),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("done_at", types.Instant()),
        sa.Column("done_by", types.Id),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_staff_notice_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["done_by"], ["staff_member.id"], name="fk_staff_notice_done_by_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_notice"),
        comment="Something staff should look at that is no alert.",
    )
    op.create_index("ix_staff_notice_enrolment_id", "staff_notice", ["enrolment_id"])
    op.create_index(
        "uq_staff_notice_open",
        "staff_notice",
        ["kind", "enrolment_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_staff_notice_open",
        "staff_notice",
        ["created_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )

    op.create_table(
        "channel_state",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column(
            "holder",
            sa.String(length=36),
            comment="The process that polls, or looks after the webhook; one at a time.",
        ),
        sa.Column("held_until", types.Instant(), comment="Then another process may take over."),
        sa.Column("username", sa.String(length=64), comment="The bot's public name at the provider, for links."),
        sa.Column(
            "problem",
            sa.String(length=120),
            comment="Why the channel cannot work now, for staff; nothing while it works.",
        ),
        sa.Column(
            "info",
            sa.JSON(),
            nullable=False,
            comment="What the provider tells about its side: numbers and short names.",
        ),
        sa.Column(
            "checked_at", types.Instant(), comment="When the provider was last asked, or last refused to answer."
        ),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_state"),
        comment="How a channel stands, as far as the provider tells.",
    )

    # SQLite takes a foreign key only with a new table, which batch mode makes; elsewhere these are plain ALTERs.
    with op.batch_alter_table("alert") as batch:
        batch.add_column(sa.Column("acknowledged_by", types.Id))
        batch.add_column(sa.Column("closed_by", types.Id))
        batch.add_column(
            sa.Column("outcome", sa.String(length=20), comment="How it ended: called, seen, false_alarm, transferred.")
        )
        for column in ("acknowledged_by", "closed_by"):
            batch.create_foreign_key(f"fk_alert_{column}_staff_member", "staff_member", [column], ["id"])
    with op.batch_alter_table("question") as batch:
        batch.add_column(sa.Column("closed_by", types.Id))
        batch.add_column(sa.Column("message_id", types.Id, comment="What staff answered."))
        batch.create_foreign_key("fk_question_closed_by_staff_member", "staff_member", ["closed_by"], ["id"])
        batch.create_foreign_key("fk_question_message_id_message", "message", ["message_id"], ["id"])
    op.add_column(
        "enrolment",
        sa.Column(
            "request",
            sa.String(length=40),
            comment="The form that made it: the same one twice makes one enrolment.",
        ),
    )
    op.create_index("uq_enrolment_request", "enrolment", ["request"], unique=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("uq_enrolment_request", "enrolment")
    with op.batch_alter_table("enrolment") as batch:
        batch.drop_column("request")
    with op.batch_alter_table("question") as batch:
        for column, other in (("closed_by", "staff_member"), ("message_id", "message")):
            batch.drop_constraint(f"fk_question_{column}_{other}", type_="foreignkey")
            batch.drop_column(column)
    with op.batch_alter_table("alert") as batch:
        for column in ("acknowledged_by", "closed_by"):
            batch.drop_constraint(f"fk_alert_{column}_staff_member", type_="foreignkey")
            batch.drop_column(column)
        batch.drop_column("outcome")
    for table in ("channel_state", "staff_notice", "alert_notice", "login_try", "staff_session", "staff_token"):
        op.drop_table(table)
    op.drop_table("staff_member")
