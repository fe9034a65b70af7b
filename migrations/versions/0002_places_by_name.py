"""places by name."""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('place_name',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=False),
    sa.Column('sound', sa.String(length=400), nullable=False),
    sa.Column('first_number', sa.Integer(), nullable=True),
    sa.Column('last_number', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('road', 'crossing', 'estate', 'hamlet', 'school', 'hospital', 'market', 'park', 'station', 'building')", name=op.f('ck_place_name_kind')),
    sa.CheckConstraint('(first_number IS NULL) = (last_number IS NULL) AND last_number >= first_number', name=op.f('ck_place_name_numbers')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_place_name_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place_name')),
    sa.UniqueConstraint('kind', 'name', 'area_id', name=op.f('uq_place_name_kind_name_area_id'))
    )
    op.create_index(op.f('ix_place_name_area_id'), 'place_name', ['area_id'], unique=False)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
