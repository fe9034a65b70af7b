"""The review desk: what somebody wrote with an act; open tickets of one item are found at once."""

from alembic import op
import sqlalchemy as sa


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_note',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_note_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_note'))
    )
    op.create_index(op.f('ix_ticket_note_ticket_id'), 'ticket_note', ['ticket_id'], unique=False)
    op.create_index('ix_ticket_alike', 'ticket', ['item_id', 'accepted_at'], unique=False, postgresql_where=sa.text("NOT (state IN ('closed', 'legal_route', 'merged', 'not_accepted', 'withdrawn'))"))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
