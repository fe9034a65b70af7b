"""lists of millions."""

from alembic import op
import sqlalchemy as sa

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_ticket_complained_of', 'ticket', ['complained_of_id'], unique=False, postgresql_where=sa.text('complained_of_id IS NOT NULL'))
    op.drop_index('ix_work_order_in_tray', table_name='work_order')
    op.create_index('ix_work_order_in_tray', 'work_order', ['organisation_id', 'state', 'ended_at', 'id'], unique=False, postgresql_include=['ticket_id'])
    op.create_index('ix_work_order_ended', 'work_order', ['organisation_id', 'ended_at', 'id'], unique=False, postgresql_include=['ticket_id'], postgresql_where=sa.text("state IN ('declined', 'timed_out', 'withdrawn', 'returned', 'waived')"))
    op.create_index('ix_work_order_turns', 'work_order', ['organisation_id', 'sent_at'], unique=False, postgresql_where=sa.text("kind = 'firm'"))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
