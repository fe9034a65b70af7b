"""calls that left a message."""

from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint('ck_call_end_reason', 'call')
    op.create_check_constraint(op.f('ck_call_end_reason'), 'call', "end_reason IS NULL OR end_reason IN ('answered', 'abandoned_ivr', 'abandoned_queue', 'overflowed', 'message', 'blocked', 'served', 'no_answer', 'failed')")


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
