"""catalogue with history."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('catalogue_publication',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('version_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=60), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.CheckConstraint("way IN ('loaded','published','rolled_back')", name=op.f('ck_catalogue_publication_way')),
    sa.ForeignKeyConstraint(['version_id'], ['catalogue_version.id'], name=op.f('fk_catalogue_publication_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_publication'))
    )
    op.create_index(op.f('ix_catalogue_publication_version_id'), 'catalogue_publication', ['version_id'], unique=False)
    op.create_table('offered_item',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=False),
    sa.Column('hotline', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_offered_item_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offered_item')),
    sa.UniqueConstraint('hotline', 'code', 'area_id', name=op.f('uq_offered_item_hotline_code_area_id'))
    )
    op.create_index(op.f('ix_offered_item_area_id'), 'offered_item', ['area_id'], unique=False)
    op.add_column('catalogue_item', sa.Column('official_code', sa.String(length=40), nullable=True))
    op.add_column('catalogue_item', sa.Column('assisting', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False))
    op.add_column('catalogue_item', sa.Column('level', sa.String(length=10), nullable=True))
    op.add_column('catalogue_item', sa.Column('emergency_minutes', sa.Integer(), nullable=True))
    op.add_column('catalogue_item', sa.Column('closing_standard', sa.String(length=300), nullable=True))
    op.add_column('catalogue_item', sa.Column('retired', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('catalogue_item', sa.Column('edition', sa.Integer(), server_default='1', nullable=False))
    for name, rule in (
        ('level', "level IN ('city','county','town')"),
        ('emergency_minutes', 'emergency_minutes > 0'),
    ):
        op.create_check_constraint(op.f(f'ck_catalogue_item_{name}'), 'catalogue_item', rule)
    _versions()


def _versions() -> None:
    table = 'catalogue_version'
    op.alter_column(table, 'loaded_at', new_column_name='made_at')
    op.add_column(table, sa.Column('state', sa.String(length=20), server_default='draft', nullable=False))
    op.execute("UPDATE catalogue_version SET state = CASE WHEN live THEN 'live' ELSE 'retired' END")
    # dropping `live` takes the index on it along; one of the same name follows
    op.drop_column(table, 'live')
    op.alter_column(table, 'sha256', server_default='')
    op.add_column(table, sa.Column('tier_days', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text('\'{"simple": 1, "general": 5, "complex": 15, "difficult": 20}\''), nullable=False))
    op.add_column(table, sa.Column('made_by', sa.String(length=60), server_default='system:catalogue', nullable=False))
    op.add_column(table, sa.Column('note', sa.String(length=300), server_default='', nullable=False))
    op.add_column(table, sa.Column('released_by', sa.String(length=60), nullable=True))
    op.add_column(table, sa.Column('goes_live_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(table, sa.Column('based_on_id', sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column('edition', sa.Integer(), server_default='1', nullable=False))
    op.create_foreign_key(op.f('fk_catalogue_version_based_on_id'), table, table, ['based_on_id'], ['id'])
    for name, rule in (
        ('state', "state IN ('draft', 'scheduled', 'live', 'retired')"),
        ('scheduled_for', "(state = 'scheduled') = (goes_live_at IS NOT NULL)"),
        ('digest', "state = 'draft' OR sha256 <> ''"),
    ):
        op.create_check_constraint(op.f(f'ck_catalogue_version_{name}'), table, rule)
    op.drop_constraint(op.f('uq_catalogue_version_hotline_sha256'), table, type_='unique')
    op.create_index('uq_catalogue_version_content', table, ['hotline', 'sha256'], unique=True, postgresql_where=sa.text("sha256 <> ''"))
    op.create_index('uq_catalogue_version_live', table, ['hotline'], unique=True, postgresql_where=sa.text("state = 'live'"))
    op.create_index('uq_catalogue_version_open', table, ['hotline'], unique=True, postgresql_where=sa.text("state IN ('draft', 'scheduled')"))
    op.execute(
        "INSERT INTO catalogue_publication (version_id, at, actor, way, note)"
        " SELECT id, made_at, made_by, 'loaded', version FROM catalogue_version ORDER BY id"
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
