"""The news, their feed and the standing pages."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree as ET

import pytest
import time_machine

from editorial.enums import PageKey
from tandems.enums import TandemStatus
from tests.factories import ArticleFactory, MunicipalityFactory, PageFactory, make_pair
from tests.reading import Document, read

pytestmark = pytest.mark.django_db

INDEX = "/de/news/"
FEED = "/de/news/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TODAY = dt.datetime(2024, 3, 15, 12, tzinfo=dt.UTC)


# --- the list -------------------------------------------------------------------------------------


def test_index_shows_each_story_with_day_teaser_and_partnership(client):
    tandem = make_pair(name_de="Krefeld – Sofia")
    story = ArticleFactory(title_de="Der Anfang", teaser_de="Zwei Städte.", tandem=tandem)

    page = read(client.get(INDEX))

    (entry,) = page.main.all("li", class_="entry")
    assert entry.text == "1. Juni 2022 Der Anfang Zwei Städte. Krefeld – Sofia"
    assert entry.one("time")["datetime"] == "2022-06-01"
    assert entry.hrefs() == [story.get_absolute_url()]


def test_index_speaks_english_too(client):
    ArticleFactory(title_en="The start", teaser_en="Two cities.")

    page = read(client.get("/en/news/"))

    assert page.language == "en"
    assert page.main.one("li", class_="entry").text == "1 June 2022 The start Two cities."


@time_machine.travel(TODAY, tick=False)
def test_index_lists_the_newest_first_and_nothing_from_the_future(client):
    for title, day in (
        ("Alt", dt.date(2022, 1, 1)),
        ("Heute", dt.date(2024, 3, 15)),
        ("Morgen", dt.date(2024, 3, 16)),
    ):
        ArticleFactory(title_de=title, published_on=day)

    page = read(client.get(INDEX))

    assert page.main.texts("h2") == ["Heute", "Alt"]


def test_index_without_news_says_what_will_be_here(client):
    page = read(client.get(INDEX))

    assert page.main.one("p", class_="note").text.endswith("Noch ist nichts veröffentlicht.")


def test_index_is_cut_into_pages(client):
    ArticleFactory.create_batch(13)

    first, second = (read(client.get(f"{INDEX}?page={number}")).main for number in (1, 2))

    assert first.one("a", rel="next")["href"] == "?page=2"
    assert len(first.all("li", class_="entry")) == 12
    assert second.one("a", rel="prev")["href"] == "?"
    assert len(second.all("li", class_="entry")) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_index_asks_the_database_twice(client, rows, django_assert_num_queries):
    for _ in range(rows):
        ArticleFactory(tandem=make_pair())

    with django_assert_num_queries(2):
        client.get(INDEX)


# --- one story ------------------------------------------------------------------------------------


def test_article_shows_the_story_with_its_partnership_cities_and_sources(client):
    tandem = make_pair(name_de="Krefeld – Sofia")
    story = ArticleFactory(
        title_de="Der Anfang",
        body_de="## Wie es begann\n\nMit **Mut**.",
        tandem=tandem,
        sources=["https://www.a.example/", "https://c.example/"],
    )
    for name in ("Sofia", "Krefeld"):
        story.municipalities.add(MunicipalityFactory(name_de=name))

    page = read(client.get(story.get_absolute_url()))

    assert page.heading == "Der Anfang"
    assert page.main.one("div", class_="prose").text == "Wie es begann Mit Mut."
    assert page.main.one("strong").text == "Mut"
    assert page.main.fact("Partnerschaft") == "Krefeld – Sofia"
    assert page.main.fact("Kommunen") == "Krefeld Sofia"
    assert page.main.fact("Quellen") == "a.example c.example"
    assert "https://www.a.example/" in page.main.hrefs()


def test_article_lets_no_markup_of_an_author_through(client):
    story = ArticleFactory(
        title_de="<script>alert(1)</script>",
        teaser_de='"><img src=x onerror=alert(1)>',
        body_de="<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://evil.example/a)",
    )

    response = client.get(story.get_absolute_url())

    page = read(response)
    assert page.main.all("img") == page.main.all("script") == []
    assert [link for link in page.root.all("a") if "javascript" in link["href"]] == []
    assert page.heading == "<script>alert(1)</script>"
    assert page.faults == []


def test_article_marks_what_is_not_in_the_reader_s_language(client):
    story = ArticleFactory(
        title_de="Nur deutsch",
        title_en="",
        teaser_de="Kurz auf Deutsch",
        teaser_en="",
        body_de="Lang auf Deutsch",
        body_en="",
    )

    page = read(client.get(f"/en/news/{story.slug}/"))

    assert page.language == "en"
    for words in ("Kurz auf Deutsch", "Lang auf Deutsch", "Nur deutsch"):
        assert page.body.languages_of(words) == {"de"}


def test_article_tells_machines_what_it_is(client):
    story = ArticleFactory(title_de="Der Anfang", teaser_de="Zwei Städte.")

    page = read(client.get(story.get_absolute_url()))

    script = page.root.one("script", type="application/ld+json")
    assert json.loads("".join(script.all_pieces())) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Der Anfang",
        "description": "Zwei Städte.",
        "datePublished": "2022-06-01",
        "url": f"http://localhost:8000/de/news/{story.slug}/",
        "inLanguage": "de",
        "publisher": {"@type": "Organization", "name": "#vernetztinEuropa"},
    }


def test_article_does_not_name_a_planned_partnership(client):
    planned = make_pair(status=TandemStatus.PLANNED, name_de="GEHEIM", slug="geheim")
    story = ArticleFactory(tandem=planned)

    answers = [client.get(path) for path in (INDEX, story.get_absolute_url())]

    for response in answers:
        assert response.status_code == 200
        assert "geheim" not in response.content.decode().lower()


@pytest.mark.parametrize("exists", [True, False])
@time_machine.travel(TODAY, tick=False)
def test_article_of_tomorrow_is_like_one_that_does_not_exist(client, exists):
    if exists:
        ArticleFactory(slug="tomorrow", published_on=dt.date(2024, 3, 16))

    response = client.get("/de/news/tomorrow/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


@time_machine.travel(dt.datetime(2024, 3, 15, 23, 30, tzinfo=dt.UTC), tick=False)
def test_article_appears_at_midnight_in_berlin(client):
    story = ArticleFactory(published_on=dt.date(2024, 3, 16))

    assert client.get(story.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_article_asks_the_database_twice(client, rows, django_assert_num_queries):
    story = ArticleFactory(tandem=make_pair())
    for _ in range(rows):
        story.municipalities.add(MunicipalityFactory())

    with django_assert_num_queries(2):
        client.get(story.get_absolute_url())


# --- the feed -------------------------------------------------------------------------------------


def entries(response):
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


@pytest.mark.parametrize(
    ("language", "title", "entry"),
    [
        ("de", "#vernetztinEuropa: Aktuelles", "Der Anfang"),
        ("en", "#connectedinEurope: news", "The start"),
    ],
)
def test_feed_says_what_rfc_4287_demands_in_the_language_of_its_address(
    client, language, title, entry
):
    ArticleFactory(title_de="Der Anfang", title_en="The start", slug="start")

    response = client.get(f"/{language}/news/feed.atom")

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.content)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(XML_LANG) == language
    assert feed.findtext(f"{ATOM}title") == title
    assert feed.findtext(f"{ATOM}id") == f"http://localhost:8000/{language}/news/"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "#vernetztinEuropa"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "alternate": f"http://localhost:8000/{language}/news/",
        "self": f"http://localhost:8000/{language}/news/feed.atom",
    }
    (found,) = entries(response)
    assert found.findtext(f"{ATOM}title") == entry
    assert found.find(f"{ATOM}link").get("href") == (
        f"http://localhost:8000/{language}/news/start/"
    )


def test_feed_keeps_the_id_of_a_story_whatever_changes(client):
    """A reader program shows a story twice when its id changes."""
    story = ArticleFactory(slug="start")
    (before,) = entries(client.get(FEED))

    story.title_de = "Neuer Titel"
    story.save()
    (after,) = entries(client.get(FEED, headers={"host": "127.0.0.1"}))
    (english,) = entries(client.get("/en/news/feed.atom"))

    identifiers = {entry.findtext(f"{ATOM}id") for entry in (before, after, english)}
    assert identifiers == {"http://localhost:8000/news/start"}


def test_feed_dates_a_story_by_its_last_change(client):
    with time_machine.travel(TODAY, tick=False):
        story = ArticleFactory(published_on=dt.date(2024, 3, 1))
    with time_machine.travel(TODAY + dt.timedelta(days=1), tick=False):
        story.save()

        feed = ET.fromstring(client.get(FEED).content)

    (entry,) = feed.findall(f"{ATOM}entry")
    published, updated, whole = (
        dt.datetime.fromisoformat(text)
        for text in (
            entry.findtext(f"{ATOM}published"),
            entry.findtext(f"{ATOM}updated"),
            feed.findtext(f"{ATOM}updated"),
        )
    )
    assert published.date() == dt.date(2024, 3, 1)
    assert updated == whole == TODAY + dt.timedelta(days=1)


def test_feed_lists_the_newest_first_and_nothing_from_the_future(client):
    with time_machine.travel(TODAY, tick=False):
        for title, day in (
            ("Alt", dt.date(2022, 1, 1)),
            ("Heute", dt.date(2024, 3, 15)),
            ("Morgen", dt.date(2024, 3, 16)),
        ):
            ArticleFactory(title_de=title, published_on=day)

        found = entries(client.get(FEED))

    assert [entry.findtext(f"{ATOM}title") for entry in found] == ["Heute", "Alt"]


def test_feed_is_limited(client):
    ArticleFactory.create_batch(31)

    assert len(entries(client.get(FEED))) == 30


def test_feed_without_news_is_still_a_feed(client):
    response = client.get(FEED)

    assert response.status_code == 200
    assert entries(response) == []


def test_feed_gives_the_same_bytes_at_another_time(client):
    """A feed that bears the moment of asking never answers 304."""
    with time_machine.travel(TODAY, tick=False):
        ArticleFactory()
        first = client.get(FEED)
    with time_machine.travel(TODAY + dt.timedelta(days=3), tick=False):
        second = client.get(FEED)

    assert first.headers["ETag"] == second.headers["ETag"]


@time_machine.travel(TODAY)
def test_feed_without_news_gives_the_same_bytes_at_another_time(client):
    first = client.get(FEED)
    with time_machine.travel(TODAY + dt.timedelta(days=3), tick=False):
        second = client.get(FEED)

    assert first.headers["ETag"] == second.headers["ETag"]


def test_feed_keeps_signs_of_a_teaser_as_they_are_written(client):
    """The summary is HTML to a reader program: a bare sign would be taken for a tag."""
    ArticleFactory(teaser_de="Klein < groß & <b>nicht fett</b>")

    (entry,) = entries(client.get(FEED))

    summary = entry.find(f"{ATOM}summary")
    text = summary.text
    if summary.get("type") == "html":
        text = Document(summary.text).root.text
    assert text == "Klein < groß & <b>nicht fett</b>"


def test_feed_survives_a_control_character(client):
    """XML has no sign for it; one pasted text must not take the whole feed away."""
    ArticleFactory(title_de="Vor\x0bher", teaser_de="Ein\x00fach".replace("\x00", "\x08"))

    (entry,) = entries(client.get(FEED))

    assert entry.findtext(f"{ATOM}title") == "Vorher"


@pytest.mark.parametrize("rows", [1, 3])
def test_feed_asks_the_database_once(client, rows, django_assert_num_queries):
    ArticleFactory.create_batch(rows)

    with django_assert_num_queries(1):
        client.get(FEED)


# --- standing pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PageKey.values)
@pytest.mark.parametrize("language", ["de", "en"])
def test_standing_page_shows_its_text_in_both_languages(client, key, language):
    PageFactory(
        key=key,
        title_de="Titel",
        title_en="Title",
        body_de="Der *Text*.",
        body_en="The *text*.",
        reviewed_on=dt.date(2026, 1, 5),
    )

    page = read(client.get(f"/{language}/{key}/"))

    assert page.language == language
    assert page.heading == {"de": "Titel", "en": "Title"}[language]
    assert page.main.one("em").text == {"de": "Text", "en": "text"}[language]
    assert page.main.one("p", class_="muted").text.endswith(
        {"de": "5. Januar 2026", "en": "5 January 2026"}[language]
    )


def test_standing_page_fills_in_the_operator(client, settings):
    settings.OPERATOR = settings.OPERATOR | {
        "operator_name": "Stadt <Krefeld>",
        "operator_email": "post@krefeld.example",
    }
    PageFactory(body_de="{operator_name}, {operator_email}, {operator_phone}, {unknown}")

    page = read(client.get("/de/imprint/"))

    assert page.main.one("div", class_="prose").text == (
        "Stadt <Krefeld>, post@krefeld.example, (für diese Installation nicht angegeben), {unknown}"
    )


def test_standing_page_marks_what_is_not_in_the_reader_s_language(client):
    PageFactory(title_de="Nur deutsch", title_en="", body_de="Auf Deutsch", body_en="")

    page = read(client.get("/en/imprint/"))

    assert page.language == "en"
    for words in ("Auf Deutsch", "Nur deutsch"):
        assert page.body.languages_of(words) == {"de"}


@pytest.mark.parametrize("key", PageKey.values)
def test_standing_page_that_is_not_written_yet_is_a_styled_404(client, key):
    response = client.get(f"/de/{key}/")

    assert response.status_code == 404
    assert read(response).heading == "Diese Seite gibt es nicht"


def test_standing_page_asks_the_database_once(client, django_assert_num_queries):
    PageFactory()

    with django_assert_num_queries(1):
        client.get("/de/imprint/")
