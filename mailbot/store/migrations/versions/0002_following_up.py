"""Following up: addresses taught by the clerk, attendance, expiry of confirmations, recurring duties, choices of held matters, attendance sheets."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.tables import UtcMoment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "taught_address",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcMoment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", "unit", name="pk_taught_address"),
    )

    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("attendance", sa.String()))

    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("ask_again_at", UtcMoment(timezone=True)))
        batch.add_column(sa.Column("expires_at", UtcMoment(timezone=True)))
        batch.add_column(sa.Column("next_period_on", sa.String()))
        # What was recorded before came by mail; its day of arrival is that of its record.
        batch.add_column(sa.Column("arrived_on", sa.String()))
        batch.add_column(sa.Column("came_by", sa.String(), nullable=False, server_default="mail"))
        batch.add_column(sa.Column("signer", sa.String()))
        batch.create_index("ix_document_next_period_on", ["next_period_on"])

    with op.batch_alter_table("held") as batch:
        # What was held before had no choices.
        batch.add_column(sa.Column("choices", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("meeting") as batch:
        batch.add_column(sa.Column("sheet_at", UtcMoment(timezone=True)))
        batch.create_index("ix_meeting_sheet_at", ["sheet_at"])

    op.create_table(
        "register_cancellation",
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcMoment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("book", "period", "series", "number", name=op.f("pk_register_cancellation")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("register_cancellation")

    with op.batch_alter_table("meeting") as batch:
        batch.drop_index("ix_meeting_sheet_at")
        batch.drop_column("sheet_at")

    with op.batch_alter_table("held") as batch:
        batch.drop_column("choices")

    with op.batch_alter_table("document") as batch:
        batch.drop_index("ix_document_next_period_on")
        batch.drop_column("signer")
        batch.drop_column("came_by")
        batch.drop_column("arrived_on")
        batch.drop_column("next_period_on")
        batch.drop_column("expires_at")
        batch.drop_column("ask_again_at")

    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("attendance")

    op.drop_table("taught_address")
