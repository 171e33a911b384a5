"""A correction that was begun by mistake is given up, and the next one can be begun."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import translation

from core.models import StatusChange
from meetings.actions.agreeing import send_minutes
from meetings.actions.correcting import correct_minutes, give_up_correction
from meetings.actions.minutes import add_entry
from meetings.asked import text_seal_of
from meetings.models import Minutes, MinutesEntry
from tests.meetings.minutes_cases import (
    DAY,
    agreed,
    begun,
    entered,
    held,
    history,
    page,
    people,
    sent,
    today,
    told,
    with_public_part,
    write,
)
from tests.reading import read

pytestmark = pytest.mark.django_db


def corrected(note="By mistake"):
    """Return a partnership with agreed minutes and a correction of them that has been begun."""
    cycle = held(is_public=True)
    old = agreed(cycle, with_public_part(cycle))
    new = correct_minutes(meeting=cycle.meeting, note=note, by=cycle.person("contact"))
    return cycle, old, new


def give_up(cycle, minutes, who="contact"):
    fresh = Minutes.objects.get(pk=minutes.pk)
    return give_up_correction(minutes=fresh, seen=text_seal_of(fresh), by=cycle.person(who))


def opened(client, cycle):
    """Return what the page sends that somebody has opened."""
    shown = read(client.get(page(cycle, "minutes-give-up"))).main
    form = next(one for one in shown.all("form") if "seen" in one.values())
    return {name: values[0] for name, values in form.values().items()}


@pytest.mark.parametrize("who", ["contact", "partner deputy", "coordinator"])
def test_correction_is_given_up_and_the_agreed_minutes_stay(who):
    cycle, old, new = corrected()
    key = new.pk
    client, url = entered(cycle, who), page(cycle, "minutes-give-up")
    assert url in read(client.get(page(cycle))).main.hrefs()

    data = opened(client, cycle)
    first, second = (client.post(url, data, follow=True) for _ in range(2))

    assert "The correction has been given up." in read(first).main.text
    assert "There is no correction that could be given up." in read(second).main.text
    assert list(Minutes.objects.all()) == [old]
    assert (old.state, old.entries.count()) == ("agreed", MinutesEntry.objects.count())
    assert history(old)[-1] == ("correction", "2", "given up")
    assert history(new_with(key))[-1] == ("state", "draft", "given up")
    notes = StatusChange.objects.filter(new="given up").values_list("note", "changed_by")
    assert set(notes) == {("By mistake", cycle.people[who].pk)}
    assert told("minutes_given_up") == people(cycle, who)
    assert read(client.get(page(cycle))).main.fact("Status") == "Agreed"
    with translation.override("en"):
        url = reverse("workspace:history", args=[cycle.tandem.slug])
    shown = read(client.get(url)).main.text
    assert "Correction given up" in shown
    assert "By mistake" in shown


def new_with(key):
    """Return the version that is gone, to ask for its history."""
    return Minutes(pk=key)


def test_after_that_the_next_correction_can_be_begun():
    cycle, old, new = corrected()
    write(cycle, new, text="Something wrong")
    give_up(cycle, new)

    again = correct_minutes(meeting=cycle.meeting, note="The sum", by=cycle.person("partner"))

    assert (again.number, again.correction_note) == (2, "The sum")
    assert list(again.entries.values_list("text")) == list(old.entries.values_list("text"))


@pytest.mark.parametrize("change", ["text", "entry", "public part"])
def test_what_somebody_wrote_meanwhile_is_not_thrown_away_unread(change):
    cycle, _old, new = corrected()
    client, url = entered(cycle, "contact"), page(cycle, "minutes-give-up")
    data = opened(client, cycle)
    if change == "text":
        write(cycle, new, text="Much work", who="partner")
    elif change == "entry":
        add_entry(minutes=new, heading="More", text="", by=cycle.person("partner"))
    else:
        new.save()

    answer = client.post(url, data, follow=True)

    assert answer.redirect_chain == [(url, 302)]
    assert "Somebody has changed the correction" in read(answer).main.text
    assert Minutes.objects.filter(pk=new.pk).exists()
    client.post(url, opened(client, cycle))
    assert not Minutes.objects.filter(pk=new.pk).exists()


def test_second_one_at_once_finds_it_done():
    cycle, old, new = corrected()
    seal, by = text_seal_of(new), cycle.person("partner")
    give_up(cycle, new)

    assert give_up_correction(minutes=new, seen=seal, by=by) == old
    assert StatusChange.objects.filter(new="given up").count() == 2


def test_what_was_given_up_can_be_written_and_sent_no_more():
    cycle, _old, new = corrected()
    stale = Minutes.objects.get(pk=new.pk)
    give_up(cycle, new)
    by = cycle.person("contact")

    for act in (
        lambda: send_minutes(minutes=stale, agree_by=today() + DAY, by=by),
        lambda: add_entry(minutes=stale, heading="x", text="x", by=by),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert refusal.value.code == "gone"


def test_first_draft_agreed_minutes_and_what_is_out_are_not_given_up():
    cycle = held()
    minutes = begun(cycle)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-give-up")

    def refused(row):
        with pytest.raises(ValidationError) as refusal:
            give_up(cycle, row)
        return refusal.value.code

    assert url not in read(client.get(page(cycle))).main.hrefs()
    assert (refused(minutes), client.post(url).url) == ("state", page(cycle))
    agreed(cycle, minutes)
    assert (refused(minutes), client.post(url).url) == ("state", page(cycle))
    new = correct_minutes(meeting=cycle.meeting, note="x", by=cycle.person("contact"))
    sent(cycle, new)
    assert (refused(new), client.post(url).url) == ("state", page(cycle))
    assert Minutes.objects.count() == 2


@pytest.mark.parametrize("who", ["colleague", "neighbour", "observer", "nobody"])
def test_nobody_else_gives_it_up(who):
    cycle, _old, new = corrected()

    with pytest.raises(PermissionDenied):
        give_up(cycle, new, who)
    assert entered(cycle, who).post(page(cycle, "minutes-give-up")).status_code in {403, 404}
    assert Minutes.objects.filter(pk=new.pk).exists()
