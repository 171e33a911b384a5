from __future__ import annotations

import datetime as dt
from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import translation

from tandems.enums import TandemStatus
from tandems.models import Tandem, TandemMember, TandemTopic
from tests.constraints import (
    Arranged,
    Case,
    alone,
    assert_database_refuses,
    assert_people_are_told,
    beside,
    dated,
)
from tests.factories import (
    KICK_OFF,
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
from tests.tandems.workspace_cases import CASES as WORKSPACE_CASES

DAY = dt.timedelta(days=1)


def two_memberships() -> Arranged:
    """A city that left may come back, but is no member twice."""
    current = TandemMemberFactory()
    past = TandemMemberFactory(
        tandem=current.tandem, municipality=current.municipality, left_on=KICK_OFF
    )
    return Arranged(past, refused={"left_on": None}, allowed={"left_on": KICK_OFF + DAY})


def two_profiles() -> Arranged:
    released = ProfileVersionFactory()
    other = ProfileVersionFactory(tandem=released.tandem, state="superseded")
    return Arranged(other, refused={"state": "released"}, allowed={"state": "draft"})


def topic_with(refused: tuple[str, ...], allowed: tuple[str, ...]) -> Arranged:
    """A topic between nobody; the words name who gives and who seeks."""
    places = {"krefeld": MunicipalityFactory(), "sofia": MunicipalityFactory(), "": None}
    sides = ("giver", "seeker")
    return Arranged(
        TandemTopicFactory(),
        refused=dict(zip(sides, (places[name] for name in refused), strict=True)),
        allowed=dict(zip(sides, (places[name] for name in allowed), strict=True)),
    )


CASES = [
    Case(
        "profile_version_state_is_known",
        "Choose the state of the profile.",
        alone(ProfileVersionFactory, refused={"state": "lost"}, allowed={"state": "superseded"}),
    ),
    Case(
        "profile_entry_evidence_is_known",
        "Choose how well the entry is documented.",
        alone(ProfileEntryFactory, refused={"evidence": "rumour"}, allowed={"evidence": "exists"}),
    ),
    Case(
        "profile_entry_result_kind_is_known",
        "Choose the kind of result.",
        alone(
            ProfileEntryFactory, refused={"result_kind": "song"}, allowed={"result_kind": "report"}
        ),
    ),
    Case(
        "tandem_topic_stage_is_known",
        "Choose how far learning has come.",
        alone(TandemTopicFactory, refused={"stage": "asleep"}, allowed={"stage": "learning"}),
    ),
    Case(
        "tandem_member_precisions_are_known",
        "Choose how exactly the date is known.",
        alone(
            TandemMemberFactory,
            refused={"joined_precision": "hour"},
            allowed={"joined_precision": "month"},
        ),
    ),
    Case(
        "tandem_member_precisions_are_known",
        "Choose how exactly the date is known.",
        alone(
            TandemMemberFactory,
            refused={"left_precision": "hour"},
            allowed={"left_precision": "month"},
        ),
    ),
    Case(
        "tandem_kind_is_known",
        "Choose the kind of partnership.",
        alone(TandemFactory, refused={"kind": "quartet"}, allowed={"kind": "tridem"}),
    ),
    Case(
        "tandem_status_is_known",
        "Choose the status of the partnership.",
        alone(TandemFactory, refused={"status": "paused"}, allowed={"status": "continues"}),
    ),
    Case(
        "tandem_member_is_current_once",
        "This municipality is already a current member.",
        two_memberships,
    ),
    Case(
        "tandem_member_leaves_after_joining",
        "The municipality leaves before it joins.",
        alone(
            TandemMemberFactory, refused={"left_on": KICK_OFF - DAY}, allowed={"left_on": KICK_OFF}
        ),
    ),
    Case(
        "tandem_member_joining_bounds_are_in_order",
        "The latest day lies before the earliest day.",
        alone(
            TandemMemberFactory,
            refused={"joined_latest": KICK_OFF - DAY},
            allowed={"joined_latest": KICK_OFF},
        ),
    ),
    Case(
        "tandem_member_has_a_reason_only_when_it_left",
        "A reason for leaving needs the day of leaving.",
        alone(
            TandemMemberFactory,
            refused={"left_reason": "no staff"},
            allowed={"left_reason": "no staff", "left_on": KICK_OFF},
        ),
    ),
    Case(
        "tandem_member_role_is_known",
        "Choose member or guest.",
        alone(TandemMemberFactory, refused={"role": "friend"}, allowed={"role": "guest"}),
    ),
    Case(
        "tandem_topic_has_its_own_position",
        "This position is taken by another topic.",
        beside(TandemTopicFactory, "tandem"),
    ),
    Case(
        "tandem_topic_has_giver_and_seeker_or_neither",
        "Name both the giving and the seeking municipality.",
        lambda: topic_with(refused=("krefeld", ""), allowed=("krefeld", "sofia")),
    ),
    Case(
        "tandem_topic_has_giver_and_seeker_or_neither",
        "Name both the giving and the seeking municipality.",
        lambda: topic_with(refused=("", "sofia"), allowed=("", "")),
    ),
    Case(
        "tandem_topic_giver_is_not_the_seeker",
        "A municipality cannot seek from itself.",
        lambda: topic_with(refused=("sofia", "sofia"), allowed=("sofia", "krefeld")),
    ),
    Case(
        "tandem_topic_says_what_it_is_about",
        "Name the field of action or the specific focus.",
        alone(
            TandemTopicFactory,
            refused={"topic": None},
            allowed={"topic": None, "focus": "digital twins"},
        ),
    ),
    Case(
        "tandem_has_one_released_profile",
        "Another version of this profile is released.",
        two_profiles,
    ),
    *(
        Case(
            "released_profile_has_a_moment",
            "A released profile needs the moment of its release.",
            alone(
                ProfileVersionFactory,
                state=state,
                refused={"released_at": None},
                allowed={"released_at": None, "state": "confirmed"},
            ),
        )
        for state in ("released", "superseded")
    ),
    Case(
        "profile_entry_has_its_own_position",
        "This position is taken by another entry.",
        beside(ProfileEntryFactory, "profile"),
    ),
    Case(
        "profile_entry_section_is_known",
        "Choose the section.",
        alone(
            ProfileEntryFactory,
            result_kind="",
            refused={"section": "rumour"},
            allowed={"section": "challenge"},
        ),
    ),
    Case(
        "profile_entry_only_results_have_a_kind",
        "Only a result has a kind.",
        alone(
            ProfileEntryFactory,
            refused={"section": "goal"},
            allowed={"section": "goal", "result_kind": ""},
        ),
    ),
    *dated("tandemchange", TandemChangeFactory),
    Case(
        "tandem_change_has_its_own_position",
        "This position is taken by another change.",
        beside(TandemChangeFactory, "tandem"),
    ),
    *WORKSPACE_CASES,
]


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_database_refuses_what_a_constraint_forbids(case):
    assert_database_refuses(case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=attrgetter("name"))
def test_people_read_why_a_constraint_refuses(case):
    assert_people_are_told(case)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "en"])
