"""attachments and evidence."""

from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('suffix', sa.String(length=4), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(party = 'organisation') = (organisation_id IS NOT NULL)", name=op.f('ck_attachment_whose')),
    sa.CheckConstraint("party IN ('citizen', 'hotline', 'organisation')", name=op.f('ck_attachment_party')),
    sa.CheckConstraint("suffix IN ('jpg', 'png', 'webp', 'pdf', 'mp4', 'mov', '3gp')", name=op.f('ck_attachment_suffix')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_attachment_organisation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_attachment_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('ticket_id', 'sha256', name=op.f('uq_attachment_ticket_id_sha256'))
    )
    op.create_index(op.f('ix_attachment_sha256'), 'attachment', ['sha256'], unique=False)
    op.add_column('catalogue_item', sa.Column('evidence_characters', sa.Integer(), nullable=True))
    op.add_column('catalogue_item', sa.Column('evidence_photos', sa.Integer(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Hotline goes forward only; restore a backup to go back")
