"""More meetings to come than a list holds: none of them is out of reach."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from meetings.models import Meeting
from meetings.queries import COMING
from meetings.views.months import MOST
from tests.cycle import make_cycle, plan_for
from tests.factories import MeetingFactory
from tests.reading import read

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
UNDATED = {
    "starts_at": None,
    "ends_at": None,
    "earliest": None,
    "latest": None,
    "precision": "unknown",
}


def fill(number, first, step=DAY, **fields):
    """Store so many meetings, ``step`` apart, named by their place in the order."""
    Meeting.objects.bulk_create(
        MeetingFactory.build(
            earliest=first + at * step,
            latest=first + at * step,
            title_de=f"Nr. {at}",
            title_en=f"No. {at}",
            **fields,
        )
        for at in range(number)
    )


def address(name, *args):
    with translation.override("en"):
        return reverse(name, args=args)


def walked(client, page, section, query=""):
    """Return the titles on each page of the coming list, by its own links to the next one."""
    pages, query = [], f"?{query}"
    while len(pages) < 9:
        document = read(client.get(page + query))
        part = document.main.section(section)
        assert document.faults == []
        pages.append(part.texts("h3"))
        following = [link["href"] for link in part.all("a", rel="next")]
        if not following:
            break
        [query] = following
    return pages


@pytest.mark.parametrize("kept", ["", "kind=site_visit"])
def test_visitors_reach_the_last_coming_meeting_by_links(client, kept):
    fill(COMING + 2, timezone.localdate(), status="announced", is_public=True, kind="site_visit")
    fill(21, dt.date(2020, 1, 1), status="held", is_public=True, kind="site_visit")
    page = address("meetings:index")

    pages = walked(client, page, "Upcoming", kept)
    first = read(client.get(f"{page}?{kept}")).main

    assert [len(titles) for titles in pages] == [COMING, 2]
    assert pages[1] == [f"No. {COMING}", f"No. {COMING + 1}"]
    # The filter stays, and the pages of the past stand beside.
    hrefs = [link["href"] for link in first.all("a", rel="next")]
    assert hrefs == [f"?{kept}&{name}=2".replace("?&", "?") for name in ("coming", "page")]
    labels = [nav["aria-label"] for nav in first.all("nav", class_="pages")]
    assert len(set(labels)) == len(labels) == 2


def test_second_page_of_coming_meetings_names_itself(client):
    fill(COMING + 1, timezone.localdate(), status="announced", is_public=True)
    page = address("meetings:index")

    names = [
        read(client.get(page + query)).root.one("link", rel="canonical")["href"]
        for query in ("", "?coming=2")
    ]

    assert [name.partition("/en/")[2] for name in names] == ["meetings/", "meetings/?coming=2"]


@pytest.mark.parametrize("number", [1, COMING])
def test_few_coming_meetings_have_no_pages(client, number):
    fill(number, timezone.localdate(), status="announced", is_public=True)

    main = read(client.get(address("meetings:index"))).main

    assert len(main.section("Upcoming").texts("h3")) == number
    assert main.all("nav", class_="pages") == []


@pytest.mark.parametrize("query", ["coming=0", "coming=3", "coming=x", "coming=12345678"])
def test_page_of_coming_meetings_that_does_not_exist_is_a_404(client, query):
    cycle = make_cycle()
    fill(COMING, timezone.localdate(), status="announced", is_public=True)
    public = address("meetings:index")
    own = (address("meeting:list"), address("workspace:meetings", cycle.tandem.slug))

    answers = [client.get(f"{public}?{query}")]
    answers += [cycle.client("contact").get(f"{page}?{query}") for page in own]

    assert [answer.status_code for answer in answers] == [404] * 3


@pytest.mark.parametrize("who", ["contact", "coordinator"])
@pytest.mark.parametrize("page", ["meeting:list", "workspace:meetings"])
def test_undated_meeting_after_many_is_reached_by_links(who, page):
    cycle = make_cycle()
    Meeting.objects.all().delete()
    shared = {"tandem": cycle.tandem, "scope": "tandem", "status": "planned", "is_public": False}
    fill(COMING, timezone.localdate() + DAY, **shared)
    plan_for(cycle.tandem, title_en="Undated", **UNDATED)
    args = [cycle.tandem.slug] if page == "workspace:meetings" else []

    pages = walked(cycle.client(who), address(page, *args), "Coming up")

    assert [len(titles) for titles in pages] == [COMING, 1]
    assert (pages[0][0], pages[-1]) == ("No. 0", ["Undated"])


def test_filter_of_own_meetings_stays_on_the_next_page():
    cycle = make_cycle()
    shared = {"tandem": cycle.tandem, "scope": "tandem", "status": "planned", "is_public": False}
    fill(COMING, timezone.localdate() + DAY, **shared)
    page = address("meeting:list") + "?partnership=hamm-arezzo"

    section = read(cycle.client("coordinator").get(page)).main.section("Coming up")

    link = section.one("a", rel="next")["href"]
    assert link == "?partnership=hamm-arezzo&coming=2"


@pytest.mark.parametrize(("number", "is_cut"), [(MOST, False), (MOST + 1, True)])
@time_machine.travel(dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC), tick=False)
def test_month_with_more_than_it_shows_says_so_and_leads_to_the_list(client, number, is_cut):
    day = dt.date(2026, 11, 5)
    fill(number, day, dt.timedelta(), status="announced", is_public=True, kind="site_visit")

    page = read(client.get(address("meetings:month", 2026, 11) + "?kind=site_visit"))

    assert len(page.main.one("ol", class_="month__days").all("a")) == MOST
    assert (f"Only the first {MOST} meetings" in page.main.text) is is_cut
    link = "/en/meetings/?year=2026&kind=site_visit"
    assert (link in page.main.hrefs()) is is_cut
    assert page.faults == []
    if is_cut:
        assert f"{number} meetings" in read(client.get(link)).main.text
