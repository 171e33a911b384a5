from __future__ import annotations

import datetime as dt
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from core.queries import CountedPaginator, Several, prepared, remembered, with_parts
from editorial.models import Article
from municipalities.models import Municipality, Topic, TopicRole
from tests.factories import ArticleFactory, MunicipalityFactory, TopicFactory, TopicRoleFactory


class Counter:
    """Gives 1, 2, 3 …, one more each time it is asked."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> int:
        self.number += 1
        return self.number


def test_figure_is_computed_once_within_its_time(settings, time_machine):
    settings.SUMMARY_SECONDS = 60
    compute = Counter()
    time_machine.move_to("2026-11-25T12:00:00+00:00", tick=False)
    first = remembered("figure", compute)

    time_machine.move_to("2026-11-25T12:00:59+00:00", tick=False)
    within = remembered("figure", compute)
    time_machine.move_to("2026-11-25T12:01:01+00:00", tick=False)
    after = remembered("figure", compute)

    assert (first, within, after) == (1, 1, 2)


def test_figure_is_computed_each_time_where_nothing_is_kept(settings):
    settings.SUMMARY_SECONDS = 0
    compute = Counter()

    assert [remembered("figure", compute), remembered("figure", compute)] == [1, 2]


def test_figures_of_different_names_are_apart(settings):
    settings.SUMMARY_SECONDS = 60

    assert remembered("one", lambda: "first") == "first"
    assert remembered("two", lambda: "second") == "second"


def test_name_of_any_length_and_script_is_taken(settings):
    settings.SUMMARY_SECONDS = 60

    assert remembered("count /municipalities/?q=" + "Ł ά\n" * 500, lambda: 7) == 7


@pytest.mark.parametrize(("seconds", "counted"), [(60, 2), (0, 3)])
def test_paginator_remembers_the_count_and_shows_fresh_rows(settings, db, seconds, counted):
    settings.SUMMARY_SECONDS = seconds
    old = TopicFactory.create_batch(2)
    CountedPaginator(Topic.objects.order_by("-pk"), 20, key="topics")
    new = TopicFactory()

    paginator = CountedPaginator(Topic.objects.order_by("-pk"), 20, key="topics")

    assert paginator.count == counted
    assert list(paginator.page(1))[:2] == [new, old[1]]


# --- prepared queries -----------------------------------------------------------------------------


def asked(build):
    """Return a prepared query that notes how often it was put together."""
    calls = []

    @functools.wraps(build)
    def noting(*values):
        calls.append(values)
        return build(*values)

    return prepared(noting), calls


def topics_with(key: Any) -> Any:
    return Topic.objects.filter(key=key)


def test_prepared_query_is_put_together_once_and_answers_each_value(db):
    TopicFactory(key="data")
    TopicFactory(key="water")
    rows, calls = asked(topics_with)

    found = [[topic.key for topic in rows(key)] for key in ("data", "water", "none", "data")]

    assert found == [["data"], ["water"], [], ["data"]]
    assert len(calls) == 1


def test_prepared_query_keeps_no_rows(db):
    rows, _calls = asked(topics_with)
    before = rows.first("data")
    TopicFactory(key="data", name_de="Daten")

    assert before is None
    assert rows.first("data").name_de == "Daten"


def test_prepared_query_asks_the_database_once_with_what_hangs_on_the_row(
    db, django_assert_num_queries
):
    role = TopicRoleFactory()
    rows, _calls = asked(
        lambda pk: with_parts(
            TopicRole.objects.filter(topic=pk), municipality=("slug",), topic=("key",)
        )
    )

    with django_assert_num_queries(1):
        found = [(row.pk, row.municipality.slug, row.topic.key) for row in rows(role.topic.pk)]

    assert found == [(role.pk, role.municipality.slug, role.topic.key)]


def published_on(today: Any) -> Any:
    return Article.objects.visible_on(today)


def test_prepared_query_takes_days(db):
    old, new = (ArticleFactory(published_on=dt.date(2022, 5, day)) for day in (17, 18))
    rows, _calls = asked(published_on)

    assert rows(dt.date(2022, 5, 17)) == [old]
    assert rows(dt.date(2022, 5, 18)) == [new, old]


def test_prepared_query_orders_by_the_names_of_each_language(db):
    munich = MunicipalityFactory(name_de="München", name_en="Munich")
    basel = MunicipalityFactory(name_de="Basel", name_en="Zz")
    rows, calls = asked(lambda country: Municipality.objects.filter(country=country).by_name())

    german = rows("DE")
    with translation.override("en"):
        english = rows("DE")

    assert (german, english) == ([basel, munich], [munich, basel])
    assert len(calls) == 2


def test_prepared_query_takes_several_values_up_to_its_bound(db):
    topics = TopicFactory.create_batch(4)
    rows = prepared(several_topics)

    assert rows([topics[0].pk, topics[2].pk]) == [topics[0], topics[2]]
    assert rows([]) == []
    with pytest.raises(ValueError, match="takes 3 values, not 4"):
        rows([topic.pk for topic in topics])


def several_topics(keys: Any = Several(3)) -> Any:  # noqa: B008 - how a prepared query says it
    return Topic.objects.filter(pk__in=keys).order_by("pk")


def test_prepared_query_refuses_a_missing_or_superfluous_value(db):
    rows, _calls = asked(topics_with)

    for values in ((), ("data", "water")):
        with pytest.raises(ValueError, match=r"zip\(\)"):
            rows(*values)


@pytest.mark.django_db(transaction=True)
def test_prepared_query_serves_several_threads_at_once():
    for number in range(8):
        TopicFactory(key=f"topic-{number}")
    rows, _calls = asked(topics_with)

    def ask(number: int) -> list[str]:
        try:
            return [topic.key for _ in range(20) for topic in rows(f"topic-{number}")]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))

    assert found == [[f"topic-{number}"] * 20 for number in range(8)]
