"""Clocks that pause, and their lights on record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CLOCKS = (
    "clock IN ('emergency_dispatch', 'emergency_site', 'claim', 'first_contact', 'reply', 'return_window',"
    " 'closing', 'acceptance', 'statutory')"
)


def upgrade() -> None:
    op.add_column(
        "ticket_clock", sa.Column("margin_text", sa.String(length=40), server_default="", nullable=False)
    )
    op.add_column("ticket_clock", sa.Column("yellow_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket_clock", sa.Column("extension", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "ticket_clock",
        sa.Column("pauses", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("ticket_clock", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "ticket_clock", sa.Column("light", sa.String(length=10), server_default="green", nullable=False)
    )
    op.add_column("ticket_clock", sa.Column("turns_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("ck_ticket_clock_clock", "ticket_clock")
    op.create_check_constraint("clock", "ticket_clock", CLOCKS)
    op.create_check_constraint("light", "ticket_clock", "light IN ('green', 'yellow', 'red')")
    # until now every light turned yellow a day before it was due
    op.execute("UPDATE ticket_clock SET margin_text = '24 hours', yellow_at = due_at - interval '24 hours'")
    op.execute("UPDATE ticket_clock SET turns_at = yellow_at WHERE stopped_at IS NULL")
    op.create_index(
        "ix_ticket_clock_turning",
        "ticket_clock",
        ["turns_at"],
        postgresql_where=sa.text("turns_at IS NOT NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
