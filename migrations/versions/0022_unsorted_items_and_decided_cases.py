"""an item for what fits no item; who keeps a stuck case."""

from alembic import op
import sqlalchemy as sa

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

HANDLERS = "'department','firm','emergency','legal','mediation'"


def upgrade() -> None:
    _may_be(f"{HANDLERS},'unsorted'")
    op.add_column('case_move', sa.Column('kept_by', sa.String(length=10), nullable=True))


def downgrade() -> None:
    op.drop_column('case_move', 'kept_by')
    _may_be(HANDLERS)


def _may_be(handlers: str) -> None:
    op.drop_constraint(op.f('ck_catalogue_item_handler'), 'catalogue_item')
    op.create_check_constraint(op.f('ck_catalogue_item_handler'), 'catalogue_item', f"handler IN ({handlers})")
