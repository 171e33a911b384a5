from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation
from django.utils.html import conditional_escape

from tandems.models import Tandem, TandemChange, TandemMember
from tandems.timeline import endings_of, enumeration, timeline_of
from tests.factories import (
    KICK_OFF,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
)

LEFT = dt.date(2023, 12, 31)
ATTACK = "<script>alert(1)</script>"
HARMLESS = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def member(name: str, joined: dt.date | None = KICK_OFF, **fields) -> TandemMember:
    place = MunicipalityFactory.build(name_de=fields.pop("name_de", name), name_en=name)
    return TandemMember(
        municipality=place,
        joined_earliest=joined,
        joined_latest=joined,
        joined_precision="day" if joined else "unknown",
        left_precision="day" if "left_on" in fields else "unknown",
        **fields,
    )


def change(text: str, on: dt.date | None, **fields) -> TandemChange:
    return TandemChange(
        text_de=text,
        text_en=text,
        earliest=on,
        latest=on,
        precision="day" if on else "unknown",
        **fields,
    )


def story(members=(), changes=(), tandem=None, relatives=()) -> list[tuple[str, str, str]]:
    """Return kind, date and sentence of each entry, as the template prints them."""
    return [
        (entry.kind, str(entry.span), conditional_escape(entry.text))
        for entry in timeline_of(members, changes, tandem, relatives)
    ]


def ended(status: str, **fields) -> Tandem:
    return Tandem(slug="krefeld-sofia", status=status, **{"ended_on": LEFT, **fields})


def test_cities_that_join_on_one_date_share_an_entry():
    assert story([member("Hamm"), member("Arezzo")]) == [
        ("join", "17 May 2022", "Hamm and Arezzo start learning from each other.")
    ]


def test_three_cities_of_a_tridem_share_an_entry():
    assert story([member("Basel"), member("Freiburg"), member("Mulhouse")]) == [
        ("join", "17 May 2022", "Basel, Freiburg and Mulhouse start learning from each other.")
    ]


def test_cities_that_join_on_different_dates_have_their_own_entries():
    later = dt.date(2023, 2, 1)

    assert story([member("Mulhouse", later), member("Basel")]) == [
        ("join", "17 May 2022", "Basel joins."),
        ("join", "1 February 2023", "Mulhouse joins."),
    ]


def test_guests_take_part_as_guests():
    later = dt.date(2023, 2, 1)

    assert story(
        [
            *(member("München"), member("Utrecht")),
            *(member("Krefeld", later, role="guest"), member("Venlo", later, role="guest")),
            member("Basel", LEFT, role="guest"),
        ]
    ) == [
        ("join", "17 May 2022", "München and Utrecht start learning from each other."),
        ("guest", "1 February 2023", "Krefeld and Venlo take part as guests."),
        ("guest", "31 December 2023", "Basel takes part as a guest."),
    ]


def test_guest_that_begins_with_one_city_starts_an_exchange():
    assert story([member("Krefeld"), member("Venlo", role="guest")]) == [
        (
            "guest",
            "17 May 2022",
            "Krefeld and Venlo start an exchange; Venlo is a guest of the programme.",
        )
    ]


def test_city_leaves_with_or_without_a_reason():
    assert story(
        [
            member("Sofia", left_on=LEFT, left_reason_en="no staff"),
            member("Varna", left_on=LEFT + dt.timedelta(days=1)),
        ]
    )[1:] == [
        ("leave", "31 December 2023", "Sofia leaves the programme. Reason: no staff."),
        ("leave", "1 January 2024", "Varna leaves the programme."),
    ]


def test_entries_stand_in_the_order_in_which_things_happened():
    told = story(
        [member("Sofia", left_on=LEFT), member("Krefeld"), member("Venlo", None)],
        [
            change("Nobody knows when", None),
            change("A new topic", dt.date(2023, 3, 1)),
            change("Before all", dt.date(2021, 1, 1)),
        ],
    )

    assert [(kind, text) for kind, _date, text in told] == [
        ("change", "Before all"),
        ("join", "Sofia and Krefeld start learning from each other."),
        ("change", "A new topic"),
        ("leave", "Sofia leaves the programme."),
        ("join", "Venlo joins."),
        ("change", "Nobody knows when"),
    ]


