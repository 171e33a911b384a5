"""What every test shares: a clean cache, German as the language at the start, the real facts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from django.core.management import call_command
from django.utils import translation

from vernetzt.page_cache import PAGES, QUERIED_PAGES

ROOT = Path(__file__).resolve().parent.parent
# With importlib mode pytest leaves the path alone; `from tests.factories import …` needs the root.
sys.path.insert(0, str(ROOT))


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
