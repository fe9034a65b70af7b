"""Brings a database to the newest schema. Safe to run again and from two machines at once."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

import migrations
from hotline.errors import HotlineError

LOCK = 12345_12348  # one migrator at a time, whichever machine it is on
# Everything but to change the trail, or to say where in it a fact stands.
GRANTS = """
    GRANT USAGE ON SCHEMA public TO {role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
    REVOKE ALL ON event_log, event_seal, alembic_version FROM {role};
    GRANT SELECT ON event_log, event_seal, alembic_version TO {role};
    GRANT INSERT (at, kind, actor, call_id, ticket_id, data) ON event_log TO {role};
    GRANT INSERT ON event_seal TO {role};
"""
# The newest fact's transaction is one this cluster has not come to: the log was brought from another.
BROUGHT_HERE = """
    SELECT era + 1 FROM (SELECT era, tx FROM event_log ORDER BY era DESC, tx DESC LIMIT 1) newest
    WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())
"""


class RoleMissing(HotlineError):
    code = "database_role_missing"


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    return config


def migrate(url: str, *, service_url: str = "") -> None:
    """`url` is the owner's; the role of `service_url`, where it is another, may then do its work.

    Raises RoleMissing.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        command.upgrade(alembic_config(url), "head")
        with engine.begin() as connection:
            _begin_era(connection)
            if service_url:
                _let_in(connection, service_url)


def _begin_era(connection: Connection) -> None:
    """After a restore into another cluster: its transactions are counted anew, behind all facts there are."""
    era = connection.scalar(text(BROUGHT_HERE))
    if era is not None:
        connection.execute(text(f"ALTER TABLE event_log ALTER COLUMN era SET DEFAULT {era:d}"))


def _let_in(connection: Connection, service_url: str) -> None:
    wanted = make_url(service_url)
    name = wanted.username
    if name is None or name == connection.scalar(text("SELECT current_user")):
        return
    role = connection.dialect.identifier_preparer.quote_identifier(name)
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}) is None:
        if wanted.password is not None:
            raise RoleMissing(f"the database has no role {name}: CREATE ROLE {role} LOGIN PASSWORD '…'")
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    connection.execute(text(GRANTS.format(role=role)))
