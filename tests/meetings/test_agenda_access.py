"""Who opens the pages of an agenda."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from meetings.models import Meeting
from tests.cycle import make_cycle, plan_for
from tests.factories import AgendaItemFactory

pytestmark = pytest.mark.django_db


def url(name, cycle, *args):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk, *args])


def item(cycle, number, text):
    return AgendaItemFactory(meeting=cycle.meeting, position=number, text_en=text)


PAGES = ["agenda-add", "agenda-item", "agenda-remove", "agenda-move", "agenda"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("colleague", 200),
        ("bbsr", 200),
        ("neighbour", 404),
        ("reviewer", 404),
        ("observer", 404),
        ("nobody", 404),
        ("visitor", 302),
    ],
)
def test_who_opens_the_pages(page, who, status):
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival")
    args = () if page in {"agenda", "agenda-add"} else (row.pk,)
    client, address = cycle.client(who), url(page, cycle, *args)

    response = client.post(address) if page == "agenda-move" else client.get(address)

    expected = 302 if page == "agenda-move" and status == 200 else status
    assert response.status_code == expected
    if who == "visitor":
        assert "/accounts/login/" in response.url


@pytest.mark.parametrize("page", ["agenda-item", "agenda-remove", "agenda-move"])
def test_item_of_another_meeting_is_not_there(page):
    cycle = make_cycle()
    row = AgendaItemFactory(meeting=plan_for(cycle.tandem))

    assert cycle.client("contact").post(url(page, cycle, row.pk)).status_code == 404


@pytest.mark.parametrize(
    ("page", "method"), [("agenda", "post"), ("agenda-move", "get"), ("agenda-add", "put")]
)
def test_wrong_method_is_refused(page, method):
    cycle = make_cycle()
    args = (item(cycle, 0, "Arrival").pk,) if page == "agenda-move" else ()

    assert getattr(cycle.client("contact"), method)(url(page, cycle, *args)).status_code == 405


def test_city_that_left_after_the_meeting_reads_and_no_longer_acts():
    cycle = make_cycle()
    day = timezone.localdate() - dt.timedelta(days=9)
    Meeting.objects.filter(pk=cycle.meeting.pk).update(
        earliest=day, latest=day, starts_at=None, ends_at=None
    )
    cycle.tandem.members.filter(municipality=cycle.arezzo).update(
        left_on=timezone.localdate() - dt.timedelta(days=2), left_precision="day"
    )
    client = cycle.client("partner")

    assert client.get(url("agenda", cycle)).status_code == 200
    assert client.get(url("agenda-add", cycle)).status_code == 403
