"""What came in and what was found out: the tables of `bot/store/tables.py`.

Every name is spelt out, so that later migrations can refer to it on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversation",
        sa.Column("address_id", types.Id, autoincrement=False, nullable=False),
        sa.Column(
            "state", sa.LargeBinary(), comment="Sealed JSON: what was asked last, and which answers were offered."
        ),
        sa.Column(
            "human_until",
            types.Instant(),
            comment="Until then a human has the chat, and the bot is quiet but for red flags.",
        ),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_conversation_address_id_address"),
        sa.PrimaryKeyConstraint("address_id", name="pk_conversation"),
        comment="Where the talk in one chat stands. Its row is the lock of the chat.",
    )

    op.create_table(
        "inbound",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column(
            "event_id",
            sa.String(length=200),
            nullable=False,
            comment="The provider's id; the same one twice has one effect.",
        ),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="Sealed JSON: [text, data, reply_to]."),
        sa.Column("happened_at", types.Instant(), nullable=False, comment="When the person did it."),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="handled or quarantined"),
        sa.Column("reason", sa.String(length=120), comment="Why it was quarantined; never text of a message."),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_inbound_address_id_address"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        sa.UniqueConstraint("channel", "event_id", name="uq_inbound_channel_event_id"),
        comment="Everything that came in, before anybody was told that it was received.",
    )
    op.create_index("ix_inbound_address", "inbound", ["address_id", "id"])

    op.create_table(
        "alert",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id),
        sa.Column("inbound_id", types.Id),
        sa.Column("sign", sa.String(length=4), nullable=False, comment="RF01 to RF99."),
        sa.Column("tier", sa.String(length=12), nullable=False, comment="emergency, same_day"),
        sa.Column("rule", sa.String(length=120), nullable=False, comment="What found it; never text of a message."),
        sa.Column("words", sa.LargeBinary(), nullable=False, comment="What the person wrote or tapped."),
        sa.Column(
            "shared", sa.Boolean(), nullable=False, comment="Staff may see it: not if the patient said no to sharing."
        ),
        sa.Column("state", sa.String(length=12), nullable=False, comment="open, acknowledged, closed"),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("acknowledged_at", types.Instant()),
        sa.Column("closed_at", types.Instant()),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_alert_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_alert_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_alert_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        comment="A case opened for staff by a red flag.",
    )
    op.create_index("ix_alert_address_id", "alert", ["address_id"])
    op.create_index("ix_alert_enrolment_id", "alert", ["enrolment_id"])
    op.create_index(
        "ix_alert_open",
        "alert",
        ["created_at"],
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )

    op.create_table(
        "audit",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column(
            "actor",
            sa.String(length=60),
            nullable=False,
            comment="Who did it: 'chat:<address id>', 'staff:<id>', 'system'.",
        ),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("enrolment_id", types.Id),
        sa.Column(
            "detail",
            sa.JSON(),
            nullable=False,
            comment="Ids and short names; never a name, number or text of a person.",
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_audit_enrolment_id_enrolment"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        comment="What was done to whom. Rows are added, never changed.",
    )
    op.create_index("ix_audit_enrolment_id", "audit", ["enrolment_id"])

    op.create_table(
        "feedback",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("faq", sa.String(length=40), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_feedback_address_id_address"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_feedback_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        comment="Whether an answer helped.",
    )
    op.create_index("ix_feedback_faq", "feedback", ["faq"])

    op.create_table(
        "question",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="open, answered, closed"),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("closed_at", types.Instant()),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_question_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_question_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_question_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        comment="A question handed over to the care team.",
    )
    op.create_index("ix_question_address_id", "question", ["address_id"])
    op.create_index("ix_question_enrolment_id", "question", ["enrolment_id"])
    op.create_index(
        "ix_question_open",
        "question",
        ["created_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "answer",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column("reminder_id", types.Id, nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False, comment="The number, or the id of the choice."),
        sa.Column("corrected", sa.Boolean(), nullable=False, comment="It was another value before."),
        sa.Column("answered_at", types.Instant(), nullable=False),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_answer_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_answer_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name="fk_answer_reminder_id_reminder"),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.UniqueConstraint("reminder_id", "question", name="uq_answer_reminder_id_question"),
        comment="One answer to one question of one check-in; the last one given.",
    )
    op.create_index("ix_answer_enrolment_id", "answer", ["enrolment_id"])


def downgrade() -> None:
    """Drop the tables, and with them all they hold."""
    for table in (
        "answer",
        "question",
        "feedback",
        "audit",
        "alert",
        "inbound",
        "conversation",
    ):
        op.drop_table(table)
