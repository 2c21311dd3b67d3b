"""Following up, the books and finding again: attendance, duties, choices, taught addresses, cancelled numbers, search."""

import sqlalchemy as sa
from alembic import op

from mailbot.store import searching
from mailbot.store.columns import UtcMoment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


STATES_BEFORE = ("recorded", "awaiting_confirmation", "awaiting_instruction", "released", "cancelled")
DOCUMENT_STATES = (*STATES_BEFORE[:-1], "filed", "cancelled", "recalled", "superseded")


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

    # What was decided before is counted in no budget: a day later nobody would count it any more.
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("words_key", sa.String()))
        batch.create_index("ix_message_words_key", ["words_key"])

    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("thread", sa.String()))
        batch.create_index("ix_outbox_purpose_planned_at", ["purpose", "planned_at"])

    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("attendance", sa.String()))
        batch.add_column(sa.Column("exchange", sa.String()))

    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("ask_again_at", UtcMoment(timezone=True)))
        batch.add_column(sa.Column("expires_at", UtcMoment(timezone=True)))
        batch.add_column(sa.Column("next_period_on", sa.String()))
        # What went out before is collected when somebody asks for it.
        batch.add_column(sa.Column("collect_at", sa.String()))
        # What was recorded before came by mail; its day of arrival is that of its record.
        batch.add_column(sa.Column("arrived_on", sa.String()))
        batch.add_column(sa.Column("came_by", sa.String(), nullable=False, server_default="mail"))
        batch.add_column(sa.Column("signer", sa.String()))
        batch.drop_constraint(op.f("ck_document_documentstate"), type_="check")
        batch.create_check_constraint("documentstate", sa.column("state").in_(DOCUMENT_STATES))
        batch.create_index("ix_document_next_period_on", ["next_period_on"])
        batch.create_index("ix_document_collect_at", ["collect_at"])
        batch.create_index("ix_document_number", ["number"])

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

    op.create_table(
        "tombstone",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("message_ref", sa.Integer(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("removed_at", UtcMoment(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("unlinked_at", UtcMoment(timezone=True)),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_tombstone")),
    )

    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("document_ref", sa.Integer(), sa.ForeignKey("document.id"), nullable=False),
        sa.Column("delivery_ref", sa.Integer(), sa.ForeignKey("delivery.id")),
        sa.Column("recorded_at", UtcMoment(timezone=True), nullable=False),
        sa.Column("numbers_only", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_search_entry_document_ref", "search_entry", ["document_ref"])
    op.create_index("ix_search_entry_recorded_at", "search_entry", ["recorded_at"])
    for statement in searching.CREATE[op.get_bind().dialect.name]:
        op.execute(statement)
    _index_old_papers()


def _index_old_papers() -> None:
    """Let what was recorded before be found by number and summary; its texts lie in the archive and are not read."""
    # Every start of the daemon loads this file; only the one that migrates needs to understand papers.
    from mailbot.office.sensitivity import sensitivity_of
    from mailbot.routing.finding import findable_paper

    connection = op.get_bind()
    columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in ("id", "number", "summary", "issuer_unit")]
    old = sa.select(*columns, sa.column("recorded_at", UtcMoment(timezone=True))).select_from(sa.table("document"))
    for row in connection.execute(old.order_by(sa.column("id"))).all():
        hidden = sensitivity_of(row.summary or "") != "none"
        found = findable_paper(row.number, row.summary, row.issuer_unit, numbers_only=hidden)
        searching.add(connection, row.id, found, row.recorded_at)


def downgrade() -> None:
    """Take the change back."""
    for statement in searching.DROP:
        op.execute(statement)
    op.drop_table("search_entry")
    op.drop_table("tombstone")

    op.drop_table("register_cancellation")

    op.execute("UPDATE document SET state = 'cancelled' WHERE state = 'filed'")
    op.execute("UPDATE document SET state = 'released' WHERE state IN ('recalled', 'superseded')")
    with op.batch_alter_table("meeting") as batch:
        batch.drop_index("ix_meeting_sheet_at")
        batch.drop_column("sheet_at")

    with op.batch_alter_table("held") as batch:
        batch.drop_column("choices")

    with op.batch_alter_table("document") as batch:
        batch.drop_index("ix_document_number")
        batch.drop_index("ix_document_next_period_on")
        batch.drop_index("ix_document_collect_at")
        batch.drop_column("collect_at")
        batch.drop_column("signer")
        batch.drop_column("came_by")
        batch.drop_column("arrived_on")
        batch.drop_constraint(op.f("ck_document_documentstate"), type_="check")
        batch.create_check_constraint("documentstate", sa.column("state").in_(STATES_BEFORE))
        batch.drop_column("next_period_on")
        batch.drop_column("expires_at")
        batch.drop_column("ask_again_at")

    with op.batch_alter_table("outbox") as batch:
        batch.drop_index("ix_outbox_purpose_planned_at")
        batch.drop_column("thread")

    with op.batch_alter_table("message") as batch:
        batch.drop_index("ix_message_words_key")
        batch.drop_column("words_key")

    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("exchange")
        batch.drop_column("attendance")

    op.drop_table("taught_address")
