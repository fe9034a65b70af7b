"""calls that sound like an emergency."""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('call', sa.Column('alarm', sa.String(length=40), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
