"""Partnerships of the real facts: who joined and left when, who is guest, who learns from whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from municipalities.models import TopicRole
from tandems.models import Tandem, TandemMember, TandemTopic

pytestmark = pytest.mark.usefixtures("loaded")

KICK_OFF = dt.date(2022, 5, 17)


def member(tandem: str, place: str) -> TandemMember:
    """Return the membership of a place."""
    return TandemMember.objects.get(tandem__slug=tandem, municipality__slug=place)


def members(tandem: str) -> list[tuple[str, ...]]:
    """Return place, country and role of the members, in order."""
    found = TandemMember.objects.filter(tandem__slug=tandem).order_by("position")
    return list(found.values_list("municipality__slug", "municipality__country", "role"))


def test_sofia_left_at_the_end_of_2023(db):
    sofia = member("krefeld-sofia", "sofia")

    assert (sofia.left_on, sofia.left_precision) == (dt.date(2023, 12, 31), "year_end")
    assert (sofia.left_reason_de, sofia.left_reason_en) == (
        "Wechsel in der Verwaltung",
        "changes in its administration",
    )
    with translation.override("en"):
        assert str(sofia.left) == "end of 2023"


def test_sofia_is_the_only_member_that_left(db):
    left = TandemMember.objects.exclude(left_on=None)

    assert list(left.values_list("municipality__slug", flat=True)) == ["sofia"]


def test_members_of_the_call_joined_at_the_kick_off(db):
    joined = TandemMember.objects.filter(tandem__kind="tandem", role="member")

    assert joined.count() == 12
    assert set(joined.values_list("joined_earliest", "joined_latest", "joined_precision")) == {
        (KICK_OFF, KICK_OFF, "day")
    }


def test_tridem_has_three_members_with_basel_in_switzerland(db):
    assert members("basel-freiburg-mulhouse") == [
        ("basel", "CH", "member"),
        ("freiburg", "DE", "member"),
        ("mulhouse", "FR", "member"),
    ]


def test_tridem_joined_between_two_days(db):
    basel = member("basel-freiburg-mulhouse", "basel")

    assert (basel.joined_earliest, basel.joined_latest, basel.joined_precision) == (
        dt.date(2023, 10, 25),
        dt.date(2024, 9, 16),
        "range",
    )


def test_venlo_is_guest_in_the_guest_exchange(db):
    assert members("krefeld-venlo") == [("krefeld", "DE", "member"), ("venlo", "NL", "guest")]


def test_krefeld_is_guest_of_munich_and_utrecht(db):
    assert members("muenchen-utrecht") == [
        ("muenchen", "DE", "member"),
        ("utrecht", "NL", "member"),
        ("krefeld", "DE", "guest"),
    ]
    guest = member("muenchen-utrecht", "krefeld")
    assert (guest.joined_earliest, guest.joined_latest, guest.joined_precision) == (
        dt.date(2024, 1, 1),
        dt.date(2024, 11, 4),
        "range",
    )
    assert [source.rpartition("/")[2] for source in guest.sources] == [
        "connectedineurope-krefeld-connects-smart-city-many-directions"
    ]


def test_member_without_sources_of_its_own_rests_on_those_of_the_partnership(db, facts):
    sources = {tandem["id"]: tandem["sources"] for tandem in facts["tandems"]}
    members = TandemMember.objects.filter(role="member").values_list("tandem__slug", "sources")

    assert [(slug, found) for slug, found in members if found != sources[slug]] == []
    assert members.count() == 16


def test_partnership_has_its_kind_status_and_order(db):
    assert list(Tandem.objects.in_order().values_list("number", "slug", "kind", "status")) == [
        (1, "krefeld-sofia", "tandem", "ended_early"),
        (2, "hamm-arezzo", "tandem", "continues"),
        (3, "geestland-vari-voula-vouliagmeni", "tandem", "completed"),
        (4, "muenchen-utrecht", "tandem", "completed"),
        (5, "arnsberg-alba-iulia", "tandem", "continues"),
        (6, "pirna-boleslawiec", "tandem", "undocumented"),
        (7, "basel-freiburg-mulhouse", "tridem", "continues"),
        (8, "krefeld-venlo", "guest_exchange", "continues"),
    ]


def test_only_tandems_were_chosen_by_the_call(db):
    chosen = Tandem.objects.filter(call__slug="call-2021-2022")

    assert set(chosen.values_list("kind", flat=True)) == {"tandem"}
    assert (chosen.count(), Tandem.objects.filter(call=None).count()) == (6, 2)


def test_twinning_is_known_for_three_partnerships(db):
    twinned = Tandem.objects.exclude(twinning_since="")

    assert dict(twinned.values_list("slug", "twinning_since")) == {
        "arnsberg-alba-iulia": "1974",
        "pirna-boleslawiec": "1980",
        "krefeld-venlo": "1964",
    }


def test_learning_across_partnerships_names_giver_and_seeker(db):
    across = TandemTopic.objects.get(tandem__slug="krefeld-venlo", giver__isnull=False)

    assert (across.giver.slug, across.seeker.slug, across.stage) == (
        "utrecht",
        "venlo",
        "learned_via_guest",
    )


def test_mutual_learning_names_neither_giver_nor_seeker(db):
    mutual = TandemTopic.objects.filter(stage="mutual")

    assert sorted(mutual.values_list("focus_en", "giver", "seeker")) == [
        ("LoRaWAN: tender, gateway sites", None, None),
        ("Smart street lighting", None, None),
    ]


def test_learning_flow_gives_both_cities_a_role_on_the_topic(db, facts):
    expected = set()
    for flow in (flow for tandem in facts["tandems"] for flow in tandem["learning_flows"]):
        if flow.get("theme") and flow["lighthouse"]:
            expected.add((flow["lighthouse"], flow["theme"], "gives"))
            if flow["status"] != "presented":
                expected.add((flow["follower"], flow["theme"], "seeks"))

    found = TopicRole.objects.values_list("municipality__slug", "topic__key", "role")

    assert sorted(found) == sorted(expected)
    assert ("utrecht", "urban-digital-twins", "gives") in expected
