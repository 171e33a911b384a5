"""The database as the migrations leave it, kept in a file: they are carried out once, then copied.

What would change it — migrations, models, libraries — gives the file another name. Of the seven
portals of the browser tests, and of every call of pytest, each would spend twenty seconds on it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "migrated"
#: What says how the tables look.
SOURCES = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "requirements.txt")


def kept_file() -> Path:
    """Return the path of the file, whether or not it is there."""
    state = hashlib.sha256(sqlite3.sqlite_version.encode())
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        state.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return FOLDER / f"{state.hexdigest()[:20]}.sqlite3"


def fill(database: sqlite3.Connection) -> bool:
    """Fill an empty database from the file; tell whether there was one."""
    kept = kept_file()
    if not kept.exists():
        return False
    with closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as source:
        source.backup(database)
    return True


def keep(database: sqlite3.Connection) -> None:
    """Keep a database that was just migrated and holds nothing else, in place of older ones."""
    kept = kept_file()
    if kept.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Others may do the same at this moment: the file appears whole or not at all.
    begun = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(begun)) as copy:
        database.backup(copy)
    for older in FOLDER.glob("*.sqlite3"):
        older.unlink(missing_ok=True)
    begun.replace(kept)