def test_reason_for_leaving_needs_the_day_in_whatever_language_it_is_written(language):
    member = TandemMemberFactory(**{f"left_reason_{language}": "no staff"}, left_on=KICK_OFF)
    member.left_on = None

    for reader in ("de", "en"):
        with translation.override(reader), pytest.raises(ValidationError):
            member.validate_constraints()


@pytest.mark.django_db
def test_visitors_see_every_partnership_but_planned_ones():
    for status in TandemStatus:
        TandemMemberFactory(tandem=TandemFactory(slug=status, status=status))

    seen = {"active", "completed", "continues", "ended_early", "undocumented"}
    assert set(Tandem.objects.visible_to(None).values_list("slug", flat=True)) == seen
    members = TandemMember.objects.visible_to(None)
    assert set(members.values_list("tandem__slug", flat=True)) == seen
    assert {tandem.slug for tandem in Tandem.objects.all() if tandem.is_public} == seen


@pytest.mark.django_db
def test_partnerships_come_by_their_number():
    third, first = TandemFactory(number=7), TandemFactory(number=2)
    fourth = TandemFactory(number=7)
    second = TandemFactory(number=3)

    assert list(Tandem.objects.in_order()) == [first, second, third, fourth]


@pytest.mark.django_db
def test_members_come_along_in_the_order_of_the_pair(django_assert_num_queries):
    pair = make_pair()
    TandemMemberFactory(tandem=pair, position=0)
    make_pair()
    TandemMember.objects.filter(position=1).update(position=9)

    with django_assert_num_queries(2):
        found = [
            [(member.position, member.municipality.country) for member in tandem.members.all()]
            for tandem in Tandem.objects.with_members().in_order()
        ]

    assert found == [[(0, "DE"), (0, "DE"), (9, "IT")], [(0, "DE"), (9, "IT")]]


