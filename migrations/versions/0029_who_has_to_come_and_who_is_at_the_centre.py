"""who has to come and who is at the centre."""

from alembic import op
import sqlalchemy as sa


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('presence',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('at_window', sa.String(length=40), server_default='', nullable=False),
    sa.Column('hours', sa.String(length=100), server_default='', nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('petitions', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'rotating') = (petitions IS NOT NULL)", name=op.f('ck_presence_turns_are_counted')),
    sa.CheckConstraint("kind <> 'permanent' OR (at_window <> '' AND hours <> '')", name=op.f('ck_presence_window_with_hours')),
    sa.CheckConstraint("kind IN ('permanent','rotating','on_call','engaged')", name=op.f('ck_presence_kind')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_presence_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_presence')),
    sa.UniqueConstraint('kind', 'first_day', 'organisation_id', name=op.f('uq_presence_kind_first_day_organisation_id'))
    )
    op.create_index(op.f('ix_presence_organisation_id'), 'presence', ['organisation_id'], unique=False)
    op.create_table('summons',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('caller_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('report_by', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['caller_id'], ['organisation.id'], name=op.f('fk_summons_caller_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_summons_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_summons'))
    )
    op.create_index(op.f('ix_summons_ticket_id'), 'summons', ['ticket_id'], unique=False)
    op.create_table('check_in',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('summons_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reported_by', sa.String(length=60), nullable=True),
    sa.Column('missed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(reported_at IS NULL) = (reported_by IS NULL)', name=op.f('ck_check_in_reported')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_check_in_organisation_id')),
    sa.ForeignKeyConstraint(['summons_id'], ['summons.id'], name=op.f('fk_check_in_summons_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in')),
    sa.UniqueConstraint('summons_id', 'organisation_id', name=op.f('uq_check_in_summons_id_organisation_id'))
    )
    op.create_index('ix_check_in_owed', 'check_in', ['organisation_id'], unique=False, postgresql_where=sa.text('reported_at IS NULL'))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
