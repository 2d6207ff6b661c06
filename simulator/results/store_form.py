"""The form of a store's tables: those of a new store, and how one of version 1 becomes one of version 2."""

import sqlite3
from pathlib import Path

from workloads.errors import refuse

APPLICATION, VERSION, OLDEST = 0x7A736B70, 2, 1
"""`zskp` in the file's header, the form of its tables, and the oldest form that is read and turned into this one."""
FORMS = """
CREATE TABLE form (              -- what many points have in common
    number INTEGER PRIMARY KEY,
    parameters TEXT NOT NULL,    -- JSON: all parameters of the first such point, by name
    names TEXT NOT NULL          -- JSON: the names of the figures
);
CREATE TABLE sweep (             -- those that run now, or were killed
    owner INTEGER PRIMARY KEY,
    place TEXT NOT NULL,         -- computer and process
    seen REAL NOT NULL           -- when it was there, in seconds since 1970
);
CREATE TABLE claim (             -- points that a sweep has begun
    number INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    points TEXT NOT NULL         -- their ids, separated by commas
);
"""
SCHEMA = f"""
CREATE TABLE point (
    id TEXT PRIMARY KEY,
    parameters TEXT NOT NULL,    -- JSON: all that was asked for; with a form, only what differs from the form's
    results TEXT,                -- JSON: with a form, the figures in the order of its names; else figures by name
    layers TEXT,                 -- JSON: a network's layers
    error TEXT,                  -- null where there are results
    seed INTEGER,                -- null also where it has more than 63 bits, which only the parameters hold
    code TEXT NOT NULL,          -- hash of the sources
    configuration TEXT NOT NULL, -- hash of architecture and technology
    elapsed_s REAL NOT NULL,
    finished_at TEXT NOT NULL,
    form INTEGER                 -- null: the row is complete by itself, as in version 1
);
CREATE TABLE name (name TEXT, part TEXT, place INTEGER, PRIMARY KEY (name, part));
{FORMS}"""
UPGRADE = f"ALTER TABLE point ADD COLUMN form INTEGER;{FORMS}"
"""From version 1: its rows stay as they are."""
KIND = """
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
       (SELECT count(*) FROM sqlite_schema)
"""


def check_kind(file: sqlite3.Connection, path: Path, empty: bool = False) -> None:
    """InputError where a file is no store, or one of another form; `empty`: a new file will do."""
    application, version, tables = file.execute(KIND).fetchone()  # at once: another sweep may be making the store
    if empty and not tables and not application:
        return
    if application != APPLICATION:
        refuse(
            path, "it is a database, but no store of a sweep", "one that `zeroskip sweep --store` wrote, or a new name"
        )
    if not OLDEST <= version <= VERSION:
        refuse(path, f"its form is version {version}", f"version {VERSION}, or a new name for the store")


def make_tables(file: sqlite3.Connection) -> None:
    """Make the tables of a new file, or those that one of an earlier version lacks; in a transaction of the caller."""
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    for statement in (UPGRADE if version else SCHEMA).split(";\n"):
        if statement.strip():
            file.execute(statement)
    file.execute(f"PRAGMA application_id = {APPLICATION}")
    file.execute(f"PRAGMA user_version = {VERSION}")


def form_column(file: sqlite3.Connection) -> str:
    """The expression that gives a point's form in SQL: null in a store of version 1."""
    return "form" if file.execute("PRAGMA user_version").fetchone()[0] >= VERSION else "NULL"
