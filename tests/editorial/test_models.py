from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from editorial.enums import PageKey
from editorial.models import Article, Page, ProgrammeEntry, Resource, page_text
from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    dated,
)
from tests.factories import (
    ArticleFactory,
    PageFactory,
    ProgrammeEntryFactory,
    ResourceFactory,
)

TODAY = dt.date(2024, 5, 15)
DAY = dt.timedelta(days=1)


def page_with_a_key() -> Arranged:
    Page.objects.all().delete()
    return Arranged(PageFactory(), refused={"key": "jokes"}, allowed={"key": "privacy"})


def two_statements() -> Arranged:
    first, second = ProgrammeEntryFactory(), ProgrammeEntryFactory()
    taken = {"position": first.position}
    return Arranged(second, refused=taken, allowed={**taken, "section": "finding"})


CASES = [
    Case("page_key_is_known", "Choose one of the standing pages.", page_with_a_key),
    *dated("programmeentry", ProgrammeEntryFactory),
    Case(
        "programme_entry_has_its_own_position",
        "This position is taken by another statement.",
        two_statements,
    ),
    Case(
        "programme_entry_section_is_known",
        "Choose the section.",
        alone(ProgrammeEntryFactory, refused={"section": "rumour"}, allowed={"section": "phase"}),
    ),
    *dated("resource", ResourceFactory),
    Case(
        "resource_kind_is_known",
        "Choose the kind of resource.",
        alone(ResourceFactory, refused={"kind": "rumour"}, allowed={"kind": "podcast"}),
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


@pytest.mark.django_db
def test_story_is_visible_from_its_day_on_the_newest_first():
    old = ArticleFactory(published_on=TODAY - 400 * DAY)
    today, today_too = (ArticleFactory(published_on=TODAY) for _story in range(2))
    tomorrow = ArticleFactory(published_on=TODAY + DAY)

    assert list(Article.objects.visible_on(TODAY)) == [today_too, today, old]
    assert list(Article.objects.visible_on(TODAY + DAY)) == [tomorrow, today_too, today, old]


@pytest.mark.django_db
def test_story_remembers_when_it_was_changed(time_machine):
    time_machine.move_to(dt.datetime(2024, 5, 1, tzinfo=dt.UTC), tick=False)
    story = ArticleFactory()
    time_machine.move_to(dt.datetime(2024, 5, 2, tzinfo=dt.UTC), tick=False)

    story.save()

    assert Article.objects.get().changed_at == dt.datetime(2024, 5, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize("key", PageKey.values)
def test_every_standing_page_has_an_address_in_both_languages(key):
    page = Page(key=key)

    german = page.get_absolute_url()
    with translation.override("en"):
        english = page.get_absolute_url()

    assert (german, english) == (f"/de/{key}/", f"/en/{key}/")


@pytest.mark.django_db
def test_statements_come_by_section_and_position():
    entries = [
        ProgrammeEntryFactory(section=section, position=position)
        for section, position in [("finding", 1), ("aim", 2), ("aim", 1)]
    ]

    assert list(ProgrammeEntry.objects.all()) == entries[::-1]


@pytest.mark.django_db
def test_resources_come_in_the_order_of_the_file():
    last = ResourceFactory(position=2)
    first, second = ResourceFactory(position=1), ResourceFactory(position=1)

    assert list(Resource.objects.all()) == [first, second, last]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"), [("url", "javascript:alert(1)"), ("kind", "rumour"), ("sources", "x")]
)
def test_resource_refuses_a_wrong_value_at_its_field(field, value):
    resource = ResourceFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        resource.full_clean()

    assert set(refusal.value.error_dict) - {"__all__"} == {field}


@pytest.mark.parametrize(("title", "shown"), [("Ziele", "Ziele"), ("", "Der Text.")])
def test_statement_is_called_by_its_title_or_its_text(title, shown):
    assert str(ProgrammeEntry(title_de=title, text_de="Der Text.")) == shown


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{name}, {city}", "Amt, [fehlt]"),
        ("{name} und {name}", "Amt und Amt"),
        ("{ name } {other} {} {0} %(name)s", "{ name } {other} {} {0} %(name)s"),
        ("{{name}}", "{Amt}"),
        ("", ""),
    ],
)
def test_page_text_fills_what_it_knows_and_leaves_other_braces_alone(text, filled):
    assert page_text(text, {"name": "Amt", "city": ""}, "[fehlt]") == filled
