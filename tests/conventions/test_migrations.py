"""One head, and the migrations make what the models describe."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table

from hotline.db import engine
from hotline.wiring.migrate import alembic_config
from hotline.wiring.tables import metadata


def differences(wanted: MetaData) -> list[Any]:
    with engine().connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), wanted)


def test_there_is_one_head() -> None:
    script = ScriptDirectory.from_config(alembic_config(""))
    assert len(script.get_heads()) == 1
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_the_migrations_make_the_models(database: str) -> None:
    assert differences(metadata) == [], "write a migration: scripts/new_migration.py"


def test_a_table_without_a_migration_is_found(database: str) -> None:
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    Table("forgotten", wanted, Column("id", Integer, primary_key=True))
    assert [change[0] for change in differences(wanted)] == ["add_table"]
