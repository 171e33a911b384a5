from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation
from django.utils.html import conditional_escape

from tandems.models import TandemChange, TandemMember
from tandems.timeline import enumeration, timeline_of
from tests.factories import KICK_OFF, MunicipalityFactory

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


def story(members=(), changes=()) -> list[tuple[str, str, str]]:
    """Return kind, date and sentence of each entry, as the template prints them."""
    return [
        (entry.kind, str(entry.span), conditional_escape(entry.text))
        for entry in timeline_of(members, changes)
    ]


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
    assert [text for _kind, _date, text in told] == [
        f"{HARMLESS} and A &amp; B {ending}.",
        f"{HARMLESS} leaves the programme. Reason: {HARMLESS} &amp; {{name}}.",
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
