"""Translations: every text in German, with the same placeholders, none left over."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from tools import check_messages

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"


def test_catalogue_is_complete():
    """Needs GNU gettext, like `make check`."""
    used = check_messages.texts_in_use(ROOT)

    assert len(used) > 300
    assert check_messages.faults_of(CATALOGUE, used) == []


@pytest.fixture(scope="module")
def entries():
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


def test_translations_use_no_straight_quotes(entries):
    wrong = [e.msgstr for e in entries if re.search(r"(^|\s)\"|\"(\s|$)|''|\.\.\.", e.msgstr)]

    assert wrong == []


def test_translations_end_as_their_source_does(entries):
    """A sentence stays a sentence, a label a label."""
    wrong = [
        (entry.msgid, entry.msgstr)
        for entry in entries
        if entry.msgstr and (entry.msgid[-1] in ".?!:") != (entry.msgstr[-1] in ".?!:")
    ]

    assert wrong == []


def test_translations_address_readers_formally(entries):
    wrong = [e.msgstr for e in entries if re.search(r"\b(du|dein|deine|euch|eure)\b", e.msgstr)]

    assert wrong == []