def test_city_joins_before_it_leaves_on_the_same_day():
    told = story([member("Sofia", left_on=KICK_OFF)], [change("Kick-off", KICK_OFF)])

    assert [kind for kind, _date, _text in told] == ["join", "leave", "change"]


def test_guest_comes_before_it_leaves_on_the_same_day():
    told = story([member("Venlo", role="guest", left_on=KICK_OFF)])

    assert [kind for kind, _date, _text in told] == ["guest", "leave"]


def test_leaving_and_changes_bring_their_sources():
    entries = timeline_of(
        [member("Sofia", left_on=LEFT, sources=["https://a.example"])],
        [change("A new topic", dt.date(2024, 3, 1), sources=["https://b.example"])],
    )

    assert [(entry.kind, entry.sources) for entry in entries][1:] == [
        ("leave", ["https://a.example"]),
        ("change", ["https://b.example"]),
    ]


def test_partnership_without_members_and_changes_has_no_story():
    assert story() == []


@pytest.mark.parametrize("role", ["member", "guest"])
def test_what_somebody_typed_is_escaped_once(role):
    told = story(
        [
            member(ATTACK, role=role, left_on=LEFT, left_reason_en=f"{ATTACK} & {{name}}"),
            member("A & B", role=role),
        ],
        [change(ATTACK, LEFT + dt.timedelta(days=1))],
    )

    ending = "take part as guests" if role == "guest" else "start learning from each other"
    leaves = "is no longer a guest" if role == "guest" else "leaves the programme"
    assert [text for _kind, _date, text in told] == [
        f"{HARMLESS} and A &amp; B {ending}.",
        f"{HARMLESS} {leaves}. Reason: {HARMLESS} &amp; {{name}}.",
        HARMLESS,
    ]


def test_name_that_lacks_in_the_readers_language_is_marked_with_its_own():
    told = story([member("", name_de="<Köln>", left_on=LEFT), member("Arezzo")])

    assert [text for _kind, _date, text in told] == [
        '<span lang="de">&lt;Köln&gt;</span> and Arezzo start learning from each other.',
        '<span lang="de">&lt;Köln&gt;</span> leaves the programme.',
    ]


def test_story_is_told_in_german_too():
    with translation.override("de"):
        [(_kind, date, text)] = story([member("Hamm"), member("Arezzo")])

    assert date == "17. Mai 2022"
    assert text == "Hamm und Arezzo beginnen, voneinander zu lernen."


def test_guest_goes_with_or_without_a_reason():
    told = story(
        [
            member("Krefeld", role="guest", left_on=LEFT, left_reason_en="the topic is done"),
            member("Venlo", role="guest", left_on=LEFT),
        ]
    )

    assert [text for _kind, _date, text in told][1:] == [
        "Krefeld is no longer a guest. Reason: the topic is done.",
        "Venlo is no longer a guest.",
    ]


def test_guest_that_joins_only_joins():
    guest = member("Venlo", role="guest", left_on=LEFT)
    joined = member("Venlo", LEFT)
    joined.municipality = guest.municipality

    assert [(kind, text) for kind, _date, text in story([guest, joined])] == [
        ("guest", "Venlo takes part as a guest."),
        ("join", "Venlo joins."),
    ]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("completed", "The partnership is completed."),
        ("continues", "The partnership is completed; the cooperation goes on."),
        ("ended_early", "The partnership ends early."),
        ("undocumented", "The partnership ends; what became of it is not documented."),
    ],
)
def test_end_is_told_with_its_day(status, text):
    assert story(tandem=ended(status)) == [("end", "31 December 2023", text)]


def test_end_is_told_with_its_reason_where_that_is_public():
    told = story(tandem=ended("ended_early", ended_reason_en=f"{ATTACK} & {{text}}"))

    assert told[0][2] == f"The partnership ends early. Reason: {HARMLESS} &amp; {{text}}."


def test_last_city_leaves_before_the_partnership_ends_on_the_same_day():
    told = story([member("Sofia", left_on=LEFT)], [change("A topic", LEFT)], ended("completed"))

    assert [kind for kind, _date, _text in told] == ["join", "leave", "change", "end"]


