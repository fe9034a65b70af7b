"""The door to the database opens again after PostgreSQL went away and came back."""

from sqlalchemy import text

from hotline.db import transaction
from tests.conftest import Servers


def test_after_the_database_ended_every_connection_the_next_transaction_succeeds(
    servers: Servers, database: str
) -> None:
    with transaction() as first, transaction() as second:
        before = {session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)}
    servers.run_sql(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'"
    )
    with transaction() as first, transaction() as second:
        after = {session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)}
    assert not before & after
