"""learnt models."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('golden_sentence',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('hotline', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(length=60), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('retired_by', sa.String(length=60), nullable=True),
    sa.Column('retired_because', sa.String(length=300), nullable=True),
    sa.CheckConstraint('(retired_at IS NULL) = (retired_by IS NULL)', name=op.f('ck_golden_sentence_retired_by_somebody')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_golden_sentence'))
    )
    op.create_index('uq_golden_sentence_text', 'golden_sentence', ['hotline', 'text'], unique=True, postgresql_where=sa.text('retired_at IS NULL'))
    op.create_table('kept_meaning',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('model', sa.String(length=80), nullable=False),
    sa.Column('sentences', sa.Integer(), nullable=False),
    sa.Column('total', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_meaning')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_kept_meaning_fingerprint'))
    )
    op.create_table('learnt_model',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('hotline', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), server_default='asked', nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=60), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('catalogue_version_id', sa.BigInteger(), nullable=True),
    sa.Column('embedding_model', sa.String(length=80), nullable=True),
    sa.Column('tickets', sa.Integer(), server_default='0', nullable=False),
    sa.Column('items', sa.Integer(), server_default='0', nullable=False),
    sa.Column('artefact', sa.LargeBinary(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('golden', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('golden_live', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.CheckConstraint("state <> 'passed' OR sha256 IS NOT NULL", name=op.f('ck_learnt_model_passed_with_content')),
    sa.CheckConstraint("state IN ('asked', 'building', 'passed', 'same', 'refused', 'failed')", name=op.f('ck_learnt_model_state')),
    sa.ForeignKeyConstraint(['catalogue_version_id'], ['catalogue_version.id'], name=op.f('fk_learnt_model_catalogue_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learnt_model'))
    )
    op.create_index('ix_learnt_model_hotline', 'learnt_model', ['hotline', 'id'], unique=False)
    op.create_index('ix_learnt_model_owed', 'learnt_model', ['id'], unique=False, postgresql_where=sa.text("state IN ('asked','building')"))
    op.create_table('model_swap',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('hotline', sa.String(length=10), nullable=False),
    sa.Column('model_id', sa.BigInteger(), nullable=True),
    sa.Column('previous_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint("way IN ('rebuilt','rolled_back')", name=op.f('ck_model_swap_way')),
    sa.ForeignKeyConstraint(['model_id'], ['learnt_model.id'], name=op.f('fk_model_swap_model_id')),
    sa.ForeignKeyConstraint(['previous_id'], ['learnt_model.id'], name=op.f('fk_model_swap_previous_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_swap'))
    )
    op.create_index('ix_model_swap_hotline', 'model_swap', ['hotline', 'id'], unique=False)


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
