"""questions for lawyers."""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lawyer_task',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('call_id', sa.BigInteger(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('words', sa.String(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), server_default='open', nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('told', sa.String(length=10), nullable=True),
    sa.Column('closed_because', sa.String(length=12), nullable=True),
    sa.CheckConstraint("(state = 'answered') = (answer IS NOT NULL)", name=op.f('ck_lawyer_task_answered_has_answer')),
    sa.CheckConstraint("(state = 'closed') = (closed_because IS NOT NULL)", name=op.f('ck_lawyer_task_closed_has_reason')),
    sa.CheckConstraint("closed_because IS NULL OR closed_because IN ('unreachable', 'to_desk', 'elsewhere')", name=op.f('ck_lawyer_task_because')),
    sa.CheckConstraint("state IN ('open', 'claimed', 'answered', 'closed')", name=op.f('ck_lawyer_task_state')),
    sa.CheckConstraint("told IS NULL OR told IN ('sms','phone','web')", name=op.f('ck_lawyer_task_told')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_lawyer_task_call_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_lawyer_task_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_lawyer_task_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lawyer_task')),
    sa.UniqueConstraint('call_id', name=op.f('uq_lawyer_task_call_id')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_lawyer_task_ticket_id'))
    )
    op.create_index(op.f('ix_lawyer_task_ended_at'), 'lawyer_task', ['ended_at'], unique=False)
    op.create_index('ix_lawyer_task_live', 'lawyer_task', ['due_at'], unique=False, postgresql_where=sa.text("state IN ('open', 'claimed')"))
    op.drop_constraint('ck_staff_role', 'staff')
    op.create_check_constraint(op.f('ck_staff_role'), 'staff', "role IN ('agent','dispatcher','supervisor','lawyer','manager','organisation','administrator')")


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
