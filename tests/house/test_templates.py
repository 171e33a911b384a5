"""Templates: all in use, all variables there, nothing inline."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from tests.factories import (
    ArticleFactory,
    CallFactory,
    MeetingFactory,
    MunicipalityFactory,
    TandemFactory,
)
from tests.faults import unreachable_database
from tests.world import STANDING_PAGES, make_world

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates").rglob("*.*"))
}
APPS = ("core", "accounts", "municipalities", "calls", "tandems", "meetings", "editorial")
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for app in (*APPS, "vernetzt")
    for path in sorted((ROOT / app).rglob("*.py"))
)
#: Folders whose templates a library asks for.
OF_LIBRARIES = (
    "admin/",
    "allauth/",
    "account/",
    "mfa/",
    "socialaccount/",
    "usersessions/",
    "kern/",
)
ALL = pytest.mark.parametrize("name", TEMPLATES)

#: Variables that a page may leave out → what stands there then.
OPTIONAL = {
    "title": "the name of the network",
    "summary.text": "the description of the network, for search engines",
    "profile.summary": "the description of the network, for search engines",
}


def without_data(text):
    """Return a template without data that a script reads; the browser does not run it."""
    data = r"<script[^>]*type=\"application/json\"[^>]*>.*?</script>"
    return re.sub(data, "", text, flags=re.DOTALL)


def parts_of(text):
    """Return the templates that a template extends or includes."""
    return re.findall(r"{%-?\s*(?:extends|include)\s+[\"']([^\"']+)[\"']", text)


def test_there_are_templates():
    assert len(TEMPLATES) > 30


def test_every_template_is_in_use():
    named = set(re.findall(r"[\"']([\w/]+\.(?:html|xml|txt))[\"']", CODE))
    named |= {part for text in TEMPLATES.values() for part in parts_of(text)}
    endings = ("_subject.txt", ".txt")
    named |= {f"{mail}{end}" for mail in re.findall(r"\"(mail/\w+)\"", CODE) for end in endings}
    # What a library asks for by name: its pages in our look.
    named |= {name for name in TEMPLATES if name.startswith(OF_LIBRARIES)}

    assert set(TEMPLATES) - named == set()


@ALL
def test_every_part_that_a_template_names_is_there(name):
    parts = parts_of(TEMPLATES[name])

    # Also those that a library brings.
    for part in parts:
        get_template(part)
    assert len(re.findall(r"{%-?\s*(?:extends|include)\b", TEMPLATES[name])) == len(parts)


@ALL
def test_template_extends_the_base_in_one_hop_or_is_a_part(name):
    parents = re.findall(r"{%\s*extends\s+\"([^\"]+)\"", TEMPLATES[name])
    if name.startswith(OF_LIBRARIES):
        return  # allauth brings layouts of its own between a page and the base
    if name.startswith("admin/"):
        assert [parent.partition("/")[0] for parent in parents] == ["admin"]
        return
    is_part = name.startswith(("components/_", "mail/")) or Path(name).name.startswith("_")

    if is_part or name in {"base.html", "500.html"}:
        assert parents == []
    else:
        assert parents == ["base.html"]


@ALL
def test_template_holds_no_inline_style_script_or_handler(name):
    markup = re.sub(r"{[%{#].*?[%}#]}", "", without_data(TEMPLATES[name]), flags=re.DOTALL)

    assert re.findall(r"<style|\sstyle\s*=|<script(?! src=)|\son\w+\s*=|javascript:", markup) == []


@ALL
def test_template_switches_off_no_escaping(name):
    assert re.findall(r"\|\s*safe\b|autoescape|safeseq|{%\s*filter\b", TEMPLATES[name]) == []


@ALL
def test_template_trims_its_long_texts(name):
    """Untrimmed, the line breaks of the markup become part of what translators see."""
    long_texts = re.findall(r"{%\s*blocktrans(?:late)?\b([^%]*)%}", TEMPLATES[name])

    assert [text for text in long_texts if "trimmed" not in text.split()] == []


@ALL
def test_template_leaves_no_words_untranslated(name):
    """Words between tags outside of translate; names and signs of no language are listed."""
    names = r"EUPL-1\.2|iCal|km²|#vernetztinEuropa|UTF-8"
    text = re.sub(
        r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}",
        "",
        without_data(TEMPLATES[name]),
        flags=re.DOTALL,
    )
    text = re.sub(r"{[%{#].*?[%}#]}", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)

    assert re.findall(r"[^\W\d_]{2,}", re.sub(names, "", text)) == []


class Undefined(str):
    """Stands for every variable that a template names and nobody sets."""

    __slots__ = ("names",)

    def __new__(cls, names):
        undefined = super().__new__(cls, "undefined %s")
        undefined.names = names
        return undefined

    def __mod__(self, variable):
        self.names.add(str(variable))
        return ""


@pytest.fixture
def undefined(settings):
    """Collect the names of undefined variables from everything rendered meanwhile."""
    names: set[str] = set()
    strict = copy.deepcopy(settings.TEMPLATES)
    strict[0]["OPTIONS"]["string_if_invalid"] = Undefined(names)
    settings.TEMPLATES = strict
    return names


@pytest.mark.django_db
def test_no_page_names_a_variable_that_nobody_sets(undefined):
    world, client = make_world(), Client()

    for language in ("de", "en"):
        for path in [*world.pages(language), *world.files(language)]:
            client.get(path)

    assert undefined - set(OPTIONAL) == set()


@pytest.mark.django_db
def test_no_page_of_an_empty_portal_names_a_variable_that_nobody_sets(undefined):
    client = Client()

    for name in STANDING_PAGES:
        client.get(reverse(name))

    assert undefined - set(OPTIONAL) == set()


@pytest.mark.django_db
def test_no_page_about_which_nothing_is_known_names_a_variable_that_nobody_sets(undefined):
    client = Client()

    for factory in (
        MunicipalityFactory,
        TandemFactory,
        MeetingFactory,
        CallFactory,
        ArticleFactory,
    ):
        response = client.get(factory().get_absolute_url())
        assert response.status_code == 200

    assert undefined - set(OPTIONAL) == set()


@pytest.mark.django_db
def test_no_error_page_names_a_variable_that_nobody_sets(undefined):
    client = Client(raise_request_exception=False)

    statuses = [
        client.get("/de/", headers={"host": "evil.example"}).status_code,
        client.get("/de/nowhere/").status_code,
        client.post("/de/").status_code,
    ]
    with unreachable_database():
        statuses.append(client.get("/de/").status_code)

    assert statuses == [400, 404, 405, 500]
    assert undefined - set(OPTIONAL) == set()


def test_the_strict_engine_notices_an_undefined_variable(undefined):
    engines["django"].from_string("{{ nobody.sets|default:'x' }}{{ known }}").render({"known": 1})

    assert undefined == {"nobody.sets"}


def test_no_template_writes_a_key_as_people_write_numbers():
    """``{{ row.pk }}`` of row 1204 is “1,204”, which no form or anchor finds again."""
    found = [
        (name, match)
        for name, text in TEMPLATES.items()
        for match in re.findall(r"\{\{ *(?:\w+\.)*(?:pk|municipality_id) *\}\}", text)
    ]

    assert found == []
