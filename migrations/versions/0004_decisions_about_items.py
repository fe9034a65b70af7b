"""decisions about items."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('item_decision',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('hotline', sa.String(length=10), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('call_id', sa.BigInteger(), nullable=True),
    sa.Column('text_sha256', sa.String(length=64), nullable=False),
    sa.Column('shown', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('chosen', sa.String(length=10), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('catalogue_version_id', sa.BigInteger(), nullable=False),
    sa.Column('model_id', sa.BigInteger(), nullable=True),
    sa.Column('abstained', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('emergency', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('terms', sa.Integer(), nullable=True),
    sa.Column('unseen', sa.Integer(), nullable=True),
    sa.CheckConstraint("(ticket_id IS NULL) = (source = 'ivr')", name=op.f('ck_item_decision_of_a_ticket_or_a_call')),
    sa.CheckConstraint("source IN ('agent', 'web', 'ivr', 'correction')", name=op.f('ck_item_decision_source')),
    sa.ForeignKeyConstraint(['catalogue_version_id'], ['catalogue_version.id'], name=op.f('fk_item_decision_catalogue_version_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_item_decision_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_decision'))
    )
    op.create_index('ix_item_decision_hotline_at', 'item_decision', ['hotline', 'at'], unique=False)
    op.create_index(op.f('ix_item_decision_ticket_id'), 'item_decision', ['ticket_id'], unique=False)
    op.create_index('uq_item_decision_call', 'item_decision', ['call_id'], unique=True, postgresql_where=sa.text("source = 'ivr'"))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
