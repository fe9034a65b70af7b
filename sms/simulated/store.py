"""What the simulated carrier remembers, in one SQLite file: messages, knobs, calls it owes Hotline."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE, outward INTEGER NOT NULL, number TEXT NOT NULL,
    text TEXT NOT NULL, parts INTEGER NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS message_number ON message (number, id);
CREATE TABLE IF NOT EXISTS knob (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS owed (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, payload TEXT NOT NULL, due REAL NOT NULL);
"""
KNOBS = ("delay_seconds", "twice", "early", "refuse", "down")


class CarrierStore:
    """Opened anew for each act: several threads use it, and a restart finds everything again."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._path = data_dir / "simulated-carrier.sqlite3"
        with self._open() as db:
            db.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        db.row_factory = sqlite3.Row
        try:
            with db:
                yield db
        finally:
            db.close()

    def keep(self, *, number: str, text: str, parts: int, key: str | None, outward: bool) -> tuple[int, bool]:
        """(id, is it new): the same key again is the same message."""
        with self._open() as db:
            made = db.execute(
                "INSERT INTO message (key, outward, number, text, parts, at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                (key, outward, number, text, parts, time.time()),
            ).fetchone()
            row = made or db.execute("SELECT id FROM message WHERE key = ?", (key,)).fetchone()
            return row["id"], made is not None

    def conversation(self, number: str) -> list[sqlite3.Row]:
        with self._open() as db:
            return db.execute("SELECT * FROM message WHERE number = ? ORDER BY id", (number,)).fetchall()

    def numbers(self) -> list[sqlite3.Row]:
        """One row a number: how many messages and the last of them, newest first."""
        with self._open() as db:
            return db.execute(
                "SELECT number, count(*) AS messages, max(id) AS last, text, at FROM message"
                " GROUP BY number ORDER BY last DESC LIMIT 200"
            ).fetchall()

    def knobs(self) -> dict[str, int]:
        with self._open() as db:
            turned = {row["name"]: row["value"] for row in db.execute("SELECT * FROM knob")}
        return {name: turned.get(name, 0) for name in KNOBS}

    def turn(self, knobs: dict[str, int]) -> None:
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO knob VALUES (?, ?)", knobs.items())

    def owe(self, path: str, payload: dict[str, Any], *, in_seconds: float) -> None:
        """A call to Hotline that must be made, and made again until it is answered."""
        row = (path, json.dumps(payload, ensure_ascii=False), time.time() + in_seconds)
        with self._open() as db:
            db.execute("INSERT INTO owed (path, payload, due) VALUES (?, ?, ?)", row)

    def due(self) -> list[sqlite3.Row]:
        with self._open() as db:
            return db.execute(
                "SELECT * FROM owed WHERE due <= ? ORDER BY id LIMIT 50", (time.time(),)
            ).fetchall()

    def paid(self, owed_id: int) -> None:
        with self._open() as db:
            db.execute("DELETE FROM owed WHERE id = ?", (owed_id,))

    def postpone(self, owed_id: int, seconds: float) -> None:
        with self._open() as db:
            db.execute("UPDATE owed SET due = ? WHERE id = ?", (time.time() + seconds, owed_id))
