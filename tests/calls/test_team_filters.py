"""Filters, orders and search of the team's list: each does what it says, nothing else is asked."""

from __future__ import annotations

import pytest
from django.utils import translation

from calls.admin.application_list import ORDERS, SIZES, size_of
from calls.models import Application
from tests.applications import make_open_call
from tests.calls.desk import LIST, desk, four_rows, listed, names, row
from tests.factories import MunicipalityFactory
from tests.reading import read

pytestmark = pytest.mark.django_db

FILTERED = {
    "state=withdrawn": ["Cassel"],
    "state=draft": ["Åsby", "Baden", "Zug"],
    "pool=german": ["Baden", "Cassel"],
    "pool=european": ["Åsby", "Zug"],
    "country=CH": ["Zug"],
    "size=small": ["Baden"],
    "size=medium": ["Zug", "Åsby"],
    "size=large": ["Cassel"],
    "completeness=complete": ["Cassel"],
    "completeness=incomplete": ["Åsby", "Baden", "Zug"],
    "gives=heat": ["Baden"],
    "seeks=heat": ["Zug"],
    "gives=heat&seeks=heat": [],
    "country=CH&size=medium&state=draft": ["Zug"],
}


@pytest.mark.parametrize("query", FILTERED)
def test_filter_leaves_those_that_match(query):
    four_rows()

    assert sorted(listed(f"?{query}")) == sorted(FILTERED[query])


def test_filter_that_matches_nothing_says_so_and_leads_back():
    call = four_rows()

    page = read(desk().get(f"{LIST}?gives=heat&seeks=heat"))

    assert "No application matches." in page.main.text
    assert f"?call={call.slug}" in page.main.hrefs()


ORDERED = {
    "name": ["Baden", "Cassel", "Zug"],
    "-name": ["Zug", "Cassel", "Baden"],
    "country": ["Cassel", "Baden", "Åsby", "Zug"],  # Germany, Sweden, Switzerland
    "state": ["Zug", "Åsby", "Baden", "Cassel"],
    "completeness": ["Zug", "Baden", "Åsby", "Cassel"],
    "-population": ["Cassel", "Zug", "Åsby", "Baden"],
    "changed": ["Baden", "Cassel", "Åsby", "Zug"],
    "": ["Zug", "Åsby", "Cassel", "Baden"],
}


@pytest.mark.parametrize("order", ORDERED)
def test_order_is_the_one_that_the_address_names(order):
    four_rows()

    # Where Å stands is a matter of the database's collation.
    wanted = ORDERED[order]
    assert [name for name in listed(f"?sort={order}") if name in wanted] == wanted


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_not_known_comes_last_in_both_directions(order):
    four_rows()
    row(Application.objects.first().call, "Ohne Zahl")

    if order in {"reference", "population"}:
        assert listed("?sort=population")[-1] == listed("?sort=-population")[-1] == "Ohne Zahl"
    page = read(desk().get(f"{LIST}?sort=-{order}&country=DE"))
    link = page.main.one("a", **{"aria-current": "true"})
    with translation.override("en"):
        assert link.text == f"{ORDERS[order]} (descending)"
    assert f"sort={order}" in link["href"]
    assert "country=DE" in link["href"]


@pytest.mark.parametrize(
    "query",
    [
        "state=accepted",
        "pool=asian",
        "country=XX",
        "size=huge",
        "gives=x",
        "sort=contact_email",
        "sort=--name",
        "sort=place_key",
        "call=nowhere",
        "state=draft%00",
        "country=%F0%28",
    ],
)
def test_value_that_the_list_does_not_know_is_ignored_and_said(query):
    four_rows()

    page = read(desk().get(f"{LIST}?{query}"))

    assert len(names(page)) == 4
    assert "It was ignored." in page.main.text


@pytest.mark.parametrize(
    "query",
    ["contact_email=a", "contact_email__contains=a", "challenge__icontains=H", "o=1", "e=1"],
)
def test_hidden_columns_cannot_be_asked(query):
    four_rows()

    assert listed(f"?{query}") == listed()


@pytest.mark.parametrize("page", ["0", "2", "x", "-1", "99999999", "１"])
def test_page_that_does_not_exist_is_not_found(page):
    four_rows()

    assert desk().get(f"{LIST}?page={page}").status_code == 404


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("aSBY", ["Åsby"]),
        ("ÅSBY", ["Åsby"]),
        ("  zug ", ["Zug"]),
        ("sofia", ["София"]),
        ("соф", ["София"]),
        ("de", ["Baden"]),  # the name, and never the country before it in the key
        ("ister", []),
        ("%", []),
        ("_", []),
        ("zug baden", []),
        ("\x00zug", ["Zug"]),
        ("x" * 500, []),
    ],
)
def test_search_finds_names_without_marks_and_case(question, found):
    call = four_rows()
    Application.objects.filter(place_name="Åsby").update(place_key="SE:asby")
    sofia = MunicipalityFactory(
        name_de="Sofia", name_en="Sofia", local_name="София", languages=["bg"]
    )
    key = f"register:{sofia.pk}"
    row(call, "София", municipality=sofia, place_key=key, place_country="BG")

    page = read(desk().get(LIST, {"q": question}))

    assert names(page) == found
    if found == ["София"]:
        assert page.main.one("bdi").language == "bg"


@pytest.mark.parametrize("population", [0, 19_999, 20_000, 100_000, 100_001, 5_000_000])
def test_size_class_is_the_same_in_the_list_and_in_its_filter(population):
    call = make_open_call()
    row(call, place_population=population)

    found = [size for size, condition in SIZES.items() if Application.objects.filter(condition)]

    assert found == [size_of(population)]
