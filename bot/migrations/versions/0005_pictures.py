"""Pictures patients send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "picture",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("enrolment_id", types.Id, comment="Whom it is about; nothing in a chat that follows several."),
        sa.Column("state", sa.String(length=12), nullable=False, comment="waiting, kept, refused, lost"),
        sa.Column("reason", sa.String(length=40), comment="Why it was refused or lost, as one of our short names."),
        sa.Column("source", sa.LargeBinary(), comment="Where the provider has it; nothing once it is settled."),
        sa.Column("content", sa.LargeBinary(), comment="The picture as JPEG without metadata, in base64."),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", types.Instant(), comment="When it is fetched, or tried again; nothing once it is settled."),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("settled_at", types.Instant()),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_picture_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_picture_address_id_address"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_picture_enrolment_id_enrolment"),
        sa.PrimaryKeyConstraint("id", name="pk_picture"),
        sa.UniqueConstraint("inbound_id", name="uq_picture_inbound_id"),
        comment="A picture somebody sent for the care team.",
    )
    op.create_index("ix_picture_address_id", "picture", ["address_id"])
    op.create_index("ix_picture_enrolment_id", "picture", ["enrolment_id"])
    op.create_index("ix_picture_due", "picture", ["due_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("picture")
