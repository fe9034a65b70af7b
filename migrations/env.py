"""Alembic's door: the models are the wish, the numbered files the way there."""

from alembic import context
from sqlalchemy import NullPool, create_engine

from hotline.wiring.tables import metadata

url = context.config.attributes["url"]

with create_engine(url, poolclass=NullPool).connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
