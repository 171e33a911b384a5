"""A visitor follows the real programme from the door to its sources, by links alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from icalendar import Calendar

from tests.reading import read

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module", autouse=True)
def _programme(django_db_setup, django_db_blocker):
    """Load the real facts once: a visitor changes nothing."""
    with django_db_blocker.unblock(), transaction.atomic():
        with translation.override("de"):
            call_command("load_programme", DATA / "programme.json", verbosity=0)
            call_command("load_editorial", DATA / "pages.json", verbosity=0)
            call_command("load_editorial", DATA / "editorial.json", verbosity=0)
        yield
        transaction.set_rollback(True)


class Visitor:
    """Opens pages and follows links by what they say, as a person does."""

    def __init__(self, client):
        self.client = client
        self.page = None

    def open(self, path):
        response = self.client.get(path, follow=True, headers={"accept-language": "de"})
        assert response.status_code == 200, path
        self.page = read(response)
        return self.page

    def follow(self, *words, within=None):
        """Open the first link that shows all of these words."""
        links = (within or self.page.body).all("a")
        return self.open(next(a["href"] for a in links if all(word in a.text for word in words)))

    def choose(self, **filters):
        """Fill in the filter of the list and send it, as the form would."""
        form = self.page.main.one("form", class_="filter")
        fields = {field["name"]: "" for tag in ("input", "select") for field in form.all(tag)}
        for name, label in filters.items():
            options = form.one("select", name=name).all("option")
            fields[name] = next(o["value"] for o in options if o.text == label)
        response = self.client.get(self.path, fields)
        assert response.status_code == 200
        self.page = read(response)
        return self.page

    @property
    def path(self):
        canonical = self.page.root.one("link", rel="canonical")["href"]
        return canonical.removeprefix("http://localhost:8000")


@pytest.fixture
def visitor(client):
    return Visitor(client)


def sources(element):
    """Return the addresses elsewhere to which a part leads."""
    return [href for href in element.hrefs() if href.startswith("http")]


def entry(section, words):
    """Return the one entry of a list that says these words."""
    (found,) = (item for item in section.all("li") if words in item.text)
    return found


def test_from_the_door_over_krefeld_and_sofia_to_the_call(visitor):
    start = visitor.open("/")
    assert visitor.path == "/de/"
    assert len(start.main.one("ul", class_="pairs").all("li")) == 8

    tandem = visitor.follow("Krefeld", "Sofia", within=start.main.one("ul", class_="pairs"))
    assert tandem.main.one("h1").texts(class_="pair__name") == ["Krefeld", "Sofia"]
    assert tandem.main.one("h1").one(class_="pair__note").text == "Austritt: Ende 2023"
    assert tandem.main.all("p", class_="row")[0].text == "Vorzeitig beendet"
    assert tandem.main.languages_of("София") == {"bg"}
    membership = tandem.main.section("Mitgliedschaft")
    assert entry(membership, "17. Mai 2022").text.startswith(
        "17. Mai 2022 Krefeld und Sofia beginnen, voneinander zu lernen. 6 Quellen"
    )
    leaving = entry(membership, "Sofia verlässt das Programm")
    assert "Grund: Wechsel in der Verwaltung" in leaving.text
    (planned,) = tandem.main.section("Treffen dieser Partnerschaft").all("li")
    assert "Angekündigt, nicht bestätigt" in planned.text
    assert "zwischen dem 15. August und dem 30. September 2022" in planned.text

    krefeld = visitor.follow("Krefeld", within=tandem.main.one("h1"))
    assert krefeld.heading == "Krefeld DE"
    figure = entry(krefeld.main.section("Zahlen"), "234.587")
    assert "31. Dezember 2020" in figure.text
    assert len(sources(figure)) == 2
    pairs = [
        pair.texts(class_="pair__name")
        for pair in krefeld.main.section("Partnerschaften").all("span", class_="pair")
    ]
    assert pairs == [["Krefeld", "Sofia"], ["München", "Utrecht"], ["Krefeld", "Venlo"]]

    meeting = visitor.follow("Virtueller Auftakt")
    assert meeting.main.one("p", class_="when").text == "17. Mai 2022"
    assert meeting.main.one("span", class_="status").text == "Stattgefunden"
    assert meeting.main.fact("Teilnehmende").startswith("26 ")
    assert "Sofia BG" in meeting.main.section("Teilnehmende Kommunen").texts("li")
    assert sources(meeting.main.section("Worum es ging"))

    visitor.follow("Sofia", within=meeting.main)
    visitor.follow("Krefeld", "Sofia", within=visitor.page.main)
    call = visitor.follow("Aufruf zur Interessenbekundung")
    assert call.main.one("span", class_="status").text == "Geschlossen, archiviert"
    facts = call.main.section("Frist und Plätze")
    assert facts.fact("Frist").startswith("25. Februar 2022")
    assert facts.fact("Beginn").startswith("Dezember 2021")
    assert facts.fact("Plätze").startswith("6 Partnerschaften")
    assert sources(facts)
    conditions = call.main.section("Bedingungen")
    for term in ("Fragen im Formular", "Reisekosten", "Auswahlkriterien"):
        assert conditions.fact(term) == "nicht belegt"
    chosen = call.main.section("Daraus entstandene Partnerschaften")
    assert len(chosen.one("ul", class_="pairs").all("li")) == 6


def test_every_statement_on_the_way_has_its_source(visitor):
    """Issue 2: Sofia's leaving and its like come out right, each fact with its source link."""
    unsourced = {}
    for path in ("krefeld-sofia", "basel-freiburg-mulhouse", "krefeld-venlo", "hamm-arezzo"):
        page = visitor.open(f"/de/tandems/{path}/")
        told = page.main.section("Mitgliedschaft").one("ol", class_="timeline").all("li")
        told = [item for item in told if item.attributes.get("class", "").startswith("is-")]
        told += page.main.all("div", class_="role")
        for part in page.main.all("section", class_="part"):
            told += [item for item in part.one("ul", class_="list").children if item != "\n"]
        unsourced[path] = [
            item.text for item in told if not isinstance(item, str) and not sources(item)
        ]

    assert {path: told for path, told in unsourced.items() if told} == {}


