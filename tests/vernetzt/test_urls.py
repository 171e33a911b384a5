"""What holds for every address: language, other languages, links, bad input, wrong methods."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.factories import (
    ArticleFactory,
    MeetingFactory,
    MunicipalityFactory,
    TopicFactory,
    make_pair,
)
from tests.reading import Document, read
from tests.world import LISTS, SECRET, World, make_world

LANGUAGES = ("de", "en")
NOT_FOUND = {"de": "Diese Seite gibt es nicht", "en": "This page does not exist"}
READ_ONLY = {"de": "Diese Seite lässt sich nur lesen", "en": "This page can only be read"}
PAGED = {
    "tandems:index": 12,
    "municipalities:index": 24,
    "meetings:index": 20,
    "editorial:index": 12,
}


@dataclass
class Visit:
    """Every public answer over one of everything."""

    world: World
    #: path → (language, parsed page, response)
    pages: dict[str, tuple]
    #: path → response
    files: dict[str, object]
    #: path → status of every other address to which a page links
    linked: dict[str, int]

    def each(self, question):
        """Return the answers to a question about each page, without the empty ones."""
        answers = {path: question(page) for path, (_code, page, _response) in self.pages.items()}
        return {path: answer for path, answer in answers.items() if answer}


@pytest.fixture(scope="module")
def visit(django_db_setup, django_db_blocker):
    """Go through all pages once; the tests below only look at what came back."""
    with django_db_blocker.unblock(), transaction.atomic():
        world, client = make_world(), Client(raise_request_exception=False)
        pages, files = {}, {}
        for language in LANGUAGES:
            for path in world.pages(language):
                response = client.get(path)
                pages[path] = (language, read(response), response)
            files.update({path: client.get(path) for path in world.files(language)})
        linked = {}
        for path, (_language, page, _response) in pages.items():
            for href in page.root.hrefs():
                target = (path if href[:1] in "?#" else "") + href.partition("#")[0]
                if target.startswith("/") and target not in pages:
                    linked[target] = linked.get(target) or client.get(target).status_code
        transaction.set_rollback(True)
    return Visit(world, pages, files, linked)


# --- every page -----------------------------------------------------------------------------------


def test_every_answer_is_there(visit):
    statuses = {path: response.status_code for path, (_c, _p, response) in visit.pages.items()}
    statuses |= {path: response.status_code for path, response in visit.files.items()}

    assert {path: status for path, status in statuses.items() if status != 200} == {}


def test_every_page_speaks_the_language_of_its_address(visit):
    spoken = {
        path: (page.language, response.headers["Content-Language"], page.meta("og:locale")[:2])
        for path, (_language, page, response) in visit.pages.items()
    }

    assert spoken == {
        path: (language,) * 3 for path, (language, _page, _response) in visit.pages.items()
    }


def test_every_page_nests_its_tags_rightly(visit):
    assert visit.each(lambda page: page.faults) == {}


def test_every_page_has_one_heading_and_a_title_of_its_own(visit):
    titles = Counter(page.title for _language, page, _response in visit.pages.values())

    assert visit.each(lambda page: len(page.root.all("h1")) - 1) == {}
    assert {title: number for title, number in titles.items() if number > 1} == {}


def test_every_page_uses_each_id_once_and_refers_to_what_is_there(visit):
    def faults(page):
        ids = Counter(e.attributes["id"] for e in page.root.walk() if "id" in e.attributes)
        asked = {
            name
            for element in page.root.walk()
            for key in ("aria-labelledby", "aria-describedby", "for")
            for name in element.attributes.get(key, "").split()
        }
        twice = [name for name, number in ids.items() if number > 1]
        return twice + sorted(asked - set(ids))

    assert visit.each(faults) == {}


def test_every_link_within_the_portal_leads_somewhere(visit):
    others = {path: status for path, status in visit.linked.items() if status != 200}

    # The own area of people leads visitors to the login.
    assert others == {"/de/dashboard/": 302, "/en/dashboard/": 302}


def test_every_anchor_is_on_its_page(visit):
    def missing(page):
        ids = {element.attributes.get("id") for element in page.root.walk()}
        return [href for href in page.root.hrefs() if href[0] == "#" and href[1:] not in ids]

    assert visit.each(missing) == {}


def test_every_own_file_that_a_page_asks_for_exists(visit):
    def missing(page):
        asked = [
            e.attributes.get("href", "") for tag in ("link", "use") for e in page.root.all(tag)
        ]
        asked.append(urlsplit(page.meta("og:image")).path)
        paths = [urlsplit(address).path for address in asked if "/static/" in address]
        return [path for path in paths if not finders.find(path.removeprefix("/static/"))]

    assert visit.each(missing) == {}


def test_no_page_asks_a_foreign_host_for_anything(visit):
    def foreign(page):
        asked = [
            element.attributes.get(name, "")
            for tag in (
                "audio",
                "embed",
                "iframe",
                "img",
                "object",
                "script",
                "source",
                "use",
                "video",
            )
            for element in page.root.all(tag)
            for name in ("src", "href", "data", "srcset")
        ]
        asked += [
            link["href"]
            for link in page.root.all("link")
            if link["rel"] not in {"canonical", "alternate"}
        ]
        return [address for address in asked if address and not address.startswith("/static/")]

    assert visit.each(foreign) == {}


def test_no_page_holds_inline_style_script_or_handlers(visit):
    def inline(page):
        return [
            element
            for element in page.root.walk()
            if element.tag == "style"
            or "style" in element.attributes
            or any(name.startswith("on") for name in element.attributes)
            or element.attributes.get("href", "").lower().startswith("javascript:")
            or (element.tag == "script" and element.attributes != {"type": "application/ld+json"})
        ]

    assert visit.each(inline) == {}


def test_no_answer_sets_a_cookie_or_holds_a_form_token(visit):
    responses = [response for _language, _page, response in visit.pages.values()]

    for response in [*responses, *visit.files.values()]:
        assert "Set-Cookie" not in response.headers
        assert not response.cookies
        assert b"csrf" not in response.content.lower()


def test_every_form_only_asks(visit):
    def sending(page):
        return [form for form in page.root.all("form") if form["method"].lower() != "get"]

    assert visit.each(sending) == {}


def test_no_answer_tells_what_is_hidden(visit):
    """Names, addresses and links of hidden records, in pages, files and link targets."""
    contents = {path: response.content.decode() for path, (_c, _p, response) in visit.pages.items()}
    contents |= {path: response.content.decode() for path, response in visit.files.items()}

    assert [path for path, text in contents.items() if SECRET.lower() in text.lower()] == []


def test_no_page_shows_what_only_programmers_read(visit):
    assert visit.each(lambda p: [w for w in ("None", "True", "{{", "{%") if w in p.body.text]) == {}


# --- addresses in both languages ------------------------------------------------------------------


def test_every_page_names_its_addresses(visit, settings):
    for path, (language, page, _response) in visit.pages.items():
        rest = path.removeprefix(f"/{language}")
        site = settings.PUBLIC_URL
        head = page.root.one("head")
        assert head.one("link", rel="canonical")["href"] == f"{site}{path}"
        assert {
            link["hreflang"]: link["href"]
            for link in head.all("link", rel="alternate")
            if "hreflang" in link.attributes
        } == {"de": f"{site}/de{rest}", "en": f"{site}/en{rest}", "x-default": f"{site}/"}
        assert page.meta("og:url") == f"{site}{path}"


def test_every_page_introduces_itself_to_others(visit):
    for language, page, _response in visit.pages.values():
        network = {"de": "#vernetztinEuropa", "en": "#connectedinEurope"}[language]
        assert page.meta("og:site_name") == network
        assert page.title.endswith(network)
        assert page.meta("og:title") in page.title
        assert page.meta("og:description") == page.meta("description") != ""
        assert page.meta("og:image") == f"http://localhost:8000/static/img/og-{language}.png"


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_canonical_keeps_the_page_of_a_list_and_drops_every_other_query(client, language):
    ArticleFactory.create_batch(13)

    page = read(client.get(f"/{language}/news/?utm_source=x&page=2&y=z"))

    assert page.root.one("link", rel="canonical")["href"] == (
        f"http://localhost:8000/{language}/news/?page=2"
    )
    assert page.root.one("link", hreflang="en")["href"] == "http://localhost:8000/en/news/?page=2"
    assert page.root.one("link", hreflang="x-default")["href"] == "http://localhost:8000/"


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["page=1", "page=", "page=%D9%A3", "q=a"])
def test_canonical_of_the_first_page_has_no_query(client, query):
    page = read(client.get(f"/de/calls/?{query}"))

    assert page.root.one("link", rel="canonical")["href"] == "http://localhost:8000/de/calls/"


@pytest.mark.django_db
def test_canonical_of_a_page_without_pages_has_no_page_number(client):
    """Else every number would make a page of its own for search engines."""
    meeting = MeetingFactory()

    page = read(client.get(f"{meeting.get_absolute_url()}?page=7"))

    assert page.root.one("link", rel="canonical")["href"] == (
        f"http://localhost:8000{meeting.get_absolute_url()}"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("?topic=open-data&country=DE", "?topic=open-data&country=DE"),
        ("?page=1&q=%22%3E%3Cscript%3E", "?page=1&q=%22%3E%3Cscript%3E"),
        (f"?q={'x' * 10_000}", ""),
    ],
)
def test_language_switch_keeps_path_and_query(client, query, kept):
    TopicFactory(key="open-data")

    page = read(client.get(f"/de/municipalities/{query}"))

    switch = page.root.one("nav", class_="languages")
    assert [(a["href"], a["lang"], a.text) for a in switch.all("a", rel="alternate")] == [
        (f"/en/municipalities/{kept}", "en", "English")
    ]
    assert switch.one(**{"aria-current": "true"}).text == "Deutsch"


@pytest.mark.django_db
def test_language_switch_repeats_no_query_that_it_cannot_spell(client):
    """Unescaped bytes have no known encoding; repeated, they would be other signs."""
    page = read(client.get("/de/municipalities/", QUERY_STRING="q=M\xfcnchen"))

    switch = page.root.one("nav", class_="languages").one("a", rel="alternate")
    assert switch["href"] == "/en/municipalities/"


@pytest.mark.django_db
def test_language_switch_cannot_be_led_away(client):
    """A path of two slashes would be an address of another host."""
    page = read(client.get("/de//evil.example/"))

    hrefs = page.root.one("nav", class_="languages").hrefs()
    assert [href for href in hrefs if href.startswith("//") or "://" in href] == []


# --- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.5", "en"),
        ("de-AT", "de"),
        ("fr", "en"),
        ("fr;q=0.9, de;q=0.5", "de"),
        ("fr, *;q=0.1", "de"),
        ("de;q=0.1, en;q=0.9", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("*", "de"),
        ("", "de"),
        (";;q=,,\x00\xff", "de"),
        ("en;q=abc", "de"),
        ("de," + "x" * 10_000, "de"),
    ],
)
def test_door_leads_to_the_language_of_the_browser(client, header, language):
    """Who asks for other languages alone gets English, who asks for none German."""
    response = client.get("/", headers={"accept-language": header})

    assert response.status_code == 302
    assert response.headers["Location"] == f"/{language}/"
    assert "Set-Cookie" not in response.headers
    assert "Accept-Language" in response.headers["Vary"].split(", ")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_door_takes_no_word_from_a_cookie(client):
    """Nothing is remembered: an address shows the same to everybody."""
    client.cookies["django_language"] = "en"

    response = client.get("/", headers={"accept-language": "de"})

    assert response.headers["Location"] == "/de/"


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_speaks_the_language_of_its_path_whatever_the_browser_asks(client, language):
    other = {"de": "en", "en": "de"}[language]
    client.cookies["django_language"] = other

    response = client.get(f"/{language}/", headers={"accept-language": other})

    assert read(response).language == language
    assert "Accept-Language" not in response.headers["Vary"]


# --- addresses that lead nowhere ------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        "nowhere/",
        "tandems/unknown/",
        "municipalities/unknown/",
        "calls/unknown/",
        "news/unknown/",
        "meetings/1/unknown/",
        "tandems/%00/",
        "tandems/a%00b/",
        "%ff/",
        "news/%c3%28/",
        "tandems/%E2%80%AE/",
        "tandems/%0d%0aSet-Cookie:x=1/",
        "/",
        "tandems/../../etc/passwd",
        "x" * 8_000,
        "tandems/" + "x" * 8_000 + "/",
        "meetings/" + "9" * 5_000 + "/x/",
    ],
    ids=lambda path: path[:24],
)
def test_wrong_address_is_a_styled_404_in_its_language(client, language, path):
    response = client.get(f"/{language}/{path}")

    page = read(response)
    assert response.status_code == 404
    assert page.heading == NOT_FOUND[language]
    assert page.language == response.headers["Content-Language"] == language
    assert page.root.all("link", rel="canonical") == []
    assert page.faults == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/nowhere/", "/fr/tandems/", "/DE/tandems/", "/%00", "/%ff", "/dex/", "/.git/config"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_address_without_language_speaks_the_one_of_the_browser(client, path, language):
    """The words, the ``lang`` that a screen reader follows, and the header must agree."""
    response = client.get(path, headers={"accept-language": language})

    page = read(response)
    assert response.status_code == 404
    assert page.heading == NOT_FOUND[language]
    assert (page.language, response.headers["Content-Language"]) == (language, language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/de", "/de/"),
        ("/en?x=1", "/en/?x=1"),
        ("/de/tandems", "/de/tandems/"),
        ("/en/news/a-story", "/en/news/a-story/"),
        ("/healthz", "/healthz/"),
    ],
)
def test_forgotten_slash_is_added(client, path, target):
    response = client.get(path)

    assert (response.status_code, response.headers.get("Location")) == (301, target)


@pytest.mark.django_db
def test_two_slashes_lead_to_no_other_host(client):
    response = client.get("/", PATH_INFO="//evil.example/de/tandems")

    assert response.status_code == 404
    assert "Location" not in response.headers


# --- bad queries ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "2",
        "abc",
        "999999",
        "1e9",
        "1.0",
        "%D9%A3",
        "%D9%A1",
        "",
        "%00",
        "%ff",
        "9" * 5000,
    ],
)
def test_page_that_a_list_does_not_have_is_a_styled_404(client, name, number):
    response = client.get(f"{reverse(name)}?page={number}")

    assert response.status_code == 404
    assert read(response).heading == NOT_FOUND["de"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_first_page_of_an_empty_list_is_there(client, name):
    assert client.get(f"{reverse(name)}?page=1").status_code == 200


UNKNOWN = {
    "tandems:index": ("topic", "country", "status"),
    "municipalities:index": ("topic", "country"),
    "meetings:index": ("year", "kind", "format", "status"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "parameter"), [(name, one) for name, many in UNKNOWN.items() for one in many]
)
@pytest.mark.parametrize(
    "value", ["nothing", "%00", "%ff", "%D9%A3", "'%20OR%201=1--", "x" * 10_000, "planned"]
)
def test_unknown_filter_gives_the_whole_list_with_a_note(client, name, parameter, value):
    MeetingFactory(tandem=make_pair())

    response = client.get(f"{reverse(name)}?{parameter}={value}")

    assert response.status_code == 200
    page = read(response)
    plain = read(client.get(reverse(name)))
    assert len(page.main.all("p", class_="note--warn")) == 1
    assert [h.text for h in page.main.all("h2")] == [h.text for h in plain.main.all("h2")]
    assert page.main.all("option", selected="") == []


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "%20", "%09"])
def test_empty_filter_is_no_filter_and_no_fault(client, value):
    page = read(client.get(f"/de/tandems/?topic={value}&country={value}&status={value}"))

    assert page.main.all("p", class_="note--warn") == []


@pytest.mark.django_db
def test_filter_named_twice_counts_once(client):
    for key in ("a", "b"):
        TopicFactory(key=key, name_de=f"Thema {key}")

    page = read(client.get("/de/tandems/?topic=a&topic=b&topic[]=c"))

    assert page.root.texts("option", selected="") == ["Thema b"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*LISTS, "start", "programme", "editorial:index"])
@pytest.mark.parametrize(
    "query",
    [
        "x" * 10_240,
        f"q={'%00' * 3_000}",
        f"q={'%F0%9F%98%80' * 800}",
        "&".join(f"a{number}=1" for number in range(900)),
        "%00=%00&%ff=%ff&=&&&;;",
        "q[]=1&q[a]=2&__proto__=3",
        "q=%ED%A0%80",
        "q=\r\nSet-Cookie: a=b",
    ],
    ids=["10 kB", "NUL bytes", "signs", "900 fields", "no sense", "arrays", "surrogate", "lines"],
)
def test_page_stands_any_query(client, name, query):
    response = client.get(reverse(name), QUERY_STRING=query)

    assert response.status_code == 200
    assert read(response).faults == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["tandems/", "", "nowhere/"])
def test_more_fields_than_anybody_needs_are_a_styled_answer(client, language, path):
    """Django refuses to read more than a thousand; the refusal must not fail itself."""
    client.raise_request_exception = False

    response = client.get(f"/{language}/{path}?{'a&' * 1_001}")

    assert response.status_code in {200, 400, 404}
    assert read(response).language == language


@pytest.mark.django_db
def test_question_with_signs_of_a_search_pattern_finds_nothing_more(client):
    MunicipalityFactory(name_de="Krefeld")

    for question in ("%25", "_", "%2A", "%5C"):
        page = read(client.get(f"/de/municipalities/?q={question}"))
        assert page.main.all("ul", class_="places") == [], question


# --- wrong methods --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_every_public_address_can_only_be_read(visit, django_db_blocker, method):
    """A browser's form has no token here: the answer must not be that one is missing."""
    client = Client(enforce_csrf_checks=True)
    refused = {}
    with django_db_blocker.unblock():
        for path in [*visit.pages, *visit.files]:
            response = client.generic(method, path)
            heading = read(response).heading
            refused[path] = (response.status_code, response.headers.get("Allow"), heading)

    assert refused == {
        path: (405, "GET, HEAD", READ_ONLY["en" if path.startswith("/en/") else "de"])
        for path in refused
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/healthz/", "/readyz/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_door_and_the_probes_can_only_be_read(path, method):
    response = Client(enforce_csrf_checks=True).generic(method, path)

    assert (response.status_code, response.headers.get("Allow")) == (405, "GET, HEAD")


def test_documents_are_parsed_strictly_enough_to_find_a_fault():
    """The checks above see nothing unless the parser does."""
    page = Document('<p class="a" class="b"><b>x</p></b><div>')

    assert page.faults == [
        "<p> has an attribute twice",
        "</p> closes <b>",
        "<div> stays open",
    ]
