"""Catalogues are compiled without gettext, only where needed, and never half."""

from __future__ import annotations

import gettext
import os

import pytest

from tools import compile_messages

HEAD = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
TEXTS = """\
msgid "City"
msgstr "Stadt"

msgctxt "verb"
msgid "Open"
msgstr "Öffnen"

msgid "%(n)d city"
msgid_plural "%(n)d cities"
msgstr[0] "%(n)d Stadt"
msgstr[1] "%(n)d Städte"

#, fuzzy
msgid "Guess"
msgstr "Vermutung"

msgid "Untranslated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Weg"
"""


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """Return the path of a German catalogue in a project of its own."""
    monkeypatch.setattr(compile_messages, "ROOT", tmp_path)
    source = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEAD + TEXTS, encoding="utf-8")
    return source


def translations(catalogue):
    """Return the compiled catalogue as the program reads it."""
    with catalogue.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def make_newer(path, than):
    """Set the time of a file two seconds after that of another."""
    moment = than.stat().st_mtime_ns + 2_000_000_000
    os.utime(path, ns=(moment, moment))


def test_catalogue_is_compiled_with_contexts_and_plurals(catalogue, capsys):
    assert compile_messages.main() == 0

    german = translations(catalogue)
    assert german.gettext("City") == "Stadt"
    assert german.pgettext("verb", "Open") == "Öffnen"
    assert [german.ngettext("%(n)d city", "%(n)d cities", n) for n in (1, 2)] == [
        "%(n)d Stadt",
        "%(n)d Städte",
    ]
    assert capsys.readouterr() == ("Messages: 1 compiled.\n", "")
    assert sorted(path.name for path in catalogue.parent.iterdir()) == ["django.mo", "django.po"]


@pytest.mark.parametrize("text", ["Guess", "Untranslated", "Gone"])
def test_text_that_is_not_surely_translated_stays_as_it_is(catalogue, text):
    compile_messages.main()

    assert translations(catalogue).gettext(text) == text


def test_second_run_compiles_nothing(catalogue, capsys):
    compile_messages.main()
    before = catalogue.with_suffix(".mo").stat()
    capsys.readouterr()

    assert compile_messages.main() == 0

    after = catalogue.with_suffix(".mo").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert capsys.readouterr() == ("Messages: up to date.\n", "")


def test_catalogue_that_is_newer_is_compiled_again(catalogue):
    compile_messages.main()
    catalogue.write_text(HEAD + TEXTS.replace("Stadt", "Kommune"), encoding="utf-8")
    make_newer(catalogue, than=catalogue.with_suffix(".mo"))

    assert compile_messages.main() == 0

    assert translations(catalogue).gettext("City") == "Kommune"


def test_every_language_is_compiled(catalogue, tmp_path, capsys):
    other = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    other.parent.mkdir(parents=True)
    other.write_text(HEAD + 'msgid "City"\nmsgstr "Ville"\n', encoding="utf-8")

    assert compile_messages.main() == 0

    assert translations(other).gettext("City") == "Ville"
    assert capsys.readouterr().out == "Messages: 2 compiled.\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'msgid "City"\nnonsense\n', "Syntax error in po file {path} (line 2)"),
        (HEAD.encode() + b'msgid "City"\nmsgstr "St\xe4dte"\n', "'utf-8' codec can't decode"),
    ],
    ids=["syntax", "not UTF-8"],
)
def test_broken_catalogue_is_told_and_the_old_one_stays(catalogue, capsys, content, words):
    compile_messages.main()
    before = catalogue.with_suffix(".mo").read_bytes()
    capsys.readouterr()
    catalogue.write_bytes(content)
    make_newer(catalogue, than=catalogue.with_suffix(".mo"))

    assert compile_messages.main() == 1

    told = capsys.readouterr()
    expected = f"Messages: locale/de/LC_MESSAGES/django.po: {words.format(path=catalogue)}"
    assert (told.out, told.err[: len(expected)]) == ("", expected)
    assert catalogue.with_suffix(".mo").read_bytes() == before
    assert sorted(path.name for path in catalogue.parent.iterdir()) == ["django.mo", "django.po"]


def test_project_without_catalogues_is_up_to_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compile_messages, "ROOT", tmp_path)

    assert compile_messages.main() == 0
    assert capsys.readouterr() == ("Messages: up to date.\n", "")
