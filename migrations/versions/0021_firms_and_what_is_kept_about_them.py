"""firms and what is kept about them."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('price_entry',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('role_name', sa.String(length=60), nullable=False),
    sa.Column('work', sa.String(length=60), nullable=False),
    sa.Column('call_out_fee', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.Column('unit_price', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.Column('unit', sa.String(length=20), nullable=False),
    sa.Column('remark', sa.String(length=200), server_default='', nullable=False),
    sa.CheckConstraint('call_out_fee >= 0 AND unit_price >= 0', name=op.f('ck_price_entry_not_negative')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_price_entry_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_entry')),
    sa.UniqueConstraint('organisation_id', 'role_name', 'work', name=op.f('uq_price_entry_organisation_id_role_name_work'))
    )
    op.create_table('postponed_offer',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('role_name', sa.String(length=60), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_postponed_offer_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_postponed_offer'))
    )
    op.create_index(op.f('ix_postponed_offer_until'), 'postponed_offer', ['until'], unique=False)
    op.add_column('organisation', sa.Column('ratings', sa.Integer(), server_default='0', nullable=False))
    op.add_column('organisation', sa.Column('further_roles', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False))
    op.add_column('organisation', sa.Column('licence_number', sa.String(length=40), nullable=True))
    op.add_column('organisation', sa.Column('licence_until', sa.Date(), nullable=True))
    op.add_column('organisation', sa.Column('opens', sa.Time(), nullable=True))
    op.add_column('organisation', sa.Column('closes', sa.Time(), nullable=True))
    op.add_column('organisation', sa.Column('open_days', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[1,2,3,4,5,6,7]'"), nullable=False))
    op.add_column('organisation', sa.Column('suspended_from', sa.DateTime(timezone=True), nullable=True))
    op.add_column('organisation', sa.Column('suspended_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('organisation', sa.Column('review_due', sa.Date(), nullable=True))
    op.add_column('organisation', sa.Column('review_passed', sa.Boolean(), nullable=True))
    op.create_check_constraint(op.f('ck_organisation_opens_and_closes'), 'organisation', "(opens IS NULL) = (closes IS NULL)")
    # a firm's licence is its number from now on: of those so far only the fact of it is known
    op.execute("UPDATE organisation SET licence_number = '未登记证号' WHERE kind = 'firm' AND licensed")


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
