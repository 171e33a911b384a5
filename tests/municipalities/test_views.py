"""The pages of the municipalities."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from core.dates import DatePrecision
from meetings.enums import MeetingStatus
from municipalities.enums import Country, DegreeOfUrbanisation, Role
from tandems.enums import MemberRole, TandemKind, TandemStatus
from tests.factories import (
    AreaFigureFactory,
    MeetingFactory,
    MunicipalityFactory,
    PopulationFigureFactory,
    StrengthFactory,
    TandemFactory,
    TandemMemberFactory,
    TopicFactory,
    TopicRoleFactory,
    make_pair,
)
from tests.reading import read

pytestmark = pytest.mark.django_db

INDEX = "/de/municipalities/"


def names_on(client, query=""):
    return read(client.get(f"{INDEX}{query}")).root.one("ul", class_="places").texts("a")


# --- the list -------------------------------------------------------------------------------------


def test_index_shows_each_municipality_with_country_region_and_local_name(client):
    MunicipalityFactory(
        name_de="Sofia",
        name_en="Sofia",
        local_name="София",
        country=Country.BG,
        languages=["bg"],
        region_de="Oblast Sofia-Stadt",
        region_en="Sofia City Province",
        slug="sofia",
    )

    page = read(client.get(INDEX))

    (entry,) = page.root.one("ul", class_="places").all("li")
    assert entry.text == "Sofia BG София Oblast Sofia-Stadt"
    assert entry.hrefs() == ["/de/municipalities/sofia/"]
    assert entry.one("abbr")["title"] == "Bulgarien"
    assert entry.languages_of("София") == {"bg"}


def test_index_names_no_local_name_where_it_is_the_same(client):
    MunicipalityFactory(name_de="Krefeld", name_en="Krefeld", local_name="Krefeld")

    page = read(client.get(INDEX))

    assert page.root.one("ul", class_="places").text == "Krefeld DE"


@pytest.mark.parametrize(
    ("language", "names"), [("de", ["Athen", "Zürich"]), ("en", ["Athens", "Zurich"])]
)
def test_index_speaks_the_language_of_its_address(client, language, names):
    MunicipalityFactory(name_de="Zürich", name_en="Zurich")
    MunicipalityFactory(name_de="Athen", name_en="Athens")

    page = read(client.get(f"/{language}/municipalities/"))

    assert page.language == language
    assert page.root.one("ul", class_="places").texts("a") == names


def test_index_sorts_by_the_name_in_the_reader_s_language(client):
    MunicipalityFactory(name_de="Aachen", name_en="Z Aix-la-Chapelle")
    MunicipalityFactory(name_de="Zwickau", name_en="A Zwickau")

    german = read(client.get("/de/municipalities/")).root.one("ul", class_="places")
    english = read(client.get("/en/municipalities/")).root.one("ul", class_="places")

    assert german.texts("a") == ["Aachen", "Zwickau"]
    assert english.texts("a") == ["A Zwickau", "Z Aix-la-Chapelle"]


def test_index_without_municipalities_says_what_will_be_here(client):
    page = read(client.get(INDEX))

    assert page.main.one("p", class_="note").text == (
        "Noch nimmt keine Kommune teil. Sobald die Auswahl entschieden ist, stehen die Kommunen"
        " hier."
    )
    assert page.main.all("svg") == []


def test_index_filters_by_country(client):
    MunicipalityFactory(name_de="Krefeld", name_en="Krefeld")
    MunicipalityFactory(name_de="Arezzo", name_en="Arezzo", country=Country.IT)

    assert names_on(client, "?country=IT") == ["Arezzo"]


def test_index_filters_by_topic_whether_given_or_sought(client):
    topic = TopicFactory(key="open-data")
    TopicRoleFactory(municipality__name_de="Hamm", topic=topic, role=Role.SEEKS)
    TopicRoleFactory(municipality__name_de="Arnsberg", topic=topic, role=Role.GIVES)
    TopicRoleFactory(municipality__name_de="Pirna")

    assert names_on(client, "?topic=open-data") == ["Arnsberg", "Hamm"]


@pytest.mark.parametrize("question", ["boleslawiec", "BOLESŁAW", "Bole%C5%9Blaw", "bunzlau"])
def test_index_finds_a_name_without_its_marks_and_in_the_local_language(client, question):
    MunicipalityFactory(name_de="Bunzlau", name_en="Boleslawiec", local_name="Bolesławiec")
    MunicipalityFactory(name_de="Krefeld")

    assert names_on(client, f"?q={question}") == ["Bunzlau"]


def test_index_keeps_the_state_of_all_filters(client):
    MunicipalityFactory(name_de="Arezzo", country=Country.IT)
    topic = TopicFactory(key="open-data", name_de="Offene Daten")
    TopicRoleFactory(municipality__name_de="Bari", municipality__country=Country.IT, topic=topic)

    page = read(client.get(f"{INDEX}?q=bar&country=IT&topic=open-data"))

    assert page.root.one("input", name="q")["value"] == "bar"
    assert page.root.texts("option", selected="") == ["Italien", "Offene Daten"]
    assert page.root.one("ul", class_="chips").hrefs() == [
        "?topic=open-data&q=bar",
        "?country=IT&q=bar",
    ]
    assert page.root.one("ul", class_="places").texts("a") == ["Bari"]


def test_index_that_finds_nothing_leads_back_to_all(client):
    MunicipalityFactory()

    page = read(client.get(f"{INDEX}?q=Atlantis"))

    assert page.main.one("p", class_="note").hrefs() == [INDEX]
    assert page.main.all("ul", class_="places") == []


def test_index_escapes_what_was_asked(client):
    response = client.get(INDEX, {"q": '"><script>alert(1)</script>'})

    assert read(response).root.one("input", name="q")["value"] == '"><script>alert(1)</script>'
    assert b"<script>" not in response.content


def test_index_cuts_a_question_that_is_too_long(client):
    page = read(client.get(INDEX, {"q": "x" * 10_000}))

    assert page.root.one("input", name="q")["value"] == "x" * 80


def test_index_takes_a_nul_byte_in_a_question_for_a_space(client):
    MunicipalityFactory(name_de="Bad Ems")

    page = read(client.get(f"{INDEX}?q=Bad%00Ems%00"))

    assert page.root.one("input", name="q")["value"] == "Bad Ems"
    assert page.root.one("ul", class_="places").texts("a") == ["Bad Ems"]


def test_index_shows_the_cities_of_this_page_on_the_map(client):
    MunicipalityFactory(name_de="Krefeld")
    MunicipalityFactory(name_de="Arezzo", country=Country.IT, latitude=43.5, longitude=11.9)

    everywhere = read(client.get(INDEX)).main.one("svg", class_="map")
    italian = read(client.get(f"{INDEX}?country=IT")).main.one("svg", class_="map")

    assert sorted(everywhere.texts("text")) == ["Arezzo", "Krefeld"]
    assert italian.texts("text") == ["Arezzo"]
    assert [use["href"] for use in italian.all("use")] == [
        "/static/map/europe.svg#land",
        "/static/map/europe.svg#IT",
    ]


def test_index_is_cut_into_pages_that_carry_the_filter_on(client):
    MunicipalityFactory.create_batch(25)

    first = read(client.get(f"{INDEX}?country=DE"))
    second = read(client.get(f"{INDEX}?country=DE&page=2"))

    assert first.main.one("a", rel="next")["href"] == "?country=DE&page=2"
    assert first.main.all("a", rel="prev") == []
    assert len(first.main.one("ul", class_="places").all("li")) == 24
    assert second.main.one("a", rel="prev")["href"] == "?country=DE"
    assert second.main.all("a", rel="next") == []
    assert len(second.main.one("ul", class_="places").all("li")) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_index_asks_the_database_four_times(client, rows, django_assert_num_queries):
    TopicRoleFactory.create_batch(rows)

    with django_assert_num_queries(4):
        client.get(INDEX)


# --- one municipality -----------------------------------------------------------------------------


def test_detail_shows_figures_with_date_note_and_source(client):
    place = MunicipalityFactory(
        degree_of_urbanisation=DegreeOfUrbanisation.CITY,
        district_de="Kreisfrei",
        district_en="Independent",
        nuts3_code="DEA14",
        nuts3_name="Krefeld",
        contact_offices_de="Stabsstelle Digitales\nStadtplanung",
        website="https://www.krefeld.example/",
    )
    PopulationFigureFactory(
        municipality=place, value=234587, sources=["https://a.example/1"], position=0
    )
    PopulationFigureFactory(
        municipality=place,
        value=227020,
        note_de="Zensus",
        earliest=dt.date(2011, 1, 1),
        latest=dt.date(2011, 12, 31),
        precision=DatePrecision.YEAR,
        position=1,
    )
    AreaFigureFactory(
        municipality=place, square_kilometres="137.77", sources=["https://b.example/1"]
    )

    page = read(client.get(place.get_absolute_url()))

    figures = page.main.section("Zahlen")
    assert figures.texts("li") == [
        "234.587 31. Dezember 2021 Quelle: a.example",
        "227.020 2011 Zensus",
        "137,77 km² Quelle: b.example",
    ]
    assert figures.hrefs() == ["https://a.example/1", "https://b.example/1"]
    facts = page.main.section("Lage und zuständige Stelle")
    assert [div.text for div in facts.one("dl").all("div")] == [
        "Kreis oder Provinz Kreisfrei",
        "Verstädterungsgrad Stadt (dicht besiedelt)",
        "Statistische Region (NUTS 3) Krefeld (DEA14)",
        "Zuständige Stelle Stabsstelle Digitales Stadtplanung",
        "Website krefeld.example",
    ]


def test_detail_writes_numbers_in_the_reader_s_language(client):
    figure = PopulationFigureFactory(value=1328120)

    page = read(client.get(f"/en/municipalities/{figure.municipality.slug}/"))

    assert page.main.one("strong", class_="number").text == "1,328,120"


def test_detail_says_that_figures_differ_only_where_there_are_several(client):
    figure = PopulationFigureFactory()
    path = figure.municipality.get_absolute_url()
    words = "Die Zahlen unterscheiden sich je nach Quelle"

    alone = read(client.get(path)).main.text
    PopulationFigureFactory(municipality=figure.municipality)
    together = read(client.get(path)).main.text

    assert [words in alone, words in together] == [False, True]


def test_detail_shows_what_the_city_gives_and_seeks(client):
    place = MunicipalityFactory()
    for key, role in (("a", Role.GIVES), ("b", Role.SEEKS), ("c", Role.MUTUAL)):
        topic = TopicFactory(key=key, name_de=f"Thema {key}")
        TopicRoleFactory(
            municipality=place, topic=topic, role=role, note_de=f"Hinweis {key}",
            sources=[f"https://{key}.example/"],
        )  # fmt: skip

    page = read(client.get(place.get_absolute_url()))

    assert page.main.section("Gibt").texts("li") == [
        "Thema a Hinweis a Quelle: a.example",
        "Thema c Hinweis c Quelle: c.example",
    ]
    assert page.main.section("Sucht").texts("li") == [
        "Thema c Hinweis c Quelle: c.example",
        "Thema b Hinweis b Quelle: b.example",
    ]
    assert page.main.section("Gibt").hrefs()[0] == "/de/municipalities/?topic=a"


def test_detail_without_facts_says_seven_times_that_nothing_is_documented(client):
    place = MunicipalityFactory()

    page = read(client.get(place.get_absolute_url()))

    assert page.main.texts(class_="undocumented") == ["nicht belegt"] * 7
    assert "None" not in page.main.text


def test_detail_shows_past_and_guest_memberships_in_words(client):
    place = MunicipalityFactory(name_de="Sofia")
    TandemMemberFactory(
        tandem__number=1,
        tandem__name_de="Krefeld – Sofia",
        municipality=place,
        left_on=dt.date(2023, 12, 31),
        left_precision=DatePrecision.YEAR_END,
        sources=["https://a.example/"],
    )
    TandemMemberFactory(
        tandem__number=2,
        tandem__name_de="Venlo",
        tandem__kind=TandemKind.GUEST_EXCHANGE,
        municipality=place,
        role=MemberRole.GUEST,
        joined_earliest=None,
        joined_latest=None,
        joined_precision=DatePrecision.UNKNOWN,
    )

    section = read(client.get(place.get_absolute_url())).main.section("Partnerschaften")

    first, second = (item.text for item in section.all("li"))
    assert "17. Mai 2022" in first
    assert "Ende 2023" in first
    assert "a.example" in first
    assert "Gast" not in first
    assert "Gast" in second
    assert "2022" not in second


def test_detail_shows_a_partnership_as_a_pair(client):
    """House rule: never as two unrelated words; the name alone has no countries."""
    pair = make_pair()
    home, partner = (member.municipality for member in pair.members.order_by("position"))

    section = read(client.get(home.get_absolute_url())).main.section("Partnerschaften")

    shown = section.one("span", class_="pair")
    assert shown.texts(class_="pair__name") == [home.name, partner.name]
    assert shown.texts("abbr") == ["DE", "IT"]


def test_detail_shows_the_meetings_of_the_city_the_latest_first(client):
    place = MunicipalityFactory()
    for day, title in ((1, "Erstes"), (9, "Letztes"), (5, "Mittleres")):
        meeting = MeetingFactory(
            title_de=title, earliest=dt.date(2022, 5, day), latest=dt.date(2022, 5, day)
        )
        meeting.participants.add(place)
    MeetingFactory(title_de="Ohne diese Stadt")

    section = read(client.get(place.get_absolute_url())).main.section("Treffen mit dieser Kommune")

    assert section.texts("h3") == ["Letztes", "Mittleres", "Erstes"]


def test_detail_hides_planned_partnerships_and_internal_meetings(client):
    place = MunicipalityFactory()
    TandemMemberFactory(municipality=place)
    planned = TandemFactory(status=TandemStatus.PLANNED, name_de="GEHEIM", name_en="GEHEIM")
    TandemMemberFactory(tandem=planned, municipality=place)
    internal = MeetingFactory(status=MeetingStatus.PLANNED, title_de="GEHEIM")
    internal.participants.add(place)
    of_planned = MeetingFactory(tandem=planned, title_de="GEHEIM")
    of_planned.participants.add(place)

    response = client.get(place.get_absolute_url())

    assert response.status_code == 200
    assert "GEHEIM" not in response.content.decode()
    assert planned.slug not in response.content.decode()


def test_detail_without_partnership_and_meeting_says_so(client):
    place = MunicipalityFactory()

    main = read(client.get(place.get_absolute_url())).main

    assert main.section("Partnerschaften").one("p", class_="note").text == (
        "Diese Kommune ist noch in keiner Partnerschaft. Sobald sich das ändert, stehen ihre"
        " laufenden und früheren Partnerschaften hier."
    )
    assert main.section("Treffen mit dieser Kommune").one("p", class_="note").text == (
        "Treffen mit dieser Kommune sind nicht belegt."
    )


def test_detail_marks_what_is_not_in_the_reader_s_language(client):
    place = MunicipalityFactory(
        description_de="Nur auf Deutsch", description_en="", region_de="Niederrhein", region_en=""
    )
    StrengthFactory(municipality=place, text_de="Stärke hier", text_en="")

    page = read(client.get(f"/en/municipalities/{place.slug}/"))

    assert page.language == "en"
    for words in ("Nur auf Deutsch", "Niederrhein", "Stärke hier"):
        assert page.body.languages_of(words) == {"de"}


def test_detail_shows_the_local_name_in_its_language(client):
    place = MunicipalityFactory(
        name_de="Vari", local_name="Βάρη", languages=["el", "en"], country=Country.GR
    )

    page = read(client.get(place.get_absolute_url()))

    assert page.main.languages_of("Βάρη") == {"el"}
    assert page.heading == "Vari GR"


def test_detail_tells_machines_where_the_city_lies(client):
    place = MunicipalityFactory(
        name_de="Sofia</script>",
        local_name="София",
        country=Country.BG,
        website="https://s.example",
    )

    response = client.get(place.get_absolute_url())

    script = read(response).root.one("script", type="application/ld+json")
    assert json.loads("".join(script.all_pieces())) == {
        "@context": "https://schema.org",
        "@type": "City",
        "name": "Sofia</script>",
        "alternateName": "София",
        "url": f"http://localhost:8000/de/municipalities/{place.slug}/",
        "sameAs": "https://s.example",
        "geo": {"@type": "GeoCoordinates", "latitude": 51.3, "longitude": 6.6},
        "address": {"@type": "PostalAddress", "addressCountry": "BG"},
    }


def test_detail_of_an_unknown_municipality_is_a_styled_404(client):
    response = client.get("/de/municipalities/atlantis/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_asks_the_database_eight_times(client, rows, django_assert_num_queries):
    place = MunicipalityFactory()
    for _ in range(rows):
        pair = make_pair()
        TandemMemberFactory(tandem=pair, municipality=place)
        TopicRoleFactory(municipality=place)
        PopulationFigureFactory(municipality=place)
        AreaFigureFactory(municipality=place)
        StrengthFactory(municipality=place)
        MeetingFactory(tandem=pair).participants.add(place)

    with django_assert_num_queries(8):
        client.get(reverse("municipalities:detail", args=[place.slug]))


@pytest.mark.parametrize("address", ["/de/municipalities/", "/sitemap.xml", "/de/"])
def test_place_of_a_planned_partnership_alone_is_nowhere_before_its_release(client, address):
    TandemMemberFactory(municipality__slug="known", municipality__name_de="Bekannt")
    TandemMemberFactory(
        tandem__status=TandemStatus.PLANNED,
        municipality__slug="geheim",
        municipality__name_de="Geheim",
        municipality__country=Country.IS,
    )

    page = client.get(address).content.decode()

    assert client.get("/de/municipalities/geheim/").status_code == 404
    assert client.get("/de/municipalities/known/").status_code == 200
    assert "geheim" not in page.lower()
    assert "Island" not in page
