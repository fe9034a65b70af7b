"""one case on two hotlines."""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_move',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_number', sa.String(length=20), nullable=False),
    sa.Column('call_id', sa.BigInteger(), nullable=True),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('from_hotline', sa.String(length=10), nullable=False),
    sa.Column('to_hotline', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stuck', sa.Boolean(), server_default='false', nullable=False),
    sa.CheckConstraint('(call_id IS NULL) <> (ticket_id IS NULL)', name=op.f('ck_case_move_of_a_call_or_a_ticket')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_case_move_call_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_move_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_case_move_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_move'))
    )
    op.create_index(op.f('ix_case_move_call_id'), 'case_move', ['call_id'], unique=False)
    op.create_index(op.f('ix_case_move_case_number'), 'case_move', ['case_number'], unique=False)
    op.create_index('ix_case_move_stuck', 'case_move', ['at'], unique=False, postgresql_where=sa.text('stuck'))
    op.create_index(op.f('ix_case_move_ticket_id'), 'case_move', ['ticket_id'], unique=False)
    op.add_column('call', sa.Column('case_number', sa.String(length=20), nullable=True))
    op.add_column('call', sa.Column('requeued_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('ticket', sa.Column('case_number', sa.String(length=20), nullable=True))
    op.execute('UPDATE ticket SET case_number = number')
    op.alter_column('ticket', 'case_number', nullable=False)
    op.create_index(op.f('ix_ticket_case_number'), 'ticket', ['case_number'], unique=False)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
