"""several openings a day and closed days."""

from alembic import op
import sqlalchemy as sa

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organisation', sa.Column('hours', sa.String(length=100), server_default='', nullable=False))
    op.add_column('organisation', sa.Column('closed_on', sa.String(length=400), server_default='', nullable=False))
    op.execute(
        "UPDATE organisation SET hours = left(opens::text, 5) || '-' || left(closes::text, 5) WHERE opens IS NOT NULL"
    )
    op.drop_column('organisation', 'closes')
    op.drop_column('organisation', 'opens')


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
