"""a rota of lawyers."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lawyer_duty',
    sa.Column('staff_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('weekdays', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('begins', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('categories', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('begins < ends', name=op.f('ck_lawyer_duty_hours')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_lawyer_duty_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_lawyer_duty'))
    )
    op.add_column('lawyer_task', sa.Column('let_go_by', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
