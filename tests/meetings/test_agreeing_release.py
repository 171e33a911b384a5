"""What becomes of agreed minutes: a correction replaces them, their public part is released."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from meetings.actions.agreeing import release_public_part
from meetings.actions.correcting import correct_minutes
from meetings.models import Minutes
from tests.cycle import plan_for
from tests.meetings.minutes_cases import (
    agree,
    agreed,
    begun,
    entered,
    held,
    history,
    page,
    people,
    sent,
    told,
    with_public_part,
)
from tests.reading import read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["contact", "partner", "coordinator"])
def test_correction_is_a_new_version_and_replaces_the_old_one_when_agreed(who):
    cycle = held(is_public=True)
    old = agreed(cycle, with_public_part(cycle))
    release_public_part(minutes=old, by=cycle.person("contact"))
    client, url = entered(cycle, who), page(cycle, "minutes-correct")

    assert "public part" in read(client.get(url)).main.text
    for _ in range(2):
        assert client.post(url, {"note": "The date was wrong"}).url == page(cycle)

    new = Minutes.objects.get(number=2)
    assert (new.state, new.correction_note, new.public_text_en) == (
        "draft",
        "The date was wrong",
        "Free",
    )
    fields = ("position", "agenda_item", "heading", "text", "changed_by")
    assert list(new.entries.values_list(*fields)) == list(old.entries.values_list(*fields))
    assert told("minutes_corrected") == people(cycle, who)
    assert list(Minutes.objects.released()) == [old]
    agreed(cycle, new)
    old.refresh_from_db()
    assert (old.state, history(old)[-1]) == ("replaced", ("state", "agreed", "replaced"))
    assert list(Minutes.objects.agreed()) == [new]
    assert not Minutes.objects.released().exists()


def test_correction_needs_agreed_minutes_and_a_note():
    cycle = held()
    sent(cycle)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-correct")

    assert client.get(url).url == page(cycle)
    assert Minutes.objects.count() == 1
    agree(cycle, Minutes.objects.get())
    agree(cycle, Minutes.objects.get(), "partner")
    for note in ("", "x" * 301):
        assert list(client.post(url, {"note": note}).context["form"].errors) == ["note"]
    other = plan_for(cycle.tandem)
    with pytest.raises(ValidationError):
        correct_minutes(meeting=other, note="x", by=cycle.person("contact"))


def test_public_part_is_released_once_by_who_leads():
    cycle = held(is_public=True)
    minutes = agreed(cycle, with_public_part(cycle))
    client, url = entered(cycle, "partner deputy"), page(cycle, "minutes-release")

    assert "names of people" in read(client.get(url)).main.text
    for _ in range(2):
        assert client.post(url).url == page(cycle)

    minutes.refresh_from_db()
    assert minutes.released_by == cycle.people["partner deputy"]
    assert list(Minutes.objects.released()) == [minutes]
    assert history(minutes)[-1] == ("public part", "", "released")
    assert told("minutes_released") >= people(cycle, "partner deputy")


@pytest.mark.parametrize("case", ["draft", "empty", "internal"])
def test_what_cannot_be_released_is_refused(case):
    cycle = held(is_public=case != "internal")
    minutes = begun(cycle) if case == "empty" else with_public_part(cycle)
    if case != "draft":
        agreed(cycle, minutes)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-release")

    assert client.get(url).status_code == (302 if case == "draft" else 200)
    assert client.post(url).status_code == 302

    assert not Minutes.objects.filter(released_at__isnull=False).exists()
    with pytest.raises(ValidationError):
        release_public_part(minutes=minutes, by=cycle.person("contact"))
