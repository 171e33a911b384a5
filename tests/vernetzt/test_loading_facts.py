"""Organisations, call and cities of the real facts: roles over time, and nulls that stay empty."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from accounts.models import Organisation, ProgrammeRole
from calls.models import Call, CallFact
from editorial.models import Resource
from meetings.models import Meeting
from municipalities.models import AreaFigure, Municipality, PopulationFigure

pytestmark = pytest.mark.usefixtures("loaded")


def test_coordinator_is_in_charge_since_october_2023(db):
    role = ProgrammeRole.objects.get(kind="coordinator")

    assert (role.organisation.slug, role.since, role.since_precision) == (
        "giz-iscn",
        dt.date(2023, 10, 1),
        "month",
    )
    assert (role.until, role.until_precision) == (dt.date(2024, 12, 31), "month")


def test_project_team_accompanied_the_first_phases(db):
    roles = ProgrammeRole.objects.filter(kind="accompanies").order_by("organisation__position")

    assert list(
        roles.values_list(
            "organisation__slug", "since", "since_precision", "until", "until_precision"
        )
    ) == [
        (name, dt.date(2021, 6, 1), "month", dt.date(2023, 10, 23), "day")
        for name in ("adelphi", "difu", "steinbeis")
    ]


def test_organisation_has_the_part_that_the_file_names(db):
    standing = ProgrammeRole.objects.exclude(kind="accompanies")

    assert dict(standing.values_list("organisation__slug", "kind")) == {
        "bmwsb": "funder",
        "bbsr": "contracting_authority",
        "adelphi": "lead_partner",
        "difu": "project_partner",
        "steinbeis": "project_partner",
        "giz-iscn": "coordinator",
        "smart-city-dialog": "communication_channel",
        "smart-cities-marketplace": "multiplier",
        "bee-smart-city": "multiplier",
    }
    assert dict(standing.exclude(kind="coordinator").values_list("since", "until")) == {None: None}


def test_call_is_archived_with_its_documented_days(db):
    call = Call.objects.get()

    with translation.override("en"):
        assert (str(call.opens), str(call.closes)) == ("December 2021", "25 February 2022")
    assert (call.state, call.kind) == ("archived", "expression_of_interest")
    assert (call.partnerships, call.places_german, call.places_european) == (6, 6, 6)
    assert (call.opens_at, call.closes_at, call.time_zone) == (None, None, "")


def test_call_says_nothing_about_what_is_not_documented(db):
    sections = CallFact.objects.order_by("position").values_list("section", flat=True)

    assert list(dict.fromkeys(sections)) == [
        "eligibility",
        "channel",
        "topics",
        "benefit",
        "matching",
        "twinning",
        "applicants",
    ]


def test_city_without_documented_figures_has_none(db):
    assert not PopulationFigure.objects.filter(municipality__slug="mulhouse").exists()
    assert not AreaFigure.objects.filter(municipality__slug="mulhouse").exists()
    assert Municipality.objects.get(slug="mulhouse").degree_of_urbanisation == 1


def test_figure_without_a_number_is_left_out(db):
    figures = PopulationFigure.objects.filter(municipality__slug="sofia")

    assert list(figures.values_list("value", "precision")) == [
        (1_328_120, "day"),
        (1_291_591, "year"),
    ]


def test_figure_without_a_date_stays_undated(db):
    undated = PopulationFigure.objects.filter(precision="unknown")

    assert set(undated.values_list("earliest", "latest")) == {(None, None)}
    assert 96_672 in undated.values_list("value", flat=True)


def test_null_facts_stay_empty(db, facts):
    unlinked = [resource["id"] for resource in facts["resources"] if not resource["url"]]
    homeless = [body["id"] for body in facts["organisations"] if not body["seat"]]
    placeless = [meeting["id"] for meeting in facts["meetings"] if not meeting["place"]]

    assert list(Resource.objects.filter(url="").values_list("reference", flat=True)) == unlinked
    assert list(Organisation.objects.filter(seat="").values_list("slug", flat=True)) == homeless
    assert sorted(Meeting.objects.filter(place="").values_list("reference", flat=True)) == sorted(
        placeless
    )
    assert (len(unlinked), len(homeless), len(placeless)) == (3, 3, 12)


def test_resource_keeps_the_precision_of_its_date(db):
    dated = Resource.objects.exclude(precision="unknown")

    assert dict(dated.values_list("reference", "precision")) == {
        "info-sheet-2022": "month",
        "marketplace-call": "month",
        "beesmart-call-de": "month",
        "beesmart-call-en": "day",
        "tender-notice": "year",
        "steinbeis-news": "day",
        "final-report": "year",
        "arnsberg-participation": "year",
    }


def test_greek_city_has_its_iso_country_and_local_name(db):
    city = Municipality.objects.get(slug="vari-voula-vouliagmeni")

    assert (city.country, city.nuts3_code, city.time_zone) == ("GR", "EL305", "Europe/Athens")
    assert city.local_name == "Βάρη-Βούλα-Βουλιαγμένη (Δήμος Βάρης Βούλας Βουλιαγμένης)"


def test_offices_stand_one_a_line(db, facts):
    city = Municipality.objects.get(slug="krefeld")

    assert city.offices == facts["municipalities"][0]["contact_offices_de"]
    assert city.contact_offices_en.splitlines() == facts["municipalities"][0]["contact_offices_en"]


def test_city_is_found_by_its_name_without_marks(db):
    assert list(Municipality.objects.found_by("boleslawiec").values_list("slug", flat=True)) == [
        "boleslawiec"
    ]
