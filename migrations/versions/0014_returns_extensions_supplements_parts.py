"""What returns, extensions, supplements and assisting parts are asked and decided with."""

from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ORDER_STATES = "proposed sent offered accepted declined timed_out withdrawn returned waived answered"


def upgrade() -> None:
    op.add_column('adjudication', sa.Column('legal_route', sa.String(length=20), nullable=True))
    op.add_column('adjudication', sa.Column('code', sa.String(length=20), nullable=True))
    op.add_column('extension', sa.Column('code', sa.String(length=20), nullable=False))
    op.add_column('supplement', sa.Column('organisation_id', sa.BigInteger(), nullable=True))
    op.add_column('supplement', sa.Column('code', sa.String(length=20), nullable=False))
    op.add_column('supplement', sa.Column('ended_as', sa.String(length=10), nullable=True))
    op.create_index('ix_supplement_lapsing', 'supplement', ['lapses_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_constraint(op.f('fk_supplement_work_order_id'), 'supplement', type_='foreignkey')
    op.create_foreign_key(op.f('fk_supplement_organisation_id'), 'supplement', 'organisation', ['organisation_id'], ['id'])
    op.drop_column('supplement', 'work_order_id')
    op.add_column('ticket', sa.Column('long_term_code', sa.String(length=20), nullable=True))
    op.add_column('ticket', sa.Column('long_term_note', sa.String(length=300), nullable=True))
    op.add_column('work_order', sa.Column('joint_kind', sa.String(length=20), nullable=True))
    op.add_column('work_order', sa.Column('task', sa.String(), nullable=True))
    op.add_column('work_order', sa.Column('return_code', sa.String(length=20), nullable=True))
    op.add_column('work_order', sa.Column('suggested_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_work_order_suggested_id'), 'work_order', 'organisation', ['suggested_id'], ['id'])
    _look_again_at_what_the_columns_allow()


def _look_again_at_what_the_columns_allow() -> None:
    op.create_check_constraint(op.f('ck_supplement_ended_as'), 'supplement', "ended_as IN ('web','telephone','lapsed','dropped')")
    op.drop_constraint(op.f('ck_work_order_state'), 'work_order')
    op.create_check_constraint(op.f('ck_work_order_state'), 'work_order', f"state IN ({_quoted(ORDER_STATES)})")
    op.drop_constraint(op.f('ck_work_order_answered_in_public'), 'work_order')
    op.create_check_constraint(op.f('ck_work_order_answered_in_public'), 'work_order', "state <> 'answered' OR part = 'assist' OR public_reply IS NOT NULL")
    op.create_check_constraint(op.f('ck_work_order_assisting_parts_have_a_kind'), 'work_order', "(part = 'assist') = (joint_kind IS NOT NULL)")


def _quoted(words: str) -> str:
    return ", ".join(repr(word) for word in words.split())


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
