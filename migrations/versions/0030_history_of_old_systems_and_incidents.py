"""history of old systems and incidents."""

from alembic import op
import sqlalchemy as sa


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('past_ticket',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('system', sa.String(length=40), nullable=False),
    sa.Column('old_id', sa.String(length=60), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('item', sa.String(length=100), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('place', sa.String(length=200), server_default='', nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=True),
    sa.Column('organisation', sa.String(length=100), server_default='', nullable=False),
    sa.Column('result', sa.String(), server_default='', nullable=False),
    sa.Column('caller_id', sa.BigInteger(), nullable=True),
    sa.Column('confidential', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('closed_at >= accepted_at', name=op.f('ck_past_ticket_closed_after_it_was_accepted')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_past_ticket_area_id')),
    sa.ForeignKeyConstraint(['caller_id'], ['caller.id'], name=op.f('fk_past_ticket_caller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_past_ticket')),
    sa.UniqueConstraint('system', 'old_id', name=op.f('uq_past_ticket_system_old_id'))
    )
    op.create_index('ix_past_ticket_accepted_at', 'past_ticket', ['accepted_at', 'id'], unique=False)
    op.create_index(op.f('ix_past_ticket_area_id'), 'past_ticket', ['area_id'], unique=False)
    op.create_index(op.f('ix_past_ticket_caller_id'), 'past_ticket', ['caller_id'], unique=False)
    op.create_table('supervision_incident',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('recorded_by', sa.BigInteger(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_back_because', sa.String(), nullable=True),
    sa.CheckConstraint('(taken_back_at IS NULL) = (taken_back_because IS NULL)', name=op.f('ck_supervision_incident_taken_back')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_supervision_incident_organisation_id')),
    sa.ForeignKeyConstraint(['recorded_by'], ['staff.id'], name=op.f('fk_supervision_incident_recorded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_incident'))
    )
    op.create_index('uq_supervision_incident_moment', 'supervision_incident', ['organisation_id', 'happened_at'], unique=True, postgresql_where=sa.text('taken_back_at IS NULL'))
    op.create_table('supervision_incident_ticket',
    sa.Column('incident_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['supervision_incident.id'], name=op.f('fk_supervision_incident_ticket_incident_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_supervision_incident_ticket_ticket_id')),
    sa.PrimaryKeyConstraint('incident_id', 'ticket_id', name=op.f('pk_supervision_incident_ticket'))
    )
    op.create_index(op.f('ix_supervision_incident_ticket_ticket_id'), 'supervision_incident_ticket', ['ticket_id'], unique=False)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