def test_to_the_tridem_over_its_country(visitor):
    visitor.open("/de/")
    visitor.follow("Tandems")
    listed = visitor.choose(country="Schweiz")
    (card,) = listed.main.all("li", class_="card")

    tridem = visitor.follow("Basel", within=card)

    assert tridem.heading == "Basel CH – Freiburg im Breisgau DE – Mulhouse FR"
    assert tridem.main.one("p", class_="eyebrow").text == "Tridem"
    membership = tridem.main.section("Mitgliedschaft")
    assert "zwischen dem 25. Oktober 2023 und dem 16. September 2024" in membership.text
    flows = [flow.texts("span") for flow in tridem.main.all("p", class_="flow")]
    assert [(flow[0], flow[3]) for flow in flows] == [
        ("Freiburg im Breisgau zeigt", "Basel"),
        ("Basel zeigt", "Freiburg im Breisgau"),
        ("Mulhouse zeigt", "Freiburg im Breisgau"),
    ]
    assert "Hintergrund" not in tridem.main.texts("h2"), "no call chose the tridem"


def test_to_the_guest_exchange_of_krefeld_with_venlo(visitor):
    visitor.open("/de/municipalities/")
    visitor.follow("Venlo", within=visitor.page.main)
    partnerships = visitor.page.main.section("Partnerschaften")
    assert partnerships.one(class_="pair__note").text == "Gast"

    exchange = visitor.follow("Krefeld", "Venlo", within=partnerships)

    assert exchange.main.one("p", class_="eyebrow").text == "Gastaustausch"
    assert exchange.main.one("h1").texts(class_="pair__note") == ["Gast"]
    assert exchange.main.fact("Städtepartnerschaft").startswith("seit 1964")
    assert sources(exchange.main.section("Hintergrund"))


