"""Cities are made of what was sent, and cards say in both languages what matching found."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from calls.cards import (
    DescribedCity,
    card_of,
    cities_of,
    city_of,
    problem_words,
    why_not_words,
    words_of,
)
from calls.cards.sentences import isolated
from calls.cards.why import PROBLEMS, WHY_NOT
from calls.matching import (
    DifferenceKind,
    Fit,
    Pair,
    ReasonKind,
    RulesError,
    RulesProblem,
    Weights,
    WhyNot,
    WhyNotKind,
    are_twinned,
)
from calls.models import Application
from tests.calls.desk import row
from tests.calls.pairing_cases import city, send_anew
from tests.factories import CallFactory, MunicipalityFactory
from tests.selection import make_call_in_review

NAMES = {
    key: {"de": f"{key.title()} (deutsch)", "en": key.title()} for key in ("data", "heat", "bus")
}
WEIGHTS = Weights()


def place(key, name, country, **fields):
    return DescribedCity(key=key, name=name, country=country, topic_names=NAMES, **fields)


def german(**fields):
    return place(1, "Arnsberg", "DE", **fields)


def european(**fields):
    return place(2, "Alba Iulia", "RO", **fields)


def sentences(one, other, language="en"):
    with translation.override(language):
        words = words_of(card_of(one, other, WEIGHTS))
        return [row.text for row in (*words.reasons, *words.differences)]


# Cities


@pytest.mark.django_db
def test_city_is_what_was_sent_last_and_not_what_stands_in_the_form_now():
    call = make_call_in_review(1, 1)
    application = city(call, "City 1")
    send_anew(
        application,
        place_population=74_000,
        working_languages=["en", "ro"],
        hours_a_month=20,
        topics={("data", "gives"): 3, ("heat", "seeks"): 2, ("bus", "seeks"): None},
    )
    Application.objects.filter(pk=application.pk).update(place_population=1, hours_a_month=1)

    found = city_of(city(call, "City 1"))

    assert (found.key, found.name, found.country) == (application.pk, "City 1", "FR")
    assert (found.population, found.hours) == (74_000, 20)
    assert found.languages == {"en", "ro"}
    assert (found.gives, found.seeks) == ({"data": 3}, {"heat": 2})
    assert found.topic_names["data"] == {"de": "data (de)", "en": "data"}


@pytest.mark.django_db
def test_what_a_city_left_out_is_unknown():
    call = make_call_in_review(1, 1)
    send_anew(city(call, "City 1"), place_population=None, working_languages=[], hours_a_month=None)

    found = city_of(city(call, "City 1"))

    assert (found.population, found.hours, found.languages) == (None, None, frozenset())


@pytest.mark.django_db
def test_application_that_was_never_sent_is_no_city():
    with pytest.raises(ValueError, match="Never sent"):
        city_of(row(CallFactory(), "Baden"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "is_hint"),
    [
        ("Seit 1990 mit City 1 (Frankreich).", True),
        ("partnership with CITY-1", True),
        ("Mit City 12 und Incity 1 verbindet uns nichts.", False),
        ("", False),
    ],
)
def test_twinning_is_a_hint_from_the_name_of_the_other_as_whole_words(text, is_hint):
    call = make_call_in_review(1, 2)
    send_anew(city(call, "Stadt 1"), twinnings=text)

    found = {one.name: one for one in cities_of(call.applications.all())}

    assert are_twinned(found["City 1"], found["Stadt 1"]) is is_hint
    assert not are_twinned(found["City 2"], found["Stadt 1"])


@pytest.mark.django_db
def test_twinning_is_found_by_every_name_that_the_register_knows():
    call = make_call_in_review(1, 1)
    home = MunicipalityFactory(name_de="München", name_en="Munich")
    Application.objects.filter(place_name="Stadt 1").update(municipality=home)
    send_anew(city(call, "City 1"), twinnings="Twinned with Munich.")

    one, other = cities_of(call.applications.order_by("pk"))

    assert are_twinned(one, other)


@pytest.mark.django_db
def test_cities_take_the_same_queries_for_two_and_for_six(django_assert_num_queries):
    few, many = make_call_in_review(1, 1), make_call_in_review(3, 3)

    for call in (few, many):
        rows = list(call.applications.all())
        with django_assert_num_queries(1):
            cities_of(rows)


# Cards


def test_card_is_plain_data_that_stays_the_same_through_json():
    card = card_of(german(seeks={"data": 3}), european(gives={"data": 3}), WEIGHTS)

    assert json.loads(json.dumps(card)) == card
    assert card["topics"] == {"data": NAMES["data"]}
    assert sum(card["weights"].values()) == 100


def test_offer_names_who_seeks_how_much_and_how_far_the_other_is():
    one, other = german(seeks={"data": 3}), european(gives={"data": 3})

    assert "Arnsberg seeks “Data” (urgent), Alba Iulia already teaches it to others." in sentences(
        one, other
    )
    assert any("Data (deutsch)" in text for text in sentences(one, other, "de"))


def test_both_directions_name_giver_and_seeker_rightly():
    found = sentences(
        german(seeks={"data": 1}, gives={"heat": 1}), european(gives={"data": 2}, seeks={"heat": 2})
    )

    assert "Arnsberg seeks “Data” (curious), Alba Iulia has it in operation." in found
    assert "Alba Iulia seeks “Heat” (planned), Arnsberg has made first steps." in found


def test_need_that_is_not_met_is_named_with_whose_it_is():
    found = sentences(german(seeks={"data": 2}), european(seeks={"heat": 3}))

    assert "Arnsberg seeks “Data” (planned), Alba Iulia gives nothing on it." in found
    assert "Alba Iulia seeks “Heat” (urgent), Arnsberg gives nothing on it." in found


def test_figures_and_languages_are_written_as_the_reader_writes_them():
    one = german(population=31_500, hours=14, languages=frozenset({"de", "en"}))
    other = european(population=29_000, hours=12, languages=frozenset({"en", "ro"}))

    assert "Similar numbers of inhabitants: Arnsberg 31,500, Alba Iulia 29,000." in sentences(
        one, other
    )
    assert any("31.500" in text for text in sentences(one, other, "de"))
    assert "Common working language: English." in sentences(one, other)
    assert "Only Alba Iulia works in Romanian." in sentences(one, other)


CITIES = [
    (german(), european()),
    (german(gives={"data": 1}), european(gives={"data": 2, "bus": 1})),
    (
        german(population=4_000, hours=5, languages=frozenset({"de"})),
        european(population=400_000, hours=50, languages=frozenset({"ro"})),
    ),
    (
        german(seeks={"data": 1, "bus": 2}, population=9_000, hours=10),
        european(seeks={"data": 1}, gives={"bus": 1}, population=9_000, hours=10),
    ),
    (german(twinned_with=frozenset({2})), place(2, "Alba Iulia", "DE")),
    (
        german(gives={"heat": 3}, languages=frozenset({"en", "de"})),
        european(seeks={"heat": 3}, languages=frozenset({"en", "de", "ro"})),
    ),
]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("pair", CITIES)
def test_every_card_has_three_reasons_and_a_difference_as_whole_sentences(pair, language):
    with translation.override(language):
        words = words_of(card_of(*pair, WEIGHTS))

    assert len(words.reasons) >= 3
    assert len(words.differences) >= 1
    for statement in (*words.reasons, *words.differences):
        assert statement.text.endswith(".")
        assert "%" not in statement.text
        assert "  " not in statement.text
        assert "()" not in statement.text
        assert "“”" not in statement.text


def test_every_kind_of_statement_has_words():
    from calls.cards.sentences import DIFFERENCES, REASONS

    assert set(REASONS) == set(ReasonKind) - {ReasonKind.OFFER, ReasonKind.LANGUAGE}
    assert set(DIFFERENCES) == set(DifferenceKind)
    assert set(WHY_NOT) == set(WhyNotKind)
    assert set(PROBLEMS) == set(RulesProblem)


def test_parts_of_the_fit_add_up_to_it():
    one = german(seeks={"data": 3}, population=30_000, hours=10, languages=frozenset({"en"}))
    other = european(gives={"data": 2}, population=50_000, hours=12, languages=frozenset({"en"}))

    words = words_of(card_of(one, other, WEIGHTS))

    assert sum(part.weight for part in words.parts) == 100
    assert abs(sum(part.points for part in words.parts) - words.total) < 1


def test_name_from_right_to_left_is_set_apart_and_every_other_stays_as_it_is():
    assert isolated("חיפה") == "\u2068חיפה\u2069"
    for name in ("Βάρη-Βούλα", "Железобродец", "Bolesławiec", "<b>Hamm</b>"):
        assert isolated(name) == name


# Why not


def fit(total):
    return Fit(total, *[0] * 8)


@pytest.mark.parametrize("kind", WhyNotKind)
def test_why_not_is_a_sentence_with_the_pairs_in_the_way(kind):
    pair = Pair(german(), european(), fit(5_000))

    with translation.override("en"):
        words = why_not_words(WhyNot(kind, fit(3_000), (pair,), 2_050))

    assert words.endswith(".")
    assert "%" not in words
    if kind == WhyNotKind.FITS_LESS:
        assert words == "Fits 20.5 points less than Arnsberg – Alba Iulia."


@pytest.mark.parametrize("problem", RulesProblem)
def test_contradiction_names_the_cities_that_people_can_see(problem):
    with translation.override("en"):
        words = problem_words(RulesError(problem, [1, 99]), {1: "Arnsberg"})

    assert words.endswith(".")
    assert "%" not in words
    assert "99" not in words
