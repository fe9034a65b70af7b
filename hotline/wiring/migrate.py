"""Brings a database to the newest schema. Safe to run again and from two machines at once."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text

import migrations

LOCK = 12345_12348  # one migrator at a time, whichever machine it is on


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with create_engine(url, poolclass=NullPool).connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        command.upgrade(alembic_config(url), "head")
