"""The public meetings of a month."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from core.dates import DatePrecision
from meetings.enums import MeetingKind, MeetingScope, MeetingStatus
from tests.factories import MeetingFactory, MunicipalityFactory, TopicFactory, make_pair
from tests.reading import read

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


def at(year, month, language="de", query=""):
    with translation.override(language):
        return reverse("meetings:month", args=[year, month]) + query


def on(first, last=None, **values):
    values = {"status": MeetingStatus.ANNOUNCED, **values}
    return MeetingFactory(earliest=first, latest=last or first, **values)


@time_machine.travel(TODAY, tick=False)
def test_month_lists_each_day_on_which_people_meet(client):
    on(dt.date(2026, 11, 5), title_de="Arbeitstreffen in Hamm")
    on(dt.date(2026, 11, 29), dt.date(2026, 12, 1), title_de="Besuch in Arezzo")
    on(dt.date(2026, 12, 24), title_de="Später")

    main = read(client.get(at(2026, 11))).main

    assert main.texts("h1") == ["Treffen im November 2026"]
    days = [day.text for day in main.all("li", class_="month__day") if day.all("a")]
    assert [text.split(" ")[:2] for text in days] == [
        ["5Donnerstag,", "5."],
        ["29Sonntag,", "29."],
        ["30Montag,", "30."],
    ]
    assert main.text.count("Besuch in Arezzo") == 2
    assert "Später" not in main.text
    december = read(client.get(at(2026, 12))).main
    days = [day.text for day in december.all("li", class_="month__day") if day.all("a")]
    assert [text.split(" ")[0] for text in days] == ["1Dienstag,", "24Donnerstag,"]
    assert "Besuch in Arezzo" in days[0]


@time_machine.travel(TODAY, tick=False)
def test_month_leads_to_its_neighbours_as_far_as_there_are_meetings(client):
    on(dt.date(2026, 9, 30))
    on(dt.date(2026, 12, 1))

    middle = read(client.get(at(2026, 11, query="?kind=kick_off"))).main

    assert middle.one("a", rel="prev")["href"] == "/de/meetings/month/2026/10/?kind=kick_off"
    assert middle.one("a", rel="next")["href"] == "/de/meetings/month/2026/12/?kind=kick_off"
    assert read(client.get(at(2026, 9))).main.all("a", rel="prev") == []
    assert read(client.get(at(2026, 12))).main.all("a", rel="next") == []


@pytest.mark.parametrize(("year", "month"), [(2026, 8), (2027, 1), (2026, 13), (0, 1), (99999, 1)])
@time_machine.travel(TODAY, tick=False)
def test_month_in_which_nothing_can_be_is_a_404(client, year, month):
    on(dt.date(2026, 9, 30))
    on(dt.date(2026, 12, 1))

    assert client.get(f"/de/meetings/month/{year}/{month}/").status_code == 404


@time_machine.travel(TODAY, tick=False)
def test_month_without_meetings_says_so_and_is_not_for_search_engines(client):
    response = client.get(at(2026, 11))

    assert "Für diesen Monat ist kein Treffen bekannt." in read(response).main.text
    assert response.content.count(b'<meta name="robots" content="noindex">') == 1


@time_machine.travel(TODAY, tick=False)
def test_month_holds_what_is_known_to_the_month_alone_apart(client):
    on(
        dt.date(2026, 11, 1),
        dt.date(2026, 11, 30),
        precision=DatePrecision.MONTH,
        title_en="Some day",
    )
    on(dt.date(2026, 1, 1), dt.date(2026, 12, 31), precision=DatePrecision.YEAR, title_en="A year")

    main = read(client.get(at(2026, 11, "en"))).main

    assert main.section("In this month, day not documented").texts("h3") == ["Some day"]
    assert "A year" not in main.text


@time_machine.travel(TODAY, tick=False)
def test_month_hides_internal_meetings(client):
    on(dt.date(2026, 11, 5), status=MeetingStatus.PLANNED, title_de="Geheim")
    on(dt.date(2026, 11, 5), status=MeetingStatus.HELD, is_public=False, title_de="Geheim")

    assert "Geheim" not in read(client.get(at(2026, 11))).main.text


@time_machine.travel(TODAY, tick=False)
def test_month_names_a_cancelled_meeting_as_such(client):
    on(dt.date(2026, 11, 5), status=MeetingStatus.CANCELLED, title_de="Auftakt")

    (day,) = [
        row
        for row in read(client.get(at(2026, 11))).main.all("li", class_="month__day")
        if row.all("a")
    ]

    assert "abgesagt" in day.text


@pytest.mark.parametrize("page", ["list", "month"])
@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("kind=web_seminar", "Seminar"),
        ("topic=heat", "Hitze"),
        ("city=arezzo", "Arezzo"),
        ("language=it", "Italienisch"),
        ("kind=web_seminar&city=arezzo", None),
    ],
)
@time_machine.travel(TODAY, tick=False)
def test_list_and_month_filter_by_kind_topic_city_and_language(client, page, query, left):
    day = dt.date(2026, 11, 5)
    on(day, kind=MeetingKind.WEB_SEMINAR, title_de="Seminar")
    on(day, title_de="Hitze").topics.add(TopicFactory(key="heat"))
    on(day, title_de="Arezzo").participants.add(MunicipalityFactory(slug="arezzo"))
    on(day, title_de="Italienisch", language="it")
    address = reverse("meetings:index") if page == "list" else at(2026, 11)

    main = read(client.get(f"{address}?{query}")).main

    links = [link.text for link in main.all("a") if "/meetings/" in (link["href"] or "")]
    assert [name for name in ("Seminar", "Hitze", "Arezzo", "Italienisch") if name in links] == (
        [left] if left else []
    )


@pytest.mark.parametrize("rows", [1, 3])
@time_machine.travel(TODAY, tick=False)
def test_month_asks_the_database_six_times(client, rows, django_assert_num_queries):
    for _ in range(rows):
        on(
            dt.date(2026, 11, 5),
            status=MeetingStatus.HELD,
            tandem=make_pair(),
            scope=MeetingScope.TANDEM,
        )

    with django_assert_num_queries(6):
        client.get(at(2026, 11))
