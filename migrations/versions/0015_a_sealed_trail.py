"""a sealed trail."""

from alembic import op
import sqlalchemy as sa
from hotline.event_log import Xid8


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('event_seal',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('era', sa.Integer(), nullable=False),
    sa.Column('tx', Xid8(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('marks', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_event_seal'))
    )
    op.create_index('ix_event_seal_place', 'event_seal', ['era', 'tx', 'event_id'], unique=False)
    op.create_index(op.f('ix_event_seal_sealed_at'), 'event_seal', ['sealed_at'], unique=False)
    op.add_column('event_log', sa.Column('era', sa.Integer(), server_default='0', nullable=False))
    op.create_index('ix_event_log_era_tx_id', 'event_log', ['era', 'tx', 'id'], unique=False)
    op.drop_index('ix_event_log_tx_id', table_name='event_log')
    op.add_column('relay_cursor', sa.Column('era', sa.Integer(), server_default='0', nullable=False))

    # seals are for ever like the facts under them
    op.execute("""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """)
    op.execute(
        "CREATE TRIGGER event_seal_append_only BEFORE UPDATE OR DELETE ON event_seal"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER event_seal_no_truncate BEFORE TRUNCATE ON event_seal"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
