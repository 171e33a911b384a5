"""Migrations: complete, and with names that say what they do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]


def own_migrations():
    loader = MigrationLoader(None)
    return {
        key: migration
        for key, migration in loader.disk_migrations.items()
        if Path(apps.get_app_config(key[0]).path).parent == ROOT
    }


@pytest.mark.django_db
def test_models_and_migrations_agree():
    """Exits with a message and status 1 where a migration is missing."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_have_spoken_names():
    wrong = [key for key in own_migrations() if re.search(r"_auto_|^\d{4}$|merge", key[1])]

    assert wrong == []


def test_migrations_hold_schema_or_data_but_not_both():
    mixed = [
        key
        for key, migration in own_migrations().items()
        if len({type(step).__name__.startswith("Run") for step in migration.operations}) > 1
    ]

    assert mixed == []


@pytest.mark.django_db
def test_every_model_s_table_is_there():
    tables = set(connection.introspection.table_names())

    missing = [model for model in apps.get_models() if model._meta.db_table not in tables]
    assert missing == []
