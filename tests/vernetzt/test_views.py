"""The programme page, the probes of an operator and what machines read."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.enums import OrganisationKind, ProgrammeRoleKind
from core.dates import DatePrecision
from editorial.enums import ProgrammeSection, ResourceKind
from tests.factories import (
    OrganisationFactory,
    ProgrammeEntryFactory,
    ProgrammeRoleFactory,
    ResourceFactory,
    TopicFactory,
)
from tests.faults import unreachable_database
from tests.reading import read

pytestmark = pytest.mark.django_db

# --- the programme --------------------------------------------------------------------------------

HEADINGS = {
    "de": {
        ProgrammeSection.AIM: "Ziele",
        ProgrammeSection.ACTIVITY: "Was geschieht",
        ProgrammeSection.METHOD: "Wie die Kommunen lernen",
        ProgrammeSection.FINDING: "Erkenntnisse",
        ProgrammeSection.PHASE: "Phasen",
        ProgrammeSection.NETWORK: "Netzwerke und Initiativen im Umfeld",
        ProgrammeSection.DISAGREEMENT: "Wo Quellen sich widersprechen",
    },
    "en": {
        ProgrammeSection.AIM: "Aims",
        ProgrammeSection.ACTIVITY: "What happens",
        ProgrammeSection.METHOD: "How the cities learn",
        ProgrammeSection.FINDING: "Findings",
        ProgrammeSection.PHASE: "Phases",
        ProgrammeSection.NETWORK: "Networks and initiatives around it",
        ProgrammeSection.DISAGREEMENT: "Where sources disagree",
    },
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_programme_shows_each_statement_under_its_heading_with_its_source(client, language):
    for section in ProgrammeSection:
        ProgrammeEntryFactory(
            section=section,
            text_de=f"Satz {section}",
            text_en=f"Sentence {section}",
            sources=[f"https://{section}.example/"],
        )

    page = read(client.get(f"/{language}/programme/"))

    assert page.language == language
    word = {"de": "Satz", "en": "Sentence"}[language]
    assert page.main.one("p", class_="lead").text == f"{word} summary"
    assert "https://summary.example/" in page.main.hrefs()
    for section, heading in HEADINGS[language].items():
        (entry,) = page.main.section(heading).all("li")
        assert f"{word} {section}" in entry.text
        assert entry.hrefs() == [f"https://{section}.example/"]


def test_programme_offers_a_way_to_each_of_its_sections(client):
    for section in ProgrammeSection:
        ProgrammeEntryFactory(section=section)

    page = read(client.get("/de/programme/"))

    targets = [href.removeprefix("#") for href in page.main.one("nav").hrefs()]
    assert targets == [
        "aims", "activities", "methods", "findings", "phases", "networks", "disagreements",
    ]  # fmt: skip
    for target in targets:
        page.main.one(id=target)


def test_programme_shows_the_term_and_the_phases_in_words(client):
    term = {
        "earliest": dt.date(2021, 11, 1),
        "latest": dt.date(2025, 3, 31),
        "precision": DatePrecision.PERIOD,
    }
    ProgrammeEntryFactory(section=ProgrammeSection.SUMMARY, **term)
    ProgrammeEntryFactory(section=ProgrammeSection.PHASE, **term)

    main = read(client.get("/de/programme/")).main

    assert main.one("p", class_="eyebrow").text == "Das Programm, November 2021 – März 2025"
    assert main.one("p", class_="timeline__when").text == "November 2021 – März 2025"


def test_programme_shows_each_organisation_with_its_dated_roles(client):
    body = OrganisationFactory(
        short_name="DIFU",
        name_de="Deutsches Institut für Urbanistik",
        kind=OrganisationKind.COORDINATOR,
        seat="Berlin",
        website="https://www.difu.example/",
        contribution_de="begleitet die Städte",
    )
    for kind, since, until in (
        (ProgrammeRoleKind.PROJECT_PARTNER, None, None),
        (ProgrammeRoleKind.COORDINATOR, dt.date(2024, 1, 1), None),
        (ProgrammeRoleKind.ACCOMPANIES, dt.date(2022, 5, 17), dt.date(2024, 12, 31)),
    ):
        ProgrammeRoleFactory(
            organisation=body,
            kind=kind,
            since=since,
            since_precision=DatePrecision.MONTH if since else DatePrecision.UNKNOWN,
            until=until,
            until_precision=DatePrecision.DAY if until else DatePrecision.UNKNOWN,
        )

    card = (
        read(client.get("/de/programme/"))
        .main.section("Wer hinter dem Programm steht")
        .one("li", class_="card")
    )

    assert card.one("h3").text == "DIFU"
    assert card.one("p", class_="muted").text == "Deutsches Institut für Urbanistik, Berlin"
    assert card.one("ul", class_="parts").texts("li") == [
        "Mitarbeit im Projektteam",
        "Begleitung der Tandems Mai 2022 – 31. Dezember 2024",
        "Koordination des Programms seit Januar 2024",
    ]
    assert card.hrefs() == ["https://www.difu.example/"]


def test_programme_shows_publications_and_topics(client):
    ResourceFactory(
        title_de="Abschlussbericht",
        kind=ResourceKind.REPORT,
        url="https://a.example/",
        languages=["de", "en"],
        earliest=dt.date(2024, 1, 1),
        latest=dt.date(2024, 12, 31),
        precision=DatePrecision.YEAR,
    )
    ResourceFactory(title_de="Ohne Adresse")
    TopicFactory(key="open-data", name_de="Offene Daten")

    main = read(client.get("/de/programme/")).main

    section = main.section("Veröffentlichungen, Seiten und Werkzeuge")
    first, second = section.all("li")
    assert first.text == "Bericht 2024 Abschlussbericht a.example · DE, EN"
    assert second.text == "Bericht Ohne Adresse"
    assert section.hrefs() == ["https://a.example/"]
    assert main.section("Handlungsfelder").hrefs() == ["/de/tandems/?topic=open-data"]


def test_programme_without_facts_says_what_will_be_here(client):
    main = read(client.get("/de/programme/")).main

    assert main.one("h1").text == "Das Programm"
    assert main.one("p", class_="note").text == (
        "Hier steht künftig die Beschreibung des Programms: seine Ziele, die Beteiligten und die"
        " Arbeitsweise."
    )
    assert main.all("h2") == []
    assert "None" not in main.text


def test_programme_marks_what_is_not_in_the_reader_s_language(client):
    ProgrammeEntryFactory(section=ProgrammeSection.SUMMARY, text_de="Das ist es", text_en="")
    ProgrammeEntryFactory(text_de="Ziel hier", text_en="")
    OrganisationFactory(note_en="Only English", note_de="")

    english = read(client.get("/en/programme/"))
    german = read(client.get("/de/programme/"))

    assert english.body.languages_of("Das ist es") == {"de"}
    assert english.body.languages_of("Ziel hier") == {"de"}
    assert german.body.languages_of("Only English") == {"en"}


@pytest.mark.parametrize("rows", [1, 3])
def test_programme_asks_the_database_five_times(client, rows, django_assert_num_queries):
    for _ in range(rows):
        for section in ProgrammeSection:
            ProgrammeEntryFactory(section=section)
        ProgrammeRoleFactory()
        ResourceFactory()
        TopicFactory()

    with django_assert_num_queries(5):
        client.get("/de/programme/")


# --- probes ---------------------------------------------------------------------------------------


def test_healthz_says_that_the_process_answers(client):
    response = client.get("/healthz/")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_healthz_needs_no_database(client):
    with unreachable_database():
        response = client.get("/healthz/")

    assert response.status_code == 200


def test_readyz_says_that_the_portal_can_serve(client):
    response = client.get("/readyz/")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "reasons": []}
    assert response.headers["Cache-Control"] == "private, no-store"


def test_readyz_names_migrations_that_are_not_applied(client):
    MigrationRecorder(connection).record_unapplied("editorial", "0001_initial")

    response = client.get("/readyz/")

    assert response.status_code == 503
    assert response.json()["ready"] is False
    (reason,) = response.json()["reasons"]
    assert re.match(r"1 .*not applied", reason)


def test_readyz_says_that_the_database_cannot_be_reached(client):
    with unreachable_database():
        response = client.get("/readyz/")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "reasons": ["The database cannot be reached."]}


def test_readyz_tells_nothing_about_where_the_database_is(client):
    with unreachable_database():
        body = client.get("/readyz/").content.decode()

    assert not re.search(r"127\.0\.0\.1|5432|postgres|sqlite|no-such-folder", body)


# --- what machines read ---------------------------------------------------------------------------


def test_robots_sends_crawlers_away_from_a_demo(client, settings):
    settings.SITE_INDEXABLE = False

    response = client.get("/robots.txt")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /",
        "",
        "Sitemap: http://localhost:8000/sitemap.xml",
    ]


def test_robots_lets_crawlers_into_a_real_portal_but_not_into_its_back_rooms(client, settings):
    settings.SITE_INDEXABLE = True
    settings.PUBLIC_URL = "https://portal.example"

    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /" not in lines
    assert [line for line in lines if line.startswith("Disallow")] == [
        "Disallow: /*/accounts/",
        "Disallow: /*/dashboard/",
        "Disallow: /admin/",
    ]
    assert lines[-1] == "Sitemap: https://portal.example/sitemap.xml"


@pytest.mark.parametrize(("indexable", "tags"), [(True, 0), (False, 1)])
def test_pages_of_a_demo_ask_not_to_be_indexed(client, settings, indexable, tags):
    settings.SITE_INDEXABLE = indexable

    page = read(client.get("/de/"))

    assert len(page.root.all("meta", name="robots", content="noindex")) == tags


def fields(response):
    lines = [line for line in response.content.decode().splitlines() if line]
    return [tuple(line.split(": ", 1)) for line in lines if not line.startswith("#")]


def test_security_txt_says_what_rfc_9116_demands(client, settings):
    settings.PUBLIC_URL = "https://portal.example"
    settings.OPERATOR = settings.OPERATOR | {"security_email": "security@portal.example"}

    response = client.get("/.well-known/security.txt")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    found = dict(fields(response))
    assert len(found) == len(fields(response))
    assert found["Contact"] == "mailto:security@portal.example"
    assert found["Preferred-Languages"] == "de, en"
    assert found["Canonical"] == "https://portal.example/.well-known/security.txt"
    assert response.content.endswith(b"\n")


def test_security_txt_without_an_address_leads_to_the_imprint(client, settings):
    settings.PUBLIC_URL = "https://portal.example"
    settings.OPERATOR = settings.OPERATOR | {"security_email": ""}

    found = dict(fields(client.get("/.well-known/security.txt")))

    assert found["Contact"] == "https://portal.example/en/imprint/"


@pytest.mark.parametrize(
    "now",
    [
        dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC),
        dt.datetime(2025, 7, 13, 23, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC),
    ],
)
def test_security_txt_is_good_for_months_and_expires_within_a_year(client, now):
    with time_machine.travel(now, tick=False):
        found = dict(fields(client.get("/.well-known/security.txt")))

    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", found["Expires"])
    ahead = dt.datetime.fromisoformat(found["Expires"]) - now
    assert dt.timedelta(days=90) < ahead < dt.timedelta(days=365)


def test_security_txt_stays_the_same_from_one_day_to_the_next(client):
    answers = set()
    for day in (10, 11):
        with time_machine.travel(dt.datetime(2026, 3, day, tzinfo=dt.UTC), tick=False):
            answers.add(client.get("/.well-known/security.txt").content)

    assert len(answers) == 1
