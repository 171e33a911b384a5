"""What every test shares: a clean cache, German as the language at the start, the real facts."""

from __future__ import annotations

import gc
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from vernetzt.page_cache import PAGES, QUERIED_PAGES

ROOT = Path(__file__).resolve().parent.parent
# With importlib mode pytest leaves the path alone; `from tests.factories import …` needs the root.
sys.path.insert(0, str(ROOT))

from tests import migrated  # noqa: E402

#: What a test asks for that reads or writes the database.
DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Run on a database server only what asks a database: the rest is the same on any.

    That is the half of the suite, which `make test` has run on SQLite. What starts a process of its
    own may connect there, and stays.
    """
    if connection.vendor == "sqlite":
        return
    kept = [item for item in items if asks_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not asks_the_database(item)])
    items[:] = kept


def asks_the_database(item):
    fixtures = set(item.fixturenames)
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or bool(DATABASE & fixtures) or hasattr(item.module, "subprocess")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Let the migrations find their work done, where the tables were kept from an earlier run."""
    gc.set_threshold(100_000, 20, 100)
    if connection.vendor != "sqlite":
        yield
        return
    # It lives as long as somebody is connected.
    memory = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(memory, uri=True)) as database:
        migrated.fill(database)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Keep the tables, and spare what stays for the whole run every later search for garbage.

    That is most of the memory: the tests themselves, the program, what is cached at the start.
    """
    with django_db_blocker.unblock():
        # Else a count of queries depends on which tests ran before.
        ContentType.objects.get_for_models(*apps.get_models())
        if connection.vendor == "sqlite":
            migrated.keep(connection.connection)
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_listed_once():
    """Let each further client take over the list of static files instead of reading the folders.

    Every client builds the middlewares anew, and they look at a hundred and fifty files each time.
    """
    listed: dict[str, dict[str, object]] = {}
    list_anew = WhiteNoiseMiddleware.add_files_from_finders

    def list_once(middleware):
        if middleware.static_prefix not in listed:
            list_anew(middleware)
            listed[middleware.static_prefix] = dict(middleware.files)
        middleware.files.update(listed[middleware.static_prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", list_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_cheaply():
    """Let a test with transactions of its own delete the rows there are, and nothing else.

    Django empties all tables, with PostgreSQL a new file for each and each of its indexes, and then
    writes the kinds of content and their permissions anew, which here nobody changes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
        yield


def delete_rows(_case):
    quoted = connection.ops.quote_name
    tables = set(connection.introspection.django_table_names(only_existing=True))
    tables -= {ContentType._meta.db_table, Permission._meta.db_table}
    filled = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quoted(table)})" for table in sorted(tables)
    )
    # Every foreign key is looked at when the transaction ends.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(filled)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted(table)}")


@pytest.fixture(autouse=True)
def _fresh_state():
    """Start every test in German and without kept pages."""
    caches["memory"].clear()
    PAGES.clear()
    QUERIED_PAGES.clear()
    with translation.override("de"):
        yield


@pytest.fixture(autouse=True)
def _queued_mail(settings):
    """Leave mails in the queue, as production does; pytest-django would send them into memory."""
    settings.EMAIL_BACKEND = "core.outbox.QueueBackend"
    settings.POST_OFFICE = {
        **settings.POST_OFFICE,
        "BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"},
        "DEFAULT_PRIORITY": "medium",
    }


@pytest.fixture
def no_limits(db):
    """Forget who tried to sign in, or was sent mails, in the tests before."""
    cache.clear()


@pytest.fixture
def programme(db):
    """Load the real programme and the editorial texts."""
    with translation.override("de"):
        call_command("load_editorial", ROOT / "data" / "pages.json", verbosity=0)
        call_command("load_programme", ROOT / "data" / "programme.json", verbosity=0)
        call_command("load_editorial", ROOT / "data" / "editorial.json", verbosity=0)
