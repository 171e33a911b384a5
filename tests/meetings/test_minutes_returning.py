"""Minutes are taken back by who has read what is out now; pressing twice is no error."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from meetings.actions.agreeing import return_minutes
from meetings.actions.correcting import correct_minutes
from meetings.asked import seal_of
from meetings.models import Minutes, MinutesAgreement, MinutesComment
from tandems.models import TandemNotice
from tests.meetings.minutes_cases import (
    agree,
    entered,
    held,
    page,
    people,
    returned,
    sent,
    told,
    write,
)
from tests.reading import read

pytestmark = pytest.mark.django_db


def opened(client, cycle):
    """Return what the form of the page sends that somebody has opened."""
    shown = read(client.get(page(cycle, "minutes-return"))).main
    form = next(one for one in shown.all("form") if "note" in one.values())
    return {name: values[0] for name, values in form.values().items()}


def test_old_tab_takes_back_no_other_sending_and_keeps_the_note():
    cycle = held()
    minutes = sent(cycle)
    client = entered(cycle, "partner")
    old = {**opened(client, cycle), "note": "The sum is wrong."}
    draft = returned(cycle, minutes)
    write(cycle, draft, text="The sum is right now.")
    agree(cycle, sent(cycle, draft))

    answer = client.post(page(cycle, "minutes-return"), old)

    shown = read(answer).main
    assert "sent out anew" in shown.text
    assert "The sum is wrong." in shown.one("textarea", name="note").text
    assert Minutes.objects.get().state == "in_agreement"
    assert MinutesAgreement.objects.get().municipality == cycle.hamm
    assert not MinutesComment.objects.exists()
    # Who has read what is out now may still take it back.
    again = {**opened(client, cycle), "note": "The sum is wrong."}
    assert client.post(page(cycle, "minutes-return"), again).url == page(cycle)
    assert Minutes.objects.get().is_open


def test_second_press_is_told_that_it_is_done():
    cycle = held()
    sent(cycle)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-return")
    data = {**opened(client, cycle), "note": "The sum is wrong."}

    first = client.post(url, data, follow=True)
    second = client.post(url, data, follow=True)

    assert "a draft again and can be changed" in read(first).main.text
    assert "a draft again already" in read(second).main.text
    assert second.redirect_chain == [(page(cycle), 302)]
    assert MinutesComment.objects.get().text == "The sum is wrong."
    assert TandemNotice.objects.filter(event="minutes_returned").count() == 5
    assert not told("minutes_commented")


def test_words_of_who_came_second_are_kept_and_told():
    cycle = held()
    minutes = sent(cycle)
    client = entered(cycle, "partner")
    data = {**opened(client, cycle), "note": "The names are missing."}
    returned(cycle, minutes, note="The sum is wrong.")

    answers = [client.post(page(cycle, "minutes-return"), data, follow=True) for _ in range(2)]

    assert all("a draft again already" in read(answer).main.text for answer in answers)
    assert list(MinutesComment.objects.values_list("text", "municipality", "written_by")) == [
        ("The sum is wrong.", cycle.hamm.pk, cycle.people["contact"].pk),
        ("The names are missing.", cycle.arezzo.pk, cycle.people["partner"].pk),
    ]
    assert told("minutes_commented") == people(cycle, "partner")


def test_second_press_without_a_note_writes_nothing():
    cycle = held()
    sent(cycle)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-return")
    data = opened(client, cycle)

    for _ in range(2):
        assert client.post(url, data).url == page(cycle)

    assert not MinutesComment.objects.exists()


@pytest.mark.parametrize("case", ["agreed", "correction"])
def test_old_tab_is_refused_where_the_minutes_have_gone_on(case):
    cycle = held()
    minutes = sent(cycle)
    seal, by = seal_of(minutes), cycle.person("partner")
    agree(cycle, minutes)
    agree(cycle, minutes, "partner")
    if case == "correction":
        minutes = correct_minutes(meeting=cycle.meeting, note="x", by=by)

    with pytest.raises(ValidationError) as refusal:
        return_minutes(minutes=minutes, municipality=cycle.arezzo, seen=seal, note="x", by=by)

    assert refusal.value.code == "state"
    assert not MinutesComment.objects.exists()


def test_seal_of_the_agreed_version_does_not_take_back_its_correction():
    cycle = held()
    old = seal_of(sent(cycle))
    agree(cycle, Minutes.objects.get())
    agree(cycle, Minutes.objects.get(), "partner")
    by = cycle.person("contact")
    new = sent(cycle, correct_minutes(meeting=cycle.meeting, note="x", by=by))

    with pytest.raises(ValidationError) as refusal:
        return_minutes(minutes=new, municipality=cycle.hamm, seen=old, by=by)

    assert refusal.value.code == "changed"
    assert agreed_versions() == [1]


def agreed_versions():
    return list(Minutes.objects.agreed().values_list("number", flat=True))
