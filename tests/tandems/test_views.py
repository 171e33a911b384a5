"""The pages of the partnerships."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from calls.enums import CallState
from core.dates import DatePrecision
from meetings.enums import MeetingStatus
from municipalities.enums import Country
from tandems.enums import (
    Evidence,
    LearningStage,
    MemberRole,
    ProfileSection,
    ProfileState,
    ResultKind,
    TandemKind,
    TandemStatus,
    Visibility,
)
from tests.factories import (
    ArticleFactory,
    CallFactory,
    MeetingFactory,
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemChangeFactory,
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    TopicFactory,
    make_pair,
)
from tests.reading import read
from tests.workspace import (
    DocumentFactory,
    DocumentVersionFactory,
    ProfileConfirmationFactory,
    ProfilePictureFactory,
)

pytestmark = pytest.mark.django_db

INDEX = "/de/tandems/"


def cards(client, query=""):
    return read(client.get(f"{INDEX}{query}")).main.all("li", class_="card")


def links(client, query=""):
    return [card.hrefs()[0] for card in cards(client, query)]


def member(tandem, name, **values):
    country = values.pop("country", Country.DE)
    place = MunicipalityFactory(name_de=name, name_en=name, local_name=name, country=country)
    return TandemMemberFactory(tandem=tandem, municipality=place, **values)


# --- the list -------------------------------------------------------------------------------------


def test_index_shows_each_partnership_as_a_pair_with_status_and_topics(client):
    tandem = TandemFactory(status=TandemStatus.CONTINUES)
    member(tandem, "Hamm")
    member(tandem, "Arezzo", country=Country.IT)
    for key in "abcd":
        topic = TopicFactory(key=key, name_de=f"Thema {key}")
        TandemTopicFactory(tandem=tandem, topic=topic)
    TandemTopicFactory(tandem=tandem, topic=topic)

    (card,) = cards(client)

    assert card.text == (
        "Hamm DE – Arezzo IT Abgeschlossen, Zusammenarbeit geht weiter Thema a Thema b Thema c + 1"
    )
    assert card.hrefs() == [tandem.get_absolute_url()]
    assert [abbr["title"] for abbr in card.all("abbr")] == ["Deutschland", "Italien"]


def test_index_speaks_english_too(client):
    make_pair(status=TandemStatus.ENDED_EARLY, kind=TandemKind.TRIDEM)

    page = read(client.get("/en/tandems/"))

    assert page.language == "en"
    assert page.heading == "Tandems and other partnerships"
    row = page.main.one("li", class_="card").one("p", class_="row")
    assert row.texts("span") == ["Ended early", "Tridem"]


def test_index_sorts_by_the_number_in_the_programme(client):
    second, first = make_pair(number=7), make_pair(number=3)

    assert links(client) == [first.get_absolute_url(), second.get_absolute_url()]


def test_index_shows_who_has_left_and_who_is_a_guest(client):
    left = make_pair(number=1)
    left.members.filter(position=1).update(
        left_on=dt.date(2023, 12, 31), left_precision=DatePrecision.YEAR_END
    )
    exchange = make_pair(number=2, kind=TandemKind.GUEST_EXCHANGE)
    exchange.members.filter(position=1).update(role=MemberRole.GUEST)

    first, second = cards(client)

    assert first.texts(class_="pair__note") == ["Austritt: Ende 2023"]
    assert first.one(class_="pair__city--left").one(class_="pair__name").text.startswith("Ort")
    assert second.texts(class_="pair__note") == ["Gast"]
    assert second.one("p", class_="row").texts("span") == ["Aktiv", "Gastaustausch"]


def test_index_says_that_topics_are_not_documented(client):
    make_pair()

    (card,) = cards(client)

    assert card.texts(class_="undocumented") == ["Themen nicht belegt"]


def test_index_without_partnerships_says_what_will_be_here(client):
    page = read(client.get(INDEX))

    assert page.main.one("p", class_="note").text == (
        "Noch ist keine Partnerschaft öffentlich. Sobald die Auswahl entschieden ist, stehen die"
        " Tandems hier mit ihren Themen und Treffen."
    )


def test_index_hides_planned_partnerships_and_what_only_they_have(client):
    planned = make_pair(status=TandemStatus.PLANNED, slug="geheim")
    planned.members.filter(position=1).update(
        municipality=MunicipalityFactory(country=Country.IS, name_de="Geheim")
    )
    make_pair()

    page = read(client.get(INDEX))

    assert "geheim" not in page.html.lower()
    assert "Island" not in page.main.texts("option")
    assert len(page.main.all("li", class_="card")) == 1


def test_index_filters_by_topic_country_and_status(client):
    topic = TopicFactory(key="open-data")
    wanted = make_pair(number=1, status=TandemStatus.COMPLETED)
    TandemTopicFactory(tandem=wanted, topic=topic)
    other = make_pair(number=2)
    other.members.filter(position=1).update(municipality=MunicipalityFactory(country=Country.FR))

    assert links(client, "?topic=open-data") == [wanted.get_absolute_url()]
    assert links(client, "?country=FR") == [other.get_absolute_url()]
    assert links(client, "?status=completed") == [wanted.get_absolute_url()]
    assert links(client, "?status=completed&country=FR") == []


def test_index_finds_a_country_whose_city_has_left(client):
    tandem = make_pair()
    tandem.members.filter(position=1).update(left_on=dt.date(2023, 12, 31))

    assert links(client, "?country=IT") == [tandem.get_absolute_url()]


def test_index_offers_every_status_but_planned(client):
    page = read(client.get(INDEX))

    options = page.root.one("select", name="status").all("option")
    assert [option["value"] for option in options] == [
        "", "active", "completed", "continues", "ended_early", "undocumented",
    ]  # fmt: skip


def test_index_keeps_its_state_in_chips_that_remove_one_filter_each(client):
    topic = TopicFactory(key="open-data", name_de="Offene Daten")
    TandemTopicFactory(tandem=make_pair(), topic=topic)

    page = read(client.get(f"{INDEX}?topic=open-data&country=IT"))

    assert page.root.texts("option", selected="") == ["Offene Daten", "Italien"]
    chips = page.main.one("ul", class_="chips")
    assert chips.hrefs() == ["?country=IT", "?topic=open-data"]
    assert chips.texts("a")[1] == "Filter entfernen: Land: Italien"


def test_index_that_finds_nothing_leads_back_to_all(client):
    make_pair()

    page = read(client.get(f"{INDEX}?status=ended_early"))

    assert page.main.one("p", class_="note").hrefs() == [INDEX]
    assert page.main.all("li", class_="card") == []


def test_index_is_cut_into_pages_that_carry_the_filter_on(client):
    for _ in range(13):
        make_pair()

    first = read(client.get(f"{INDEX}?status=active")).main
    second = read(client.get(f"{INDEX}?status=active&page=2")).main

    assert first.one("a", rel="next")["href"] == "?status=active&page=2"
    assert len(first.all("li", class_="card")) == 12
    assert second.one("a", rel="prev")["href"] == "?status=active"
    assert second.one("nav", class_="pages").texts("a", **{"aria-current": "page"}) == ["2"]
    assert len(second.all("li", class_="card")) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_index_asks_the_database_six_times(client, rows, django_assert_num_queries):
    for _ in range(rows):
        TandemTopicFactory(tandem=make_pair())

    with django_assert_num_queries(6):
        client.get(INDEX)


# --- one partnership ------------------------------------------------------------------------------


def test_detail_shows_the_pair_and_the_released_profile(client, time_machine):
    time_machine.move_to(dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC))
    tandem = TandemFactory(kind=TandemKind.TANDEM, status=TandemStatus.COMPLETED)
    home, partner = member(tandem, "Hamm"), member(tandem, "Arezzo", country=Country.IT)
    ProfileVersionFactory(
        tandem=tandem,
        summary__de="Beide lernen.",
        as_of=dt.date(2024, 12, 1),
        sources=["https://a.example/"],
    )
    ProfileVersionFactory(tandem=tandem, state=ProfileState.DRAFT, summary__de="Nur ein Entwurf")

    page = read(client.get(tandem.get_absolute_url()))

    assert page.heading == "Hamm DE – Arezzo IT"
    assert page.main.one("h1").hrefs() == [
        home.municipality.get_absolute_url(),
        partner.municipality.get_absolute_url(),
    ]
    assert page.main.one("p", class_="row").text == "Abgeschlossen"
    assert page.main.section("Profil").text == (
        "Profil Beide lernen. Stand: 1. Dezember 2024 Quelle: a.example"
    )
    assert "Entwurf" not in page.html


def test_detail_speaks_english_too(client):
    tandem = make_pair()
    ProfileVersionFactory(tandem=tandem)

    page = read(client.get(f"/en/tandems/{tandem.slug}/"))

    assert page.language == "en"
    assert page.main.section("Profile").one("div", class_="lead").text == (
        "Two cities learn from each other."
    )


def test_detail_of_a_tridem_shows_three_cities(client):
    tridem = TandemFactory(kind=TandemKind.TRIDEM)
    member(tridem, "Basel", country=Country.CH)
    member(tridem, "Freiburg")
    member(tridem, "Mulhouse", country=Country.FR)

    page = read(client.get(tridem.get_absolute_url()))

    assert page.heading == "Basel CH – Freiburg DE – Mulhouse FR"
    assert page.main.one("p", class_="eyebrow").text == "Tridem"


def test_detail_leaves_a_guest_out_of_the_pair_but_not_out_of_the_story(client):
    tandem = make_pair()
    member(tandem, "Venlo", country=Country.NL, role=MemberRole.GUEST)

    page = read(client.get(tandem.get_absolute_url()))

    assert "Venlo" not in page.heading
    assert "Venlo nimmt als Gast teil." in page.main.section("Mitgliedschaft").text


def test_detail_tells_who_joined_and_who_left_in_order(client):
    tandem = TandemFactory()
    member(tandem, "Krefeld")
    member(
        tandem,
        "Sofia",
        country=Country.BG,
        left_on=dt.date(2023, 12, 31),
        left_precision=DatePrecision.YEAR_END,
        left_reason_de="Umbau",
        sources=["https://left.example/"],
    )
    TandemChangeFactory(
        tandem=tandem,
        text_de="Krefeld besucht andere.",
        earliest=dt.date(2023, 10, 1),
        latest=dt.date(2023, 10, 31),
        precision=DatePrecision.MONTH,
        sources=["https://change.example/"],
    )

    section = read(client.get(tandem.get_absolute_url())).main.section("Mitgliedschaft")

    assert section.texts("li") == [
        "17. Mai 2022 Krefeld und Sofia beginnen, voneinander zu lernen. Quelle: left.example",
        "Oktober 2023 Krefeld besucht andere. Quelle: change.example",
        "Ende 2023 Sofia verlässt das Programm. Grund: Umbau. Quelle: left.example",
    ]


def test_detail_says_when_no_date_of_joining_is_documented(client):
    tandem = TandemFactory()
    for name in ("Krefeld", "Venlo"):
        member(
            tandem,
            name,
            joined_earliest=None,
            joined_latest=None,
            joined_precision=DatePrecision.UNKNOWN,
        )

    section = read(client.get(tandem.get_absolute_url())).main.section("Mitgliedschaft")

    assert section.one("p", class_="timeline__when").text == "Datum nicht belegt"


def test_detail_shows_who_gives_and_who_seeks(client):
    tandem = make_pair()
    home, partner = (m.municipality for m in tandem.members.order_by("position"))
    topic = TopicFactory(key="open-data", name_de="Offene Daten")
    TandemTopicFactory(
        tandem=tandem,
        topic=topic,
        focus_de="Sensoren",
        giver=home,
        seeker=partner,
        stage=LearningStage.PLANNED_TRIAL,
        sources=["https://flow.example/"],
    )
    undirected = TopicFactory(key="mobility", name_de="Mobilität")
    TandemTopicFactory(tandem=tandem, topic=undirected)

    section = read(client.get(tandem.get_absolute_url())).main.section("Wer gibt, wer sucht")

    role = section.one("div", class_="role")
    assert role.one("h3").text == "Sensoren"
    giver, _gives, _arrow, seeker, _seeks = role.one("p", class_="flow").texts("span")
    assert (giver, seeker) == (f"{home.name} gibt", f"{partner.name} sucht")
    assert role.one("p", class_="role__foot").text == "Erprobung geplant Offene Daten"
    assert role.one("p", class_="source").hrefs() == ["https://flow.example/"]
    assert section.one("div", class_="undirected").texts("a") == ["Mobilität"]
    assert section.one("div", class_="undirected").hrefs() == ["/de/tandems/?topic=mobility"]


def test_detail_shows_results_with_their_kind_and_evidence(client):
    profile = ProfileVersionFactory(tandem=make_pair())
    ProfileEntryFactory(
        profile=profile,
        section=ProfileSection.CHALLENGE,
        texts={"de": "Ausscheiden"},
        result_kind="",
    )
    ProfileEntryFactory(
        profile=profile,
        texts={"de": "Ein Bericht"},
        result_kind=ResultKind.REPORT,
        evidence=Evidence.EXISTS,
        sources=["https://a.example/", "https://b.example/"],
    )

    main = read(client.get(profile.tandem.get_absolute_url())).main

    assert main.section("Herausforderungen").texts("li") == ["Ausscheiden"]
    result = main.section("Ergebnisse").one("ul", class_="list").all("li")[0]
    assert result.all("p")[0].text == "Ein Bericht"
    assert result.one("p", class_="row").texts("span") == [
        "Bericht",
        "Vorhanden, Inhalt hier nicht belegt",
    ]
    assert result.one("summary").text == "2 Quellen"
    assert result.hrefs() == ["https://a.example/", "https://b.example/"]


def test_detail_shows_meetings_news_call_and_twinning(client):
    call = CallFactory(title_de="Aufruf 2022")
    tandem = make_pair(call=call, twinning_since="1985", twinning_sources=["https://twin.example/"])
    MeetingFactory(tandem=tandem, title_de="Besuch in Arezzo")
    MeetingFactory(title_de="Treffen aller")
    ArticleFactory(tandem=tandem, title_de="Ein Anfang")
    ArticleFactory(title_de="Andere Nachricht")

    main = read(client.get(tandem.get_absolute_url())).main

    assert main.section("Treffen dieser Partnerschaft").texts("h3") == ["Besuch in Arezzo"]
    assert main.section("Aktuelles").texts("h3") == ["Ein Anfang"]
    background = main.section("Hintergrund")
    assert background.texts("dd") == ["seit 1985 Quelle: twin.example", "Aufruf 2022"]


def test_detail_hides_internal_meetings_future_news_and_draft_calls(client):
    tandem = make_pair(call=CallFactory(state=CallState.DRAFT, title_de="GEHEIM", slug="geheim"))
    MeetingFactory(tandem=tandem, status=MeetingStatus.PLANNED, title_de="GEHEIM")
    ArticleFactory(tandem=tandem, title_de="GEHEIM", published_on=dt.date(2999, 1, 1))

    response = client.get(tandem.get_absolute_url())

    assert response.status_code == 200
    assert "geheim" not in response.content.decode().lower()


def test_detail_without_facts_says_so_in_every_section(client):
    tandem = TandemFactory()

    main = read(client.get(tandem.get_absolute_url())).main

    assert [
        main.section(heading).one("p", class_="note").text.split(".")[0]
        for heading in (
            "Profil",
            "Wer gibt, wer sucht",
            "Ergebnisse",
            "Mitgliedschaft",
            "Treffen dieser Partnerschaft",
        )
    ] == [
        "Noch ist kein Profil freigegeben",
        "Zu welchen Themen diese Kommunen gegeben und gesucht haben, ist nicht belegt",
        "Herausforderungen, Ziele und Ergebnisse dieser Partnerschaft sind nicht belegt",
        "Wann die Kommunen beigetreten sind, ist nicht belegt",
        "Eigene Treffen dieser Partnerschaft sind nicht belegt",
    ]
    assert "None" not in main.text


def test_detail_marks_what_is_not_in_the_reader_s_language(client):
    tandem = make_pair()
    profile = ProfileVersionFactory(tandem=tandem, summary=False)
    ProfileEntryFactory(
        profile=profile,
        section=ProfileSection.SUMMARY,
        is_point=False,
        result_kind="",
        texts={"de": "Zusammen gelernt"},
    )
    ProfileEntryFactory(profile=profile, texts={"de": "Ergebnis hier"})
    TandemChangeFactory(tandem=tandem, text_de="Änderung hier", text_en="")
    TandemMemberFactory(
        tandem=tandem, left_on=dt.date(2023, 1, 1), left_reason_de="Grund hier", left_reason_en=""
    )

    page = read(client.get(f"/en/tandems/{tandem.slug}/"))

    for words in ("Zusammen gelernt", "Ergebnis hier", "Änderung hier", "Grund hier"):
        assert page.body.languages_of(words) == {"de"}


def test_detail_shows_local_names_in_their_language(client):
    tandem = TandemFactory()
    place = MunicipalityFactory(
        name_de="Sofia", local_name="София", country=Country.BG, languages=["bg"]
    )
    TandemMemberFactory(tandem=tandem, municipality=place)

    page = read(client.get(tandem.get_absolute_url()))

    assert page.main.languages_of("София") == {"bg"}


def test_detail_tells_machines_who_takes_part(client):
    tandem = TandemFactory(name_de="Hamm & Arezzo")
    hamm = member(tandem, "Hamm")

    page = read(client.get(tandem.get_absolute_url()))

    script = page.root.one("script", type="application/ld+json")
    assert json.loads("".join(script.all_pieces())) == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "Hamm & Arezzo",
        "url": f"http://localhost:8000/de/tandems/{tandem.slug}/",
        "member": [
            {
                "@type": "GovernmentOrganization",
                "name": "Hamm",
                "url": f"http://localhost:8000/de/municipalities/{hamm.municipality.slug}/",
            }
        ],
    }


@pytest.mark.parametrize("status", [TandemStatus.PLANNED, None])
def test_detail_of_a_planned_partnership_is_like_one_that_does_not_exist(client, status):
    if status:
        make_pair(slug="a-pair", status=status)

    response = client.get("/de/tandems/a-pair/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_asks_the_database_eleven_times(client, rows, django_assert_num_queries):
    tandem = make_pair(call=CallFactory())
    profile = ProfileVersionFactory(tandem=tandem)
    for _ in range(rows):
        place = TandemMemberFactory(tandem=tandem).municipality
        TandemTopicFactory(tandem=tandem, giver=place, seeker=tandem.members.first().municipality)
        topic = TandemTopicFactory(tandem=tandem)
        TandemChangeFactory(tandem=tandem)
        ProfileEntryFactory(profile=profile)
        ProfileConfirmationFactory(profile=profile, municipality=place)
        ProfilePictureFactory(profile=profile, picture__tandem=tandem)
        document = DocumentFactory(tandem=tandem, visibility=Visibility.PUBLIC, topic=topic)
        DocumentVersionFactory(document=document)
        MeetingFactory(tandem=tandem)
        ArticleFactory(tandem=tandem)
        make_pair(previous=tandem)

    with django_assert_num_queries(11):
        client.get(tandem.get_absolute_url())


def test_detail_asks_only_for_what_the_partnership_has(client, django_assert_num_queries):
    tandem = make_pair()
    ProfileVersionFactory(tandem=tandem)

    with django_assert_num_queries(7):
        client.get(tandem.get_absolute_url())


def test_detail_of_a_profile_without_texts_asks_once_more(client, django_assert_num_queries):
    tandem = make_pair()
    ProfileVersionFactory(tandem=tandem, summary=False, as_of=dt.date(2024, 12, 1))

    with django_assert_num_queries(8):
        page = client.get(tandem.get_absolute_url())

    assert "Stand: 1. Dezember 2024" in read(page).main.text


def test_detail_without_a_profile_asks_for_no_pictures(client, django_assert_num_queries):
    tandem = make_pair()

    with django_assert_num_queries(8):
        client.get(tandem.get_absolute_url())


def test_detail_names_a_giver_that_is_no_member(client):
    tandem = make_pair()
    seeker = tandem.members.get(position=0).municipality
    giver = MunicipalityFactory(name_de="Venlo")
    TandemTopicFactory(tandem=tandem, giver=giver, seeker=seeker, focus_de="Zwillinge")

    section = read(client.get(tandem.get_absolute_url())).main.section("Wer gibt, wer sucht")

    assert f"Venlo gibt {seeker.name_de} sucht" in section.text


def test_data_for_machines_name_current_members_only(client):
    tandem = TandemFactory()
    stays = member(tandem, "Krefeld")
    gone = member(tandem, "Sofia")
    gone.left_on = dt.date(2023, 12, 31)
    gone.save()
    guest = member(tandem, "Venlo")
    guest.role = MemberRole.GUEST
    guest.save()

    page = read(client.get(tandem.get_absolute_url()))

    script = page.root.one("script", type="application/ld+json")
    found = json.loads("".join(script.all_pieces()))
    assert [entry["name"] for entry in found["member"]] == [stays.municipality.name]
