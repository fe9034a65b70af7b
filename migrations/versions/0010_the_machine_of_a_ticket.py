"""The machine of a ticket: more states, holds, parts of a joint matter, extensions, supplements, disputes."""

from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

STATES = (
    "registered with_agent in_review dispatched claimed in_hand supplement_asked adjudication long_term answered"
    " in_follow_up closed reopened legal_route not_accepted merged withdrawn"
)
ENDED = "closed legal_route merged not_accepted withdrawn"
PRINCIPLES = "territorial portfolio rotation dispatcher adjudicated raised joint"


def upgrade() -> None:
    op.create_table('adjudication',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('opened_because', sa.String(length=20), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('grounds', sa.String(), nullable=True),
    sa.Column('decided_by', sa.String(length=60), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_adjudication_organisation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_adjudication_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adjudication'))
    )
    op.create_index(op.f('ix_adjudication_ticket_id'), 'adjudication', ['ticket_id'], unique=False)
    op.create_index('uq_adjudication_open', 'adjudication', ['ticket_id'], unique=True, postgresql_where=sa.text('decided_at IS NULL'))
    op.create_table('ticket_hold',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('hold', sa.String(length=20), nullable=False),
    sa.Column('ref', sa.String(length=40), server_default='', nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_as', sa.String(length=40), nullable=True),
    sa.CheckConstraint("hold IN ('part', 'sponsor', 'child', 'notice')", name=op.f('ck_ticket_hold_hold')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_hold_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_hold'))
    )
    op.create_index('uq_ticket_hold_open', 'ticket_hold', ['ticket_id', 'hold', 'ref'], unique=True, postgresql_where=sa.text('cleared_at IS NULL'))
    op.create_table('extension',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('work_order_id', sa.BigInteger(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(length=60), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), server_default='asked', nullable=False),
    sa.Column('decided_by', sa.String(length=60), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=True),
    sa.Column('old_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('new_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('asked','granted','refused')", name=op.f('ck_extension_state')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_extension_ticket_id')),
    sa.ForeignKeyConstraint(['work_order_id'], ['work_order.id'], name=op.f('fk_extension_work_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension'))
    )
    op.create_index(op.f('ix_extension_ticket_id'), 'extension', ['ticket_id'], unique=False)
    op.create_index('uq_extension_asked', 'extension', ['ticket_id'], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table('supplement',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('work_order_id', sa.BigInteger(), nullable=False),
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(length=60), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lapses_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_supplement_ticket_id')),
    sa.ForeignKeyConstraint(['work_order_id'], ['work_order.id'], name=op.f('fk_supplement_work_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplement'))
    )
    op.create_index(op.f('ix_supplement_ticket_id'), 'supplement', ['ticket_id'], unique=False)
    op.create_index('uq_supplement_open', 'supplement', ['ticket_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.add_column('ticket', sa.Column('released_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('ticket', sa.Column('returns', sa.Integer(), server_default='0', nullable=False))
    op.add_column('ticket', sa.Column('reviewer_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('parent_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('merged_into_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('complained_of_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('sponsor', sa.String(length=60), nullable=True))
    op.add_column('ticket', sa.Column('review_on', sa.Date(), nullable=True))
    op.create_index(op.f('ix_ticket_merged_into_id'), 'ticket', ['merged_into_id'], unique=False)
    op.create_index(op.f('ix_ticket_parent_id'), 'ticket', ['parent_id'], unique=False)
    op.create_index(op.f('ix_ticket_review_on'), 'ticket', ['review_on'], unique=False)
    op.create_foreign_key(op.f('fk_ticket_merged_into_id'), 'ticket', 'ticket', ['merged_into_id'], ['id'])
    op.create_foreign_key(op.f('fk_ticket_complained_of_id'), 'ticket', 'organisation', ['complained_of_id'], ['id'])
    op.create_foreign_key(op.f('fk_ticket_parent_id'), 'ticket', 'ticket', ['parent_id'], ['id'])
    op.add_column('work_order', sa.Column('part', sa.String(length=10), server_default='lead', nullable=False))
    op.add_column('work_order', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('work_order', sa.Column('contacted_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('work_order', sa.Column('contact_note', sa.String(), nullable=True))
    op.add_column('work_order', sa.Column('legal_basis', sa.String(length=300), nullable=True))
    _look_again_at_what_the_columns_allow()
    # who works on a ticket since before has begun; what was closed had been released
    op.execute("UPDATE work_order SET contacted_at = accepted_at WHERE accepted_at IS NOT NULL")
    op.execute("UPDATE ticket SET released_at = closed_at WHERE closed_at IS NOT NULL")


def _look_again_at_what_the_columns_allow() -> None:
    op.drop_constraint(op.f('ck_ticket_state'), 'ticket')
    op.create_check_constraint(op.f('ck_ticket_state'), 'ticket', f"state IN ({_quoted(STATES)})")
    op.drop_index('ix_ticket_open', 'ticket')
    op.create_index('ix_ticket_open', 'ticket', ['state', 'accepted_at'], postgresql_where=sa.text(f"NOT (state IN ({_quoted(ENDED)}))"))
    op.drop_constraint(op.f('ck_work_order_principle'), 'work_order')
    op.create_check_constraint(op.f('ck_work_order_principle'), 'work_order', f"principle IN ({_quoted(PRINCIPLES)})")
    op.create_check_constraint(op.f('ck_work_order_part'), 'work_order', "part IN ('lead', 'assist')")
    op.create_check_constraint(op.f('ck_work_order_assisting_parts_are_due'), 'work_order', "(part = 'assist') = (due_at IS NOT NULL)")
    op.drop_index('uq_work_order_live', 'work_order')
    op.create_index('uq_work_order_live', 'work_order', ['ticket_id'], unique=True, postgresql_where=sa.text("part = 'lead' AND state IN ('sent', 'offered', 'accepted')"))
    op.drop_index('uq_work_order_held', 'work_order')
    op.create_index('uq_work_order_held', 'work_order', ['ticket_id', 'round'], unique=True, postgresql_where=sa.text("part = 'lead' AND state IN ('accepted', 'answered')"))


def _quoted(words: str) -> str:
    return ", ".join(repr(word) for word in words.split())


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
