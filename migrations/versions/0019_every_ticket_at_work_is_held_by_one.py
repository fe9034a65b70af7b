"""A ticket that somebody said yes to is always one organisation's (E03)."""

from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

HELD = "answered claimed in_hand long_term supplement_asked"


def upgrade() -> None:
    states = ", ".join(repr(state) for state in HELD.split())
    op.create_check_constraint(
        op.f('ck_ticket_held_by_one'), 'ticket', f"NOT (state IN ({states})) OR organisation_id IS NOT NULL"
    )


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
