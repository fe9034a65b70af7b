"""Write the next migration from the difference between the models and the newest schema (developers only).

    .venv/bin/python scripts/new_migration.py 0002 "agents get skills"

Read and mend what it wrote before you commit it; a merged migration is never edited.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from hotline.wiring.embedded import EmbeddedPostgres
from hotline.wiring.migrate import alembic_config, migrate
from hotline.wiring.processes import running


def main(number: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        postgres = EmbeddedPostgres(Path(scratch))
        postgres.prepare()
        with running(postgres.process(), log_dir=Path(scratch) / "log"):
            migrate(postgres.url())
            config = alembic_config(postgres.url())
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(config, message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(*sys.argv[1:3])
