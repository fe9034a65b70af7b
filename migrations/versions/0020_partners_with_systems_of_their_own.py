"""partners with systems of their own."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_answer',
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('idempotency_key', sa.String(length=80), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_partner_answer_organisation_id')),
    sa.PrimaryKeyConstraint('organisation_id', 'idempotency_key', name=op.f('pk_partner_answer'))
    )
    op.create_index(op.f('ix_partner_answer_at'), 'partner_answer', ['at'], unique=False)
    op.create_table('partner_key',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=4), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_partner_key_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_key')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_partner_key_key_hash'))
    )
    op.create_index(op.f('ix_partner_key_organisation_id'), 'partner_key', ['organisation_id'], unique=False)
    op.create_table('web_hook',
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('url', sa.String(length=300), nullable=False),
    sa.Column('secret', sa.String(length=60), nullable=False),
    sa.Column('active', sa.Boolean(), server_default='true', nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_web_hook_organisation_id')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_web_hook'))
    )
    op.create_table('web_hook_delivery',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('state', sa.String(length=10), server_default='queued', nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=60), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'sending', 'delivered', 'failed')", name=op.f('ck_web_hook_delivery_state')),
    sa.ForeignKeyConstraint(['organisation_id'], ['web_hook.organisation_id'], name=op.f('fk_web_hook_delivery_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_web_hook_delivery')),
    sa.UniqueConstraint('event_id', 'organisation_id', name=op.f('uq_web_hook_delivery_event_id_organisation_id'))
    )
    op.create_index('ix_web_hook_delivery_due', 'web_hook_delivery', ['next_at'], unique=False, postgresql_where=sa.text("state IN ('queued','sending')"))
    op.create_index('ix_web_hook_delivery_failed', 'web_hook_delivery', ['organisation_id'], unique=False, postgresql_where=sa.text("state = 'failed'"))
    op.create_index('ix_web_hook_delivery_organisation', 'web_hook_delivery', ['organisation_id', 'id'], unique=False)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