@pytest.mark.django_db
def test_memberships_of_a_city_come_with_its_partners(django_assert_num_queries):
    city = MunicipalityFactory(slug="krefeld")
    later, earlier = make_pair(number=8), make_pair(number=3)
    for pair in (later, earlier):
        TandemMemberFactory(tandem=pair, municipality=city, position=2)

    with django_assert_num_queries(2):
        found = [
            (entry.tandem.number, [member.municipality.country for member in partners])
            for entry in city.memberships.visible_to(None).with_partners()
            if (partners := entry.tandem.members.all())
        ]

    assert found == [(3, ["DE", "IT", "DE"]), (8, ["DE", "IT", "DE"])]


@pytest.mark.django_db
def test_on_topic_finds_partnerships_once():
    topic = TopicFactory(key="open-data")
    pair, other = TandemFactory(), TandemFactory()
    TandemTopicFactory(tandem=pair, topic=topic, focus_de="Portal")
    TandemTopicFactory(tandem=pair, topic=topic, focus_de="Ratsdaten")
    TandemTopicFactory(tandem=other, topic=None, focus_de="open-data")

    assert list(Tandem.objects.on_topic("open-data")) == [pair]
    assert list(Tandem.objects.on_topic("no-such-topic")) == []


@pytest.mark.django_db
def test_with_country_finds_past_members_and_guests_too():
    bulgaria = MunicipalityFactory(country="BG")
    left, guest, without = make_pair(), make_pair(), make_pair()
    TandemMemberFactory(tandem=left, municipality=bulgaria, left_on=dt.date(2023, 12, 31))
    TandemMemberFactory(tandem=left, municipality=bulgaria)
    TandemMemberFactory(tandem=guest, municipality=bulgaria, role="guest")

    assert list(Tandem.objects.with_country("BG").order_by("pk")) == [left, guest]
    assert list(Tandem.objects.with_country("IT").order_by("pk")) == [left, guest, without]
    assert list(Tandem.objects.with_country("NL")) == []


@pytest.mark.django_db
def test_topics_come_with_their_cities_in_their_order(django_assert_num_queries):
    tandem, giver, seeker = TandemFactory(), MunicipalityFactory(), MunicipalityFactory()
    for position, key in [(2, "second"), (1, "first")]:
        TandemTopicFactory(
            tandem=tandem,
            position=position,
            topic=TopicFactory(key=key),
            giver=giver,
            seeker=seeker,
        )

    with django_assert_num_queries(1):
        found = [
            (entry.topic.key, entry.giver.name_de, entry.seeker.name_de)
            for entry in TandemTopic.objects.with_places()
        ]

    cities = (giver.name_de, seeker.name_de)
    assert found == [("first", *cities), ("second", *cities)]


@pytest.mark.parametrize(
    ("left_on", "gone"),
    [(None, False), (KICK_OFF - DAY, True), (KICK_OFF, False), (KICK_OFF + DAY, False)],
)
def test_city_is_a_member_to_the_end_of_its_last_day(left_on, gone):
    assert TandemMember(left_on=left_on).has_left(KICK_OFF) is gone


def test_member_tells_when_it_joined_and_left_as_documented():
    member = TandemMember(
        joined_earliest=dt.date(2022, 5, 1),
        joined_latest=dt.date(2022, 5, 31),
        joined_precision="month",
        left_on=dt.date(2023, 12, 31),
        left_precision="year",
    )

    assert (str(member.joined), str(member.left)) == ("Mai 2022", "2023")
    assert bool(TandemMember().left) is False


@pytest.mark.parametrize(("role", "guest"), [("member", False), ("guest", True)])
def test_member_may_be_a_guest(role, guest):
    assert TandemMember(role=role).is_guest is guest


@pytest.mark.django_db
def test_city_of_a_partnership_cannot_be_deleted():
    member = TandemMemberFactory()

    with pytest.raises(ProtectedError):
        member.municipality.delete()

    assert TandemMember.objects.get() == member


def test_topic_is_called_by_its_focus_or_its_field_of_action():
    topic = TopicFactory.build(name_de="Offene Daten")

    assert str(TandemTopic(topic=topic, focus_de="Ratsdaten")) == "Ratsdaten"
    assert str(TandemTopic(topic=topic, focus_de="")) == "Offene Daten"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("twinning_since", "197"), ("twinning_since", "١٩٧٤"), ("slug", "a b"), ("number", -1)],
)
def test_partnership_refuses_a_wrong_value_at_its_field(field, value):
    tandem = TandemFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refusal:
        tandem.full_clean()

    assert set(refusal.value.error_dict) - {"__all__"} == {field}
