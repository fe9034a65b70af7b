"""reports from patrol and a clock of intake."""

from alembic import op
import sqlalchemy as sa


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('patrol_report',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('reported_by', sa.String(length=60), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('latitude', sa.Numeric(precision=8, scale=6), nullable=True),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('accuracy', sa.Integer(), nullable=True),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_patrol_report_a_whole_place')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_patrol_report_organisation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_patrol_report_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_report')),
    sa.UniqueConstraint('organisation_id', 'client_id', name=op.f('uq_patrol_report_organisation_id_client_id')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_patrol_report_ticket_id'))
    )
    op.create_index('ix_patrol_report_reported_by', 'patrol_report', ['reported_by', 'id'], unique=False)
    op.drop_constraint('ck_ticket_clock_clock', 'ticket_clock')
    op.create_check_constraint(
        'clock', 'ticket_clock',
        "clock IN ('emergency_dispatch', 'emergency_site', 'intake', 'claim', 'first_contact', 'reply',"
        " 'return_window', 'closing', 'acceptance', 'statutory')",
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
