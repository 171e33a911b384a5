"""In which languages somebody of the programme reads applications."""

from __future__ import annotations

import pytest

from accounts.enums import READING_LANGUAGES
from accounts.models import User
from calls.enums import WorkingLanguage
from calls.queries import reviewers_today
from tests.applications import client_of
from tests.factories import make_user
from tests.reading import read

pytestmark = pytest.mark.django_db

PROFILE = "/en/accounts/profile/"
VALUES = {"name": "Anna Berg", "language": "de", "time_zone": "Europe/Berlin"}


def test_reviewer_ticks_languages_and_is_assigned_by_them():
    person = make_user("reviewer")

    client_of(person).post(PROFILE, {**VALUES, "reads": ["pl", "de"]})

    assert User.objects.get(pk=person.pk).reads == ["de", "pl"]
    assert reviewers_today()[person.pk].languages == {"de", "pl"}
    page = read(client_of(person).get(PROFILE))
    ticked = [box["value"] for box in page.main.all("input", name="reads", checked="")]
    assert sorted(ticked) == ["de", "pl"]
    assert "Maltese" in page.main.text


def test_who_ticks_none_reads_the_own_language_and_english():
    person = make_user("reviewer")

    client_of(person).post(PROFILE, VALUES)

    assert reviewers_today()[person.pk].languages == {"de", "en"}


def test_unknown_language_is_refused():
    person = make_user("reviewer")

    answer = client_of(person).post(PROFILE, {**VALUES, "reads": ["xx"]})

    assert "xx is not one of the available choices" in read(answer).main.text
    assert User.objects.get(pk=person.pk).reads == []


def test_municipalities_are_not_asked_and_keep_what_they_have():
    person = make_user("contact")

    client_of(person).post(PROFILE, {**VALUES, "reads": ["fr"]})

    assert User.objects.get(pk=person.pk).reads == []
    assert read(client_of(person).get(PROFILE)).main.all("input", name="reads") == []


def test_every_language_of_an_application_can_be_ticked():
    assert set(READING_LANGUAGES) == set(WorkingLanguage.values)
