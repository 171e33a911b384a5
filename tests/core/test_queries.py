from __future__ import annotations

import pytest

from core.queries import CountedPaginator, remembered
from municipalities.models import Topic
from tests.factories import TopicFactory


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
