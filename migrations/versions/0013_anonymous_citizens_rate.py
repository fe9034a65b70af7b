"""Anonymous citizens rate by number and code."""

from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column('survey', 'caller_id', nullable=True)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
