"""Pages and news: loaded whole, refused whole, and left alone by a second run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from editorial.models import Article, Page

pytestmark = pytest.mark.usefixtures("loaded")

COMMAND = "load_editorial"
STORY = "articles “hamm-meets-arezzo”"


@pytest.fixture
def texts() -> dict[str, Any]:
    """Return one page and two stories, the second with as little as possible."""
    return {
        "pages": [
            {
                "key": "easy-language",
                "title_de": "Leichte Sprache",
                "title_en": "Easy language",
                "body_de": "Das Portal von {operator_name}.",
                "body_en": "The portal of {operator_name}.",
                "reviewed_on": "2026-11-25",
            }
        ],
        "articles": [
            {
                "slug": "hamm-meets-arezzo",
                "title_de": "Hamm trifft Arezzo",
                "title_en": "Hamm meets Arezzo",
                "teaser_de": "Zwei Städte.",
                "teaser_en": "Two cities.",
                "body_de": "Der **Text**.",
                "body_en": "The **text**.",
                "published_on": "2023-09-08",
                "tandem": "hamm-arezzo",
                "municipalities": ["hamm", "arezzo"],
                "sources": ["https://www.hamm.de/"],
            },
            {
                "slug": "bare",
                "title_de": "Kurz",
                "title_en": "Short",
                "teaser_de": "Kurz.",
                "teaser_en": "Short.",
                "body_de": "Kurz.",
                "body_en": "Short.",
                "published_on": "2024-01-01",
            },
        ],
    }


def test_page_is_loaded_in_both_languages(db, texts, load):
    report = load(texts, COMMAND)

    assert report == "facts.json: 3 created, 0 changed, 0 removed, 0 unchanged"
    page = Page.objects.get()
    assert (page.key, page.title_de, page.title_en) == (
        "easy-language",
        "Leichte Sprache",
        "Easy language",
    )
    assert (page.body_de, page.body_en, page.reviewed_on) == (
        "Das Portal von {operator_name}.",
        "The portal of {operator_name}.",
        dt.date(2026, 11, 25),
    )


def test_story_is_loaded_with_partnership_cities_and_sources(db, texts, load):
    load(texts, COMMAND)

    story = Article.objects.get(slug="hamm-meets-arezzo")
    assert (story.title_de, story.title_en) == ("Hamm trifft Arezzo", "Hamm meets Arezzo")
    assert (story.body_de, story.teaser_en) == ("Der **Text**.", "Two cities.")
    assert (story.published_on, story.tandem.slug) == (dt.date(2023, 9, 8), "hamm-arezzo")
    assert sorted(story.municipalities.values_list("slug", flat=True)) == ["arezzo", "hamm"]
    assert story.sources == ["https://www.hamm.de/"]


def test_story_needs_neither_partnership_nor_cities(db, texts, load):
    load(texts, COMMAND)

    story = Article.objects.get(slug="bare")
    assert (story.tandem, list(story.municipalities.all()), story.sources) == (None, [], [])


def test_second_run_changes_no_row(stored, texts, load):
    load(texts, COMMAND)
    before = stored()

    with time_machine.travel("2031-01-01"):
        report = load(texts, COMMAND)

    assert report == "facts.json: 0 created, 0 changed, 0 removed, 3 unchanged"
    assert stored() == before


def test_text_that_changes_changes_one_row(stored, texts, load):
    load(texts, COMMAND)
    before = stored()
    texts["articles"][0]["body_en"] = "Another text."

    report = load(texts, COMMAND)

    assert report == "facts.json: 0 created, 1 changed, 0 removed, 2 unchanged"
    after = stored()
    assert [table for table in after if after[table] != before[table]] == ["editorial_article"]
    assert Article.objects.get(slug="hamm-meets-arezzo").body_en == "Another text."


def test_city_that_the_story_no_longer_names_is_taken_off(db, texts, load):
    load(texts, COMMAND)
    texts["articles"][0]["municipalities"] = ["arezzo"]

    load(texts, COMMAND)

    story = Article.objects.get(slug="hamm-meets-arezzo")
    assert list(story.municipalities.values_list("slug", flat=True)) == ["arezzo"]


@pytest.mark.parametrize(
    ("part", "name", "value", "fault"),
    [
        ("pages", "title_en", None, "pages “easy-language”, title_en: is missing."),
        ("pages", "key", "about", "pages “about”, key: 'about' is unknown"),
        (
            "pages",
            "reviewed_on",
            "heute",
            "pages “easy-language”, reviewed_on: 'heute' is not a date of the form 2022-05-17.",
        ),
        ("articles", "published_on", None, f"{STORY}, published_on: is missing."),
        (
            "articles",
            "published_on",
            "2023-9-8",
            f"{STORY}, published_on: '2023-9-8' is not a date of the form 2022-05-17.",
        ),
        (
            "articles",
            "tandem",
            "atlantis-utopia",
            f"{STORY}, tandem: names 'atlantis-utopia', which is not in the file.",
        ),
        (
            "articles",
            "municipalities",
            ["hamm", "atlantis"],
            f"{STORY}, municipalities: names 'atlantis', which is not in the file.",
        ),
        ("articles", "body_de", "a\x00b", f"{STORY}, body_de: holds a NUL character."),
        ("articles", "title_de", "H" * 201, f"{STORY}, title_de: is longer than 200 characters."),
        (
            "articles",
            "sources",
            ["hamm.de"],
            f"{STORY}, sources: holds 'hamm.de', which is no web address.",
        ),
        ("articles", "slug", "bare", "articles “bare”, slug: 'bare' is used twice."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_fault_is_named_and_nothing_written(stored, texts, refusal, part, name, value, fault):
    before = stored()
    texts[part][0][name] = value

    faults = refusal(texts, COMMAND)

    assert [told.partition("; known are: ")[0] for told in faults] == [fault]
    assert stored() == before


def test_late_fault_takes_back_everything_before_it(stored, texts, refusal):
    before = stored()
    texts["articles"][1]["slug"] = "b" * 121

    (fault,) = refusal(texts, COMMAND)

    assert fault.startswith(f"articles “{'b' * 121}”, slug: ")
    assert stored() == before


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", "FILE, file: is not valid JSON: "),
        (b'{"pages": "\xfc"}', "FILE, file: is not UTF-8 (byte 11)."),
        (b"[]", "FILE, file: must hold one JSON object."),
    ],
    ids=["bad JSON", "not UTF-8", "a list"],
)
def test_file_that_is_no_object_is_refused(stored, refusal, content, fault):
    before = stored()

    (told,) = refusal(content, COMMAND)

    assert told[: len(fault)] == fault
    assert stored() == before


def test_file_that_is_missing_is_named(db, tmp_path):
    path = tmp_path / "absent.json"

    with pytest.raises(CommandError) as refused:
        call_command(COMMAND, path)

    assert str(refused.value) == (
        f"{path} is refused, nothing was written:\n"
        f"- {path}, file: cannot be read (No such file or directory)."
    )


def test_real_texts_load_twice_and_change_nothing(stored, programme_path, capsys):
    path = programme_path.with_name("editorial.json")
    pages = programme_path.with_name("pages.json")
    call_command(COMMAND, pages)
    call_command(COMMAND, path)
    capsys.readouterr()
    before = stored()

    with time_machine.travel("2031-01-01"):
        call_command(COMMAND, pages)
        call_command(COMMAND, path)

    assert stored() == before
    assert capsys.readouterr().out == (
        "pages.json: 0 created, 0 changed, 0 removed, 4 unchanged\n"
        "editorial.json: 0 created, 0 changed, 0 removed, 4 unchanged\n"
    )
    assert sorted(Page.objects.values_list("key", flat=True)) == [
        "accessibility",
        "easy-language",
        "imprint",
        "privacy",
    ]
    assert Article.objects.count() >= 1


def test_missing_pages_are_loaded_and_edited_ones_left_alone(db, programme_path, capsys):
    pages = programme_path.with_name("pages.json")
    Page.objects.create(key="imprint", title_de="Unser Impressum", title_en="Our imprint")

    call_command(COMMAND, pages, only_missing=True)

    assert capsys.readouterr().out == "pages.json: 3 created, 0 changed, 0 removed, 1 unchanged\n"
    assert Page.objects.get(key="imprint").title_de == "Unser Impressum"