@pytest.mark.parametrize(
    ("status", "fields"), [("completed", {"ended_on": None}), ("planned", {}), ("active", {})]
)
def test_without_an_end_or_its_day_there_is_nothing_to_tell(status, fields):
    assert story(tandem=ended(status, **fields)) == []


def kin(tandem: Tandem, name: str, joined: dt.date | None) -> TandemMember:
    row = member(name, joined)
    row.tandem = tandem
    return row


def test_origin_comes_first_and_successors_come_last():
    origin = Tandem(pk=1, slug="krefeld-sofia", name_en="Krefeld – Sofia <b>")
    here = Tandem(pk=2, slug="krefeld-venlo", previous=origin, status="completed", ended_on=LEFT)
    later = Tandem(pk=3, slug="venlo-hamm", name_en="Venlo – Hamm")
    relatives = [
        kin(origin, "Krefeld", KICK_OFF),
        kin(origin, "Sofia", KICK_OFF),
        kin(later, "Venlo", LEFT),
        kin(later, "Hamm", LEFT),
    ]

    told = story([member("Krefeld", LEFT), member("Venlo", None)], (), here, relatives)

    old = '<a href="/en/tandems/krefeld-sofia/">Krefeld – Sofia &lt;b&gt;</a>'
    new = '<a href="/en/tandems/venlo-hamm/">Venlo – Hamm</a>'
    assert [(kind, text) for kind, _date, text in told] == [
        ("origin", f"The partnership grows out of {old}."),
        ("join", "Krefeld joins."),
        ("end", "The partnership is completed."),
        ("successor", f"A new partnership grows out of it: {new}."),
        ("join", "Venlo joins."),
    ]
    assert next(date for _kind, date, _text in told) == "31 December 2023"


def test_origin_of_a_partnership_whose_beginning_is_not_documented_is_told_at_the_end():
    origin = Tandem(pk=1, slug="krefeld-sofia", name_en="Krefeld – Sofia")
    here = Tandem(pk=2, slug="krefeld-venlo", previous=origin, status="active")

    told = story([], [change("A topic", LEFT)], here, [kin(origin, "Krefeld", KICK_OFF)])

    assert [kind for kind, _date, _text in told] == ["change", "origin"]


@pytest.mark.django_db
def test_public_relatives_are_asked_for_with_one_query(django_assert_num_queries):
    old, planned, later = (
        TandemFactory(status=one) for one in ("ended_early", "planned", "active")
    )
    here = TandemFactory(previous=old)
    for tandem in (planned, later):
        tandem.previous = here
        tandem.save()
    for tandem in (old, planned, later):
        TandemMemberFactory(tandem=tandem)
        TandemMemberFactory(tandem=tandem)

    with django_assert_num_queries(1):
        told = timeline_of([], [], here)

    assert [entry.kind for entry in told] == ["successor", "origin"]
    assert planned.slug not in "".join(str(entry.text) for entry in told)


@pytest.mark.django_db
def test_partnership_without_relatives_has_none():
    assert timeline_of([], [], TandemFactory()) == []


@pytest.mark.django_db
def test_nothing_is_asked_where_it_is_known_that_nothing_grew_out_of_it(
    django_assert_num_queries,
):
    tandem, old = TandemFactory(), TandemFactory()
    TandemMemberFactory(tandem=old)
    tandem.has_successors = False

    with django_assert_num_queries(0):
        assert timeline_of([], [], tandem) == []
    tandem.previous = old
    assert [entry.kind for entry in timeline_of([], [], tandem)] == ["origin"]


@pytest.mark.parametrize(
    ("status", "count"),
    [("planned", 0), ("active", 4), ("completed", 1), ("ended_early", 0), ("undocumented", 3)],
)
def test_how_a_partnership_can_end_follows_the_table_of_steps(status, count):
    assert len(endings_of(Tandem(status=status))) == count


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["Basel"], "Basel"),
        (["Basel", "Freiburg"], "Basel and Freiburg"),
        (["Basel", "Freiburg", "Mulhouse"], "Basel, Freiburg and Mulhouse"),
        (["<b>", "A & B", "C"], "&lt;b&gt;, A &amp; B and C"),
    ],
)
def test_enumeration_ends_with_and(names, text):
    assert enumeration(names) == text
