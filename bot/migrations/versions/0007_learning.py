"""What answered questions should teach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "faq_draft",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("question_id", types.Id, nullable=False),
        sa.Column(
            "faq",
            sa.String(length=40),
            comment="The answer it is a further phrasing of; nothing: a new answer is proposed.",
        ),
        sa.Column("phrasing", sa.LargeBinary(), nullable=False, comment="The question, without names and numbers."),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "reply",
            sa.LargeBinary(),
            comment="What staff would have it answered with, likewise; only for a new answer.",
        ),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id, nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_faq_draft_question_id_question"),
        sa.ForeignKeyConstraint(["created_by"], ["staff_member.id"], name="fk_faq_draft_created_by_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_faq_draft"),
        sa.UniqueConstraint("question_id", name="uq_faq_draft_question_id"),
        comment="What an answered question should teach, once a clinician has put it into the content.",
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("faq_draft")
