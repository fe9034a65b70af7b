"""Work handed down, delegations by date, duty rosters, circulars about the units under public supervision."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

PRINCIPLES = "territorial portfolio rotation dispatcher adjudicated raised joint handed_down delegated"

TRADES = "自来水公司 供电公司 燃气公司 供热公司 通信运营企业"
WHAT = "yellow red remind urge order leader report referral accountability interview barred veto"


def upgrade() -> None:
    op.add_column('work_order', sa.Column('handed_by_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_work_order_handed_by_id'), 'work_order', 'work_order', ['handed_by_id'], ['id'])
    op.create_check_constraint(op.f('ck_work_order_the_lead_stays_responsible'), 'work_order', "handed_by_id IS NULL OR part = 'assist'")
    op.drop_constraint(op.f('ck_work_order_principle'), 'work_order')
    op.create_check_constraint(op.f('ck_work_order_principle'), 'work_order', f"principle IN ({_quoted(PRINCIPLES)})")
    op.create_table('delegation',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('delegate_id', sa.BigInteger(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.Column('made_by', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('called_off_by', sa.String(length=60), nullable=True),
    sa.Column('called_off_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('organisation_id <> delegate_id', name=op.f('ck_delegation_to_another')),
    sa.ForeignKeyConstraint(['delegate_id'], ['organisation.id'], name=op.f('fk_delegation_delegate_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_delegation_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation'))
    )
    op.create_index('ix_delegation_in_force', 'delegation', ['organisation_id', 'last_day'], unique=False)
    op.create_table('duty_shift',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_duty_shift_ends_later')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_duty_shift_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_shift')),
    sa.UniqueConstraint('organisation_id', 'starts_at', 'phone', name=op.f('uq_duty_shift_organisation_id_starts_at_phone'))
    )
    op.create_index('ix_duty_shift_ends', 'duty_shift', ['organisation_id', 'ends_at'], unique=False)


    op.add_column('organisation', sa.Column('supervised', sa.Boolean(), server_default='false', nullable=False))
    op.execute(
        "UPDATE organisation SET supervised = true"
        f" WHERE (kind = 'department' AND level = 'city') OR role_name IN ({_quoted(TRADES)})"
    )
    op.drop_constraint(op.f('ck_supervision_matter_what'), 'supervision_matter')
    op.create_check_constraint(op.f('ck_supervision_matter_what'), 'supervision_matter', f"what IN ({_quoted(WHAT)})")
    op.create_table('supervision_circular',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('note', sa.String(), server_default='', nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('drawn_by', sa.BigInteger(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.BigInteger(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('published_by <> drawn_by', name=op.f('ck_supervision_circular_two_people')),
    sa.CheckConstraint('(published_by IS NULL) = (published_at IS NULL)', name=op.f('ck_supervision_circular_published')),
    sa.ForeignKeyConstraint(['drawn_by'], ['staff.id'], name=op.f('fk_supervision_circular_drawn_by')),
    sa.ForeignKeyConstraint(['published_by'], ['staff.id'], name=op.f('fk_supervision_circular_published_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_circular'))
    )


def _quoted(words: str) -> str:
    return ", ".join(repr(word) for word in words.split())


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
