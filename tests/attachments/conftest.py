"""One seeded database for all tests of a file: each looks at tickets of its own only."""

from tests.tickets.conftest import seeded

__all__ = ["seeded"]
