"""The real facts as an object to change, the loaders as people call them, the rows as stored."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import translation

PROGRAMME = Path(__file__).resolve().parents[2] / "data" / "programme.json"


def run(command: str, path: Path) -> str:
    """Return what the command says about the file."""
    output = io.StringIO()
    call_command(command, path, stdout=output)
    return output.getvalue().strip()


@pytest.fixture
def programme_path() -> Path:
    """Return the file that every installation loads."""
    return PROGRAMME


@pytest.fixture
def facts() -> dict[str, Any]:
    """Return the content of the real file, to read or to change."""
    content: dict[str, Any] = json.loads(PROGRAMME.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Load the real facts once for all tests of a module, inside a transaction around them."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        with translation.override("de"):
            run("load_programme", PROGRAMME)
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def load(tmp_path):
    """Return a function that writes content to a file and loads it."""

    def load_content(content: object, command: str = "load_programme") -> str:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return run(command, path)

    return load_content


@pytest.fixture
def refusal(tmp_path):
    """Return a function that loads what must be refused and returns the faults that are told."""

    def refused_with(content: object, command: str = "load_programme") -> list[str]:
        path = tmp_path / "facts.json"
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(raw)
        with pytest.raises(CommandError) as refused:
            run(command, path)
        first, *faults = str(refused.value).splitlines()
        assert first == f"{path} is refused, nothing was written:"
        return [fault.removeprefix("- ").replace(str(path), "FILE") for fault in faults]

    return refused_with


@pytest.fixture
def stored(db):
    """Return a function that reads every row of every table, with all columns."""

    def rows_by_table() -> dict[str, list[tuple[Any, ...]]]:
        tables = sorted(
            (model._meta.db_table, model._meta.pk.column)
            for model in apps.get_models(include_auto_created=True)
        )
        content = {}
        with connection.cursor() as cursor:
            for table, key in tables:
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY "{key}"')
                content[table] = cursor.fetchall()
        return content

    return rows_by_table