def test_month_only_dates_stand_in_words_and_not_in_the_calendar(visitor, client):
    visitor.open("/de/")
    visitor.follow("Treffen", within=visitor.page.root.one("nav", class_="nav"))
    year = visitor.choose(year="2022").main

    months = [time.text for time in year.all("time") if len(time["datetime"]) == 7]
    feed = Calendar.from_ical(client.get("/de/meetings/calendar.ics").content)

    assert months == ["Oktober 2022"]
    days = sorted(event["dtstart"].dt.isoformat()[:10] for event in feed.walk("VEVENT"))
    assert days == [
        "2022-05-17", "2022-09-22", "2023-09-07", "2023-10-23", "2024-04-26",
        "2024-07-30", "2024-09-16", "2024-10-22", "2024-10-23",
    ]  # fmt: skip


def test_announced_only_and_undated_meetings_are_told_as_such(visitor):
    visitor.open("/de/meetings/")
    announced = visitor.choose(status="Angekündigt").main

    assert len(announced.all("li", class_="entry")) == 3
    assert len(announced.all("p", class_="untraced")) == 3

    undated = visitor.open("/de/meetings/?page=2").main.section("Datum nicht belegt")
    assert len(undated.all("li", class_="entry")) == 2


def test_the_same_story_in_english(visitor):
    visitor.open("/de/tandems/krefeld-sofia/")

    tandem = visitor.follow("English", within=visitor.page.root.one("nav", class_="languages"))

    assert visitor.path == "/en/tandems/krefeld-sofia/"
    assert tandem.language == "en"
    assert tandem.main.one("h1").one(class_="pair__note").text == "left end of 2023"
    membership = tandem.main.section("Membership")
    assert "Reason: changes in its administration" in membership.text
    call = visitor.follow("Call for expression of interest")
    assert call.main.section("Deadline and places").fact("Deadline").startswith("25 February 2022")


def test_the_story_of_krefeld_and_sofia_is_in_the_news_and_in_the_feed(visitor, client):
    visitor.open("/de/")
    visitor.follow("Aktuelles", within=visitor.page.root.one("nav", class_="nav"))

    story = visitor.follow("Krefeld", "Sofia", within=visitor.page.main)

    assert story.main.fact("Kommunen") == "Krefeld Sofia"
    assert sources(story.main)
    feed = ET.fromstring(client.get("/de/news/feed.atom").content)
    titles = [e.text for e in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert story.heading in titles


def test_every_address_of_the_sitemap_is_a_sound_page(client):
    """Over all that is really known: nothing empty, nothing twice, no link into the void."""
    sitemap = ET.fromstring(client.get("/sitemap.xml").content)
    tag = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    paths = [loc.text.removeprefix("http://localhost:8000") for loc in sitemap.iter(tag)]
    assert len(paths) == 2 * (11 + 8 + 16 + 25 + 1 + 4)

    pages = {path: read(client.get(path)) for path in paths}

    faults = {path: page.faults for path, page in pages.items() if page.faults}
    titles = Counter(page.title for page in pages.values())
    linked = {
        href.partition("#")[0]
        for page in pages.values()
        for href in page.body.hrefs()
        if href.startswith("/")
    }
    mine = {f"/{language}/dashboard/" for language in ("de", "en")}  # leads to the login
    broken = [href for href in linked - set(pages) - mine if client.get(href).status_code != 200]
    assert faults == {}
    assert {title: number for title, number in titles.items() if number > 1} == {}
    assert broken == []
    assert [path for path, page in pages.items() if "None" in page.body.text.split()] == []


def test_no_real_page_asks_the_database_more_than_eight_times(client, settings):
    """The budget of the made-up pages holds for what is really known, too."""
    sitemap = ET.fromstring(client.get("/sitemap.xml").content)
    tag = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    paths = [loc.text.removeprefix("http://localhost:8000") for loc in sitemap.iter(tag)]

    asked = {}
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        asked[path] = len(queries)

    assert {path: number for path, number in asked.items() if number > 8} == {}
