"""The database door: one engine, one `transaction()`. Services get a session and never commit."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import ClassVar

from sqlalchemy import DateTime, Engine, MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase, Session

from hotline import jobs, live
from hotline.config import settings

logger = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True)}


@cache
def engine() -> Engine:
    """One pool a process. `application_name` lets operators see whose connection it is."""
    database = settings().database
    return create_engine(
        database.url,
        pool_size=database.pool_size,
        max_overflow=database.pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # an error must not print the row, and with it a citizen
        connect_args={"application_name": "hotline"},
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing; what was announced inside reaches live pages only after the commit."""
    with Session(engine(), expire_on_commit=False) as session:
        with session.begin():
            yield session
        live.publish(session.info.pop("announced", ()))
        jobs.send_wakes(session.info.pop("wake", []))
