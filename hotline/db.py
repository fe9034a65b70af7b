"""The database door: one engine, one `transaction()`. Services get a session and never commit."""

import logging
import select
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
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


def one_of(column: str, values: Iterable[str]) -> str:
    """The condition of a CHECK or of a partial index: "state IN ('open', 'closed')"."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


@cache
def engine() -> Engine:
    """One pool a process. `application_name` lets operators see whose connection it is."""
    database = settings().database
    made = create_engine(
        database.url,
        pool_size=database.pool_size,
        max_overflow=database.pool_size,
        hide_parameters=True,  # an error must not print the row, and with it a citizen
        connect_args={"application_name": "hotline"},
    )
    event.listen(made, "checkout", _refuse_if_the_server_left)
    return made


def _refuse_if_the_server_left(connection: Any, *_: object) -> None:
    """A PostgreSQL that ends says so on every connection: what is to be read on an idle one is its farewell.

    The pool then connects anew. Asking it (pool_pre_ping) would be a fifth of a transaction's round trips.
    """
    if connection.closed:
        raise InvalidatePoolError
    farewell = select.poll()
    farewell.register(connection.fileno(), select.POLLIN)
    if farewell.poll(0):
        raise InvalidatePoolError


class _Session(Session):
    def refresh(self, instance: object, *arguments: Any, **options: Any) -> None:
        """What was changed is written first: SQLAlchemy would drop it, and its fact would stand alone."""
        self.flush()
        super().refresh(instance, *arguments, **options)


@contextmanager
def transaction() -> Iterator[Session]:
    """All or nothing; what was announced inside reaches live pages only after the commit."""
    with _Session(engine(), expire_on_commit=False) as session:
        with session.begin():
            yield session
        live.publish(session.info.pop("announced", ()))
        jobs.send_wakes(session.info.pop("wake", []))
