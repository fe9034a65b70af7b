"""open tickets of a unit, the longest there first."""

from alembic import op
import sqlalchemy as sa


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_ticket_of_unit', 'ticket', ['organisation_id', 'accepted_at'],
        postgresql_where=sa.text("NOT (state IN ('closed', 'legal_route', 'merged', 'not_accepted', 'withdrawn'))"),
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
