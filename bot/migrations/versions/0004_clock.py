"""The clock of alerts: who was told when, further signs of a case, the rota, the daily list and test message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns. Cases that are open already have no clock: they stay on the list as they were."""
    _rota()
    op.create_table(
        "alert_report",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("alert_id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("inbound_id", types.Id, nullable=False),
        sa.Column("sign", sa.String(length=4), nullable=False),
        sa.Column("tier", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False, comment="What found it; never text of a message."),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_report_alert_id_alert"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_alert_report_address_id_address"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_alert_report_inbound_id_inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_report"),
        comment="A further red flag of the same patient while a case was open: it joined that case.",
    )
    op.create_index("ix_alert_report_alert_id", "alert_report", ["alert_id"])
    op.create_table(
        "alert_truth",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("alert_id", types.Id, nullable=False),
        sa.Column("address_id", types.Id, nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False, comment="unanswered, waits (for the morning)"),
        sa.Column("lap", sa.Integer(), nullable=False),
        sa.Column("message_id", types.Id, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_truth_alert_id_alert"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_alert_truth_address_id_address"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_alert_truth_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_truth"),
        sa.UniqueConstraint("message_id", name="uq_alert_truth_message_id"),
        sa.UniqueConstraint(
            "alert_id", "address_id", "what", "lap", name="uq_alert_truth_alert_id_address_id_what_lap"
        ),
        comment="What a patient was told while nobody had answered an alert, once each.",
    )
    _columns()


def _rota() -> None:
    op.create_table(
        "rota_shift",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False, comment="On which it begins, local: 0 Monday to 6 Sunday."),
        sa.Column("starts", sa.Time(), nullable=False, comment="Local."),
        sa.Column("ends", sa.Time(), nullable=False, comment="Local; not after `starts`: on the next day."),
        sa.Column("place", sa.Integer(), nullable=False, comment="1 is told first, 2 is the backup, and so on."),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_rota_shift_staff_id_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_rota_shift"),
        sa.UniqueConstraint("staff_id", "weekday", "starts", "ends", name="uq_rota_shift_staff_id_weekday_starts_ends"),
        comment="Weekly hours in which somebody is on call.",
    )
    op.create_index("ix_rota_shift_staff_id", "rota_shift", ["staff_id"])
    op.create_table(
        "rota_change",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False, comment="Local days, both included."),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("away_id", types.Id, comment="Who is away; nobody: a holiday for everybody."),
        sa.Column("instead_id", types.Id, comment="Who takes over; nobody: the others of the rota."),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["away_id"], ["staff_member.id"], name="fk_rota_change_away_id_staff_member"),
        sa.ForeignKeyConstraint(["instead_id"], ["staff_member.id"], name="fk_rota_change_instead_id_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_rota_change"),
        comment="Days on which the weekly hours do not hold.",
    )
    op.create_index("ix_rota_change_last", "rota_change", ["last_on"])
    op.create_table(
        "staff_digest",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="Local."),
        sa.Column("message_id", types.Id, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_staff_digest_staff_id_staff_member"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_staff_digest_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_digest"),
        sa.UniqueConstraint("message_id", name="uq_staff_digest_message_id"),
        sa.UniqueConstraint("staff_id", "day", name="uq_staff_digest_staff_id_day"),
        comment="The list of the day was sent to a member of staff.",
    )
    op.create_table(
        "canary",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="Local: one a day."),
        sa.Column("staff_id", types.Id, nullable=False),
        sa.Column("message_id", types.Id, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column(
            "late_at", types.Instant(), nullable=False, comment="Not arrived by then: something on the way is broken."
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_canary_staff_id_staff_member"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_canary_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_canary"),
        sa.UniqueConstraint("day", name="uq_canary_day"),
        sa.UniqueConstraint("message_id", name="uq_canary_message_id"),
        comment="The daily test message to a staff chat; its delivery stands in its message.",
    )


def _columns() -> None:
    with op.batch_alter_table("staff_member") as batch:
        batch.add_column(
            sa.Column(
                "canary",
                sa.Boolean(),
                nullable=False,
                server_default=sa.text("false"),
                comment="The daily test message goes to their chat.",
            )
        )
    with op.batch_alter_table("alert_notice") as batch:
        for name, meaning in (
            ("lap", "Which run of the clock: a graver sign starts a new one."),
            ("round", "The how-manieth time this member was told in this lap."),
        ):
            batch.add_column(
                sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("1"), comment=meaning)
            )
    op.create_index("uq_alert_notice_round", "alert_notice", ["alert_id", "staff_id", "lap", "round"], unique=True)
    with op.batch_alter_table("alert") as batch:
        batch.add_column(
            sa.Column(
                "notified_at", types.Instant(), comment="When the first message about it reached a member of staff."
            )
        )
        batch.add_column(sa.Column("notified_to", types.Id, comment="Whom it reached."))
        batch.add_column(
            sa.Column(
                "lap",
                sa.Integer(),
                nullable=False,
                server_default=sa.text("1"),
                comment="A graver sign starts a new one.",
            )
        )
        batch.add_column(
            sa.Column(
                "clock_at",
                types.Instant(),
                comment="Since when the clock of this lap runs; nothing for cases older than it.",
            )
        )
        batch.add_column(
            sa.Column(
                "due_at",
                types.Instant(),
                comment="When the clock looks at it next; nothing once all is done that it does.",
            )
        )
        batch.create_foreign_key("fk_alert_notified_to_staff_member", "staff_member", ["notified_to"], ["id"])
    op.create_index(
        "ix_alert_due",
        "alert",
        ["due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_alert_due", "alert")
    with op.batch_alter_table("alert") as batch:
        batch.drop_constraint("fk_alert_notified_to_staff_member", type_="foreignkey")
        for column in ("due_at", "clock_at", "lap", "notified_to", "notified_at"):
            batch.drop_column(column)
    op.drop_index("uq_alert_notice_round", "alert_notice")
    with op.batch_alter_table("alert_notice") as batch:
        for column in ("round", "lap"):
            batch.drop_column(column)
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_column("canary")
    for table in ("canary", "staff_digest", "rota_change", "rota_shift", "alert_truth", "alert_report"):
        op.drop_table(table)
