"""The desk finds the parts a lead asked for without looking through all work orders."""

from alembic import op
import sqlalchemy as sa


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_work_order_proposed', 'work_order', ['ticket_id'], unique=False, postgresql_where=sa.text("state = 'proposed'"))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
