"""Changes of what SQLite files hold: cells, of any type or of other JSON; rows; tables."""

import json
import os
import sqlite3
import tempfile
from contextlib import closing
from random import Random
from typing import Any

from .plain import flip_bits
from .trees import change_tree
from .values import wild

STATEMENTS = (
    "DELETE FROM point", "DELETE FROM name", "DROP TABLE name", "DROP TABLE point",
    "ALTER TABLE point DROP COLUMN code",
    "UPDATE point SET results = NULL", "UPDATE point SET error = 'x', results = NULL", "PRAGMA user_version = 2",
    "PRAGMA application_id = 0", "UPDATE point SET parameters = cast(x'ff00ff' AS TEXT)",
    "INSERT INTO name VALUES ('x', 'axis', 9)", "INSERT INTO name SELECT name || ' ', part, place FROM name",
    "UPDATE name SET name = 'é\"' || name", "CREATE TABLE more (a)", "UPDATE name SET place = NULL",
    "DELETE FROM form", "DROP TABLE form", "UPDATE point SET form = 9", "UPDATE point SET form = NULL",
    "UPDATE form SET names = '[]'", "UPDATE form SET parameters = '{}'", "PRAGMA user_version = 3",
)  # fmt: skip
COLUMNS = (
    "parameters",
    "results",
    "layers",
    "error",
    "seed",
    "code",
    "configuration",
    "elapsed_s",
    "finished_at",
    "id",
)


def change_database(data: bytes, rng: Random) -> bytes:
    """The file after a few changes by SQL; bits flipped where it is no database."""
    with tempfile.NamedTemporaryFile(suffix=".db") as place:
        place.write(data)
        place.flush()
        try:
            with closing(sqlite3.connect(place.name)) as file, file:
                file.execute("PRAGMA journal_mode = DELETE")
                for _ in range(rng.choice([1, 1, 2])):
                    _change(file, rng)
            with open(place.name, "rb") as changed:  # noqa: PTH123
                return changed.read()
        except (sqlite3.Error, OverflowError, UnicodeError, ValueError):
            return flip_bits(data, rng)
        finally:
            for more in ("-wal", "-shm", "-journal"):
                if os.path.exists(place.name + more):  # noqa: PTH110
                    os.unlink(place.name + more)  # noqa: PTH108


def _change(file: sqlite3.Connection, rng: Random) -> None:
    if rng.random() < 0.15:
        file.execute(rng.choice(STATEMENTS))
        return
    column = rng.choice(COLUMNS[:3] if rng.random() < 0.8 else COLUMNS)
    rows = file.execute(f"SELECT id, {column} FROM point").fetchall()
    if rows:
        one, value = rng.choice(rows)
        file.execute(f"UPDATE point SET {column} = ? WHERE id IS ?", (_cell(value, rng), one))


def _cell(value: Any, rng: Random) -> Any:
    if isinstance(value, str) and value[:1] in "{[" and rng.random() < 0.8:
        return json.dumps(change_tree(json.loads(value), rng))
    new = wild(rng)
    return json.dumps(new) if isinstance(new, list | dict) or rng.random() < 0.3 else new
