"""Every text that code and templates mark must stand in the catalogue, translated and in use."""

from __future__ import annotations

import polib
import pytest

from tools import check_messages
from tools.check_messages import faults_of, key, short, texts_in_use

HEAD = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
CODE = """\
from django.utils.translation import gettext as _, ngettext, pgettext

CITY = _("City")
OPEN = pgettext("verb", "Open")


def count(n):
    return ngettext("%(n)d city", "%(n)d cities", n)
"""
TEMPLATE = "{% load i18n %}<h1>{% translate 'Welcome' %}</h1>\n"
GERMAN = """\
msgid "City"
msgstr "Stadt"

msgctxt "verb"
msgid "Open"
msgstr "Öffnen"

#, python-format
msgid "%(n)d city"
msgid_plural "%(n)d cities"
msgstr[0] "%(n)d Stadt"
msgstr[1] "%(n)d Städte"

msgid "Welcome"
msgstr "Willkommen"
"""
NAMES = {
    ("", "City", ""),
    ("verb", "Open", ""),
    ("", "%(n)d city", "%(n)d cities"),
    ("", "Welcome", ""),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a small project with a module, a template and a complete German catalogue."""
    root = tmp_path / "project"
    monkeypatch.setattr(check_messages, "ROOT", root)
    for path, content in {
        "app/places.py": CODE,
        "templates/start.html": TEMPLATE,
        "locale/de/LC_MESSAGES/django.po": HEAD + GERMAN,
        "tests/test_places.py": 'from gettext import gettext as _\n_("Only a test")\n',
    }.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(content, encoding="utf-8")
    return root


@pytest.fixture
def faults(tmp_path):
    """Return a function that checks a German catalogue against the texts of the small project."""

    def found(german: str) -> list[str]:
        source = tmp_path / "django.po"
        source.write_text(HEAD + german, encoding="utf-8")
        return faults_of(source, {name: polib.POEntry() for name in NAMES})

    return found


def test_texts_of_code_and_templates_are_collected_and_nothing_is_changed(project, files_below):
    before = files_below(project)

    found = texts_in_use(project)

    assert set(found) == NAMES
    assert files_below(project) == before


def test_template_that_cannot_be_read_is_told(project):
    (project / "templates" / "start.html").write_text(
        "{% load i18n %}{% blocktranslate %}{% if city %}{% endblocktranslate %}", encoding="utf-8"
    )

    with pytest.raises(RuntimeError, match=r"templates/start\.html"):
        texts_in_use(project)


def test_complete_catalogue_has_no_faults(faults):
    assert faults(GERMAN) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('msgid "Welcome"\nmsgstr "Willkommen"\n', "", ["missing: “Welcome”"]),
        ('msgctxt "verb"\n', "", ["missing: “Open” (verb)", "no longer used: “Open”"]),
        ('msgstr "Willkommen"', 'msgstr ""', ["not translated: “Welcome”"]),
        ('msgid "Welcome"', '#, fuzzy\nmsgid "Welcome"', ["fuzzy: “Welcome”"]),
        (
            'msgid "Welcome"',
            '#~ msgid "Gone"\n#~ msgstr "Weg"\n\nmsgid "Welcome"',
            ["obsolete: “Gone”"],
        ),
        (
            'msgid "Welcome"\nmsgstr "Willkommen"',
            'msgid "Good bye"\nmsgstr "Tschüss"',
            ["missing: “Welcome”", "no longer used: “Good bye”"],
        ),
        ('msgstr[1] "%(n)d Städte"', 'msgstr[1] ""', ["not translated: “%(n)d city”"]),
    ],
    ids=["missing", "context", "untranslated", "fuzzy", "obsolete", "renamed", "half a plural"],
)
def test_catalogue_that_is_not_complete_has_a_fault(faults, old, new, expected):
    assert old in GERMAN

    assert faults(GERMAN.replace(old, new)) == expected


def test_translation_that_loses_a_placeholder_is_a_fault(faults):
    found = faults(GERMAN.replace('msgstr[1] "%(n)d Städte"', 'msgstr[1] "%(m)d Städte"'))

    assert len(found) >= 1
    assert {fault.partition(": ")[0] for fault in found} == {"msgfmt"}
    assert "'msgstr[1]'" in found[0]


def test_catalogue_that_is_missing_is_a_fault(tmp_path):
    found = faults_of(tmp_path / "django.po", {name: polib.POEntry() for name in NAMES})

    assert found == ["the catalogue is missing; 4 texts wait for it"]


def test_message_is_named_on_one_short_line():
    assert short(("", "a\n  b", "")) == "“a b”"
    assert short(("verb", "Open", "")) == "“Open” (verb)"
    assert short(("", "x" * 80, "")) == f"“{'x' * 80}”"
    assert short(("", "x" * 81, "")) == f"“{'x' * 79}…”"


def test_message_is_told_apart_by_context_and_plural():
    assert key(polib.POEntry(msgid="Open")) == ("", "Open", "")
    assert key(polib.POEntry(msgid="a", msgid_plural="b", msgctxt="c")) == ("c", "a", "b")


def test_command_accepts_a_complete_project(project, capsys):
    assert check_messages.main() == 0
    assert capsys.readouterr() == ("Messages: 4 texts, complete in de.\n", "")


def test_command_names_every_fault_and_the_way_out(project, capsys):
    source = project / "locale" / "de" / "LC_MESSAGES" / "django.po"
    source.write_text(HEAD + GERMAN.replace('"Willkommen"', '""'), encoding="utf-8")
    french = project / "locale" / "fr" / "LC_MESSAGES"
    french.mkdir(parents=True)

    assert check_messages.main() == 1

    output, words = capsys.readouterr()
    assert (output, words.splitlines()) == (
        "",
        [
            "Messages: locale/de/LC_MESSAGES/django.po:",
            "  not translated: “Welcome”",
            "Messages: locale/fr/LC_MESSAGES/django.po:",
            "  the catalogue is missing; 4 texts wait for it",
            "Messages: bring the catalogues up to date with",
            f"  {check_messages.REFRESH}",
        ],
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'msgid "City"\nnonsense\n', "  Syntax error in po file"),
        (HEAD.encode() + b'msgid "City"\nmsgstr "\xff"\n', "  'utf-8' codec can't decode"),
    ],
    ids=["syntax", "not UTF-8"],
)
def test_command_tells_of_a_broken_catalogue(project, capsys, content, words):
    (project / "locale" / "de" / "LC_MESSAGES" / "django.po").write_bytes(content)

    assert check_messages.main() == 1

    lines = capsys.readouterr().err.splitlines()
    assert (lines[0], lines[1][: len(words)]) == (
        "Messages: locale/de/LC_MESSAGES/django.po:",
        words,
    )


def test_command_tells_of_a_template_that_cannot_be_read(project, capsys):
    (project / "templates" / "start.html").write_text(
        "{% load i18n %}{% blocktranslate %}{% if city %}{% endblocktranslate %}", encoding="utf-8"
    )

    assert check_messages.main() == 1

    output, words = capsys.readouterr()
    assert (output, words.splitlines()[0]) == ("", "Messages: the texts cannot be collected.")


def test_command_without_gettext_says_how_to_get_it(project, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert check_messages.main() == 1
    assert capsys.readouterr() == (
        "",
        "Messages: xgettext, msgfmt, msguniq missing. On Debian: apt install gettext\n",
    )
