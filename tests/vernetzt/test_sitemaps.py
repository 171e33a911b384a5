"""The sitemap."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from xml.etree import ElementTree as ET

import pytest
import time_machine

from editorial.enums import PageKey
from tests.factories import (
    ArticleFactory,
    CallFactory,
    MeetingFactory,
    MunicipalityFactory,
    PageFactory,
    TandemFactory,
)
from tests.reading import read
from tests.world import STANDING_PAGES, make_world

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def locations(response):
    assert response.status_code == 200
    return [element.text for element in ET.fromstring(response.content).iter(f"{SITEMAP}loc")]


def test_sitemap_lists_the_canonical_address_of_every_page_and_nothing_else(client):
    world = make_world()

    listed = locations(client.get("/sitemap.xml"))

    canonical = [
        read(client.get(path)).root.one("link", rel="canonical")["href"]
        for language in ("de", "en")
        for path in world.pages(language)
    ]
    assert sorted(listed) == sorted(canonical)


@time_machine.travel(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), tick=False)
def test_sitemap_names_nothing_that_is_hidden(client):
    make_world()

    response = client.get("/sitemap.xml")

    assert "geheim" not in response.content.decode().lower()


def test_sitemap_names_each_page_s_other_language(client):
    call = CallFactory(slug="a-call")

    root = ET.fromstring(client.get("/sitemap.xml").content)

    addresses = {
        url.findtext(f"{SITEMAP}loc"): {
            link.get("hreflang"): link.get("href") for link in url.findall(f"{XHTML}link")
        }
        for url in root.findall(f"{SITEMAP}url")
    }
    both = {code: f"http://localhost:8000/{code}/calls/{call.slug}/" for code in ("de", "en")}
    for address in both.values():
        assert addresses[address] == both


def test_sitemap_takes_its_host_from_the_settings(client, settings):
    settings.PUBLIC_URL = "https://portal.example"

    listed = locations(client.get("/sitemap.xml", headers={"x-forwarded-host": "evil.example"}))

    assert {address.split("/")[2] for address in listed} == {"portal.example"}


def test_sitemap_of_an_empty_portal_has_the_lists_and_the_pages_that_are_there(client):
    PageFactory(key=PageKey.IMPRINT)

    response = client.get("/sitemap.xml")

    assert response.headers["Content-Type"] == "application/xml"
    listed = locations(response)
    assert len(listed) == 2 * (len(STANDING_PAGES) - len(PageKey) + 1)
    assert "http://localhost:8000/de/imprint/" in listed
    assert "http://localhost:8000/de/privacy/" not in listed


def test_sitemap_that_is_too_long_is_a_list_of_parts(client, monkeypatch):
    CallFactory.create_batch(7)
    TandemFactory.create_batch(5)
    MunicipalityFactory()
    whole = locations(client.get("/sitemap.xml"))
    monkeypatch.setattr("vernetzt.sitemaps.RECORDS_PER_PART", 8)

    index = client.get("/sitemap.xml")

    assert ET.fromstring(index.content).tag == f"{SITEMAP}sitemapindex"
    parts = [address.removeprefix("http://localhost:8000") for address in locations(index)]
    assert parts == ["/sitemap-1.xml", "/sitemap-2.xml"]
    listed = [locations(client.get(part)) for part in parts]
    assert [len(addresses) for addresses in listed] == [
        2 * (len(STANDING_PAGES) - len(PageKey) + 8),
        2 * 5,
    ]
    assert sorted(chain(*listed)) == sorted(whole)


@pytest.mark.parametrize("number", ["0", "2", "999999", "9" * 5000])
def test_sitemap_part_that_does_not_exist_is_a_404(client, number):
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_sitemap_asks_the_database_seven_times(client, rows, django_assert_num_queries):
    factories = (TandemFactory, MunicipalityFactory, MeetingFactory, CallFactory, ArticleFactory)
    for factory in factories:
        factory.create_batch(rows)

    with django_assert_num_queries(7):
        client.get("/sitemap.xml")
