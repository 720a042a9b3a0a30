"""Questions about a sign that wait for a yes or no, corrected answers, what was said about medicine times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Questions asked before have no clock: a yes to them still counts."""
    op.create_table(
        "confirmation",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id),
        sa.Column("inbound_id", types.Id, nullable=False, comment="What made us ask."),
        sa.Column("sign", sa.String(length=4), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False, comment="Of the alert a yes, or silence, would open."),
        sa.Column("rule", sa.String(length=120), nullable=False, comment="What found it; never text of a message."),
        sa.Column("words", sa.LargeBinary(), nullable=False, comment="What the person wrote."),
        sa.Column("shared", sa.Boolean(), nullable=False, comment="Staff may see it."),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="waiting, yes, no, silent (it became an alert by itself)",
        ),
        sa.Column("asked_at", types.Instant(), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False, comment="Without an answer by then it becomes an alert."),
        sa.Column("settled_at", types.Instant()),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_confirmation_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_confirmation_enrolment_id_enrolment"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_confirmation_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_confirmation"),
        comment="A yes or no question about a warning sign that was put to somebody.",
    )
    op.create_index("ix_confirmation_address_id", "confirmation", ["address_id"])
    op.create_index("ix_confirmation_enrolment_id", "confirmation", ["enrolment_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_confirmation_waiting",
        "confirmation",
        ["address_id", "sign"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_confirmation_due", "confirmation", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)

    op.create_table(
        "answer_before",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("answer_id", types.Id, nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("answered_at", types.Instant(), nullable=False),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_answer_before_answer_id_answer"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_answer_before_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_before"),
        comment="What an answer was before it was corrected.",
    )
    op.create_index("ix_answer_before_answer_id", "answer_before", ["answer_id"])

    op.create_table(
        "dose",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, nullable=False),
        sa.Column(
            "occurrence",
            sa.String(length=40),
            nullable=False,
            comment="The medicine time it is about: its local minute.",
        ),
        sa.Column("said", sa.String(length=8), nullable=False, comment="taken, later, skipped"),
        sa.Column("said_at", types.Instant(), nullable=False),
        sa.Column("again_at", types.Instant(), comment="Of 'later': when the reminder comes back."),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_dose_enrolment_id_enrolment"),
        sa.PrimaryKeyConstraint("id", name="pk_dose"),
        comment="What was said about a medicine time. Rows are added, never changed; the last one counts.",
    )
    op.create_index("ix_dose_enrolment_id", "dose", ["enrolment_id"])


def downgrade() -> None:
    """Take the tables away."""
    for name in ("dose", "answer_before", "confirmation"):
        op.drop_table(name)
