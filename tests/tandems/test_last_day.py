"""A last day that is said anew, was wrong, or is taken back: nothing is lost, nobody is stuck."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import override

from core.models import StatusChange
from tandems.actions.ending import end_partnership, resume_partnership
from tandems.actions.leaving import correct_leaving, leave_partnership, stay_in_partnership
from tandems.actions.membership import join_partnership
from tandems.confirming import is_ready
from tandems.models import ProfileConfirmation, ProfileVersion, TandemMember, TandemNotice
from tests.factories import TandemMemberFactory, make_user
from tests.races import act_at_once
from tests.tandems.membership_cases import (
    DAY,
    END_OF_2023,
    REASONS,
    history,
    krefeld_sofia,
    left,
    member,
    place,
    team,
    today,
)
from tests.tandems.release_cases import make_people

pytestmark = pytest.mark.django_db
OTHER = {"de": "Kein Personal", "en": "no staff"}


def leave(tandem, on, by=None, **fields):
    return leave_partnership(member=member(tandem, "Sofia"), left_on=on, **fields, by=by or team())


def correct(tandem, on, was=END_OF_2023, by=None, name="Sofia", **fields):
    fields = {"note": "Vertippt", **fields}
    row = member(tandem, name)
    return correct_leaving(member=row, left_on=on, was=was, **fields, by=by or team())


def stay(tandem, by=None, **fields):
    fields = {"note": "Der Rat hat neu entschieden", **fields}
    return stay_in_partnership(member=member(tandem, "Sofia"), **fields, by=by or team())


# Said anew.


@override("en")
def test_public_reason_that_is_said_anew_or_taken_back_stands_in_the_history():
    tandem, on = krefeld_sofia(), today() + 10 * DAY
    leave(tandem, on, reasons=REASONS, is_public=True)

    leave(tandem, on, reasons=OTHER, is_public=True)
    row = leave(tandem, on, reasons=OTHER)

    assert (row.left_reason_de, row.left_reason_en) == ("", "")
    first, second = (" · ".join(said.values()) for said in (REASONS, OTHER))
    assert history(row)[1:] == [
        ("left_reason", "", "changed", f"Public reason: {first} → {second}"),
        ("left_reason", "", "changed", f"Public reason: {second} → –"),
    ]


@override("en")
def test_reason_that_becomes_public_or_another_one_is_noted_once():
    tandem, on = krefeld_sofia(), today() + 10 * DAY
    row = leave(tandem, on, reasons=REASONS)
    first, second = (" · ".join(said.values()) for said in (REASONS, OTHER))

    for _click in (1, 2):
        leave(tandem, on, reasons=OTHER)
    leave(tandem, on)
    for _click in (1, 2):
        leave(tandem, on, reasons=REASONS, is_public=True)

    assert history(row) == [
        ("membership", "member", "left", first),
        ("left_reason", "", "changed", second),
        ("left_reason", "", "changed", f"Public reason: – → {first}"),
    ]


def test_other_precision_and_more_sources_are_noted():
    tandem, on = krefeld_sofia(), today() + 10 * DAY
    row = leave(tandem, on)

    leave(tandem, on, precision="month", sources=["https://a.example"])

    assert history(row)[1:] == [
        ("left_precision", "day", "month", ""),
        ("sources", "", "changed", "https://a.example"),
    ]


@override("en")
def test_reason_of_an_end_that_is_said_anew_stands_in_the_history():
    tandem, by = krefeld_sofia(), team()
    end = {"tandem": tandem, "by": by}
    end_partnership(
        **end, status="completed", ended_on=END_OF_2023, reasons=REASONS, is_public=True
    )

    end_partnership(**end, status="continues", ended_on=END_OF_2023 - DAY)

    first = " · ".join(REASONS.values())
    assert [row[3] for row in history(tandem) if row[0] == "status"] == [
        "",
        f"Day of the end: 31 December 2023 → 30 December 2023; Public reason: {first} → –",
    ]


@override("en")
def test_public_reason_of_an_end_that_is_taken_back_stands_in_the_history():
    tandem, by = krefeld_sofia(), team()
    said = {"reasons": REASONS, "is_public": True}
    end_partnership(tandem=tandem, status="ended_early", ended_on=END_OF_2023, **said, by=by)

    resume_partnership(tandem=tandem, note="Sofia ist zurück", by=by)

    moved = f"Public reason: {' · '.join(REASONS.values())} → –"
    assert history(tandem)[-1][3] == f"Sofia ist zurück; {moved}"


# Staying after all.


@override("en")
def test_city_stays_after_all_and_the_history_keeps_day_and_reason():
    tandem, on = krefeld_sofia(), today() + 10 * DAY
    leave(tandem, on, precision="month", reasons=REASONS, is_public=True)

    row = stay(tandem)

    row.refresh_from_db()
    assert (row.left_on, row.left_precision, row.left_reason_de) == (None, "unknown", "")
    reason = f"Der Rat hat neu entschieden; Public reason: {' · '.join(REASONS.values())} → –"
    assert history(row)[-1] == ("left_on", on.isoformat(), "resumed", reason)


def test_city_stays_on_its_last_day_but_not_after_it():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", today())
    stay(tandem)
    left(tandem, "Sofia", today() - DAY)

    with pytest.raises(ValidationError) as refusal:
        stay(tandem)

    assert refusal.value.code == "left"
    assert member(tandem, "Sofia").left_on == today() - DAY


def test_city_without_a_last_day_or_a_reason_does_not_stay_anew():
    tandem = krefeld_sofia()
    with pytest.raises(ValidationError) as refusal:
        stay(tandem)
    assert refusal.value.code == "stays"

    left(tandem, "Sofia", today() + DAY)
    with pytest.raises(ValidationError) as refusal:
        stay(tandem, note="")
    assert "why" in refusal.value.message_dict


def test_guest_that_joined_today_does_not_stay_a_guest():
    tandem = krefeld_sofia()
    venlo = place("Venlo", "NL")
    row = TandemMemberFactory(tandem=tandem, municipality=venlo, role="guest", position=2)
    join_partnership(tandem=tandem, municipality=venlo, joined_on=today(), by=team())
    row.refresh_from_db()
    assert row.left_on == today()

    with pytest.raises(ValidationError):
        stay_in_partnership(member=row, note="x", by=team())

    assert tandem.members.filter(municipality=venlo, left_on=None).count() == 1


# Correcting.


def test_mistyped_day_is_corrected_and_people_are_told():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    team()

    row = correct(tandem, END_OF_2023 - 30 * DAY, precision="month")

    days = ("2023-12-31", "2023-12-01")
    assert history(row) == [
        ("left_on", *days, "Vertippt"),
        ("left_precision", "day", "month", ""),
    ]
    notice = TandemNotice.objects.filter(event="member_left").first()
    assert notice.facts["day"] == "2023-12-01"


def test_day_that_should_lie_ahead_lets_the_city_act_again():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)

    correct(tandem, today() + 30 * DAY)

    assert {str(row.municipality) for row in tandem.members.acting()} == {"Krefeld", "Sofia"}
    tandem.refresh_from_db()
    assert tandem.kind == "tandem"


def test_third_city_that_acts_again_makes_a_tridem_and_a_fourth_is_refused():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    TandemMemberFactory(tandem=tandem, municipality=place("Venlo", "NL"), position=2)
    correct(tandem, today() + 30 * DAY)
    tandem.refresh_from_db()
    assert tandem.kind == "tridem"

    left(tandem, "Sofia", END_OF_2023)
    TandemMemberFactory(tandem=tandem, municipality=place("Roermond", "NL"), position=3)
    with pytest.raises(ValidationError, match="drei"):
        correct(tandem, today() + 30 * DAY)
    assert member(tandem, "Sofia").left_on == END_OF_2023


def test_last_day_does_not_reach_into_the_time_after_the_city_came_back():
    tandem = krefeld_sofia()
    first = member(tandem, "Sofia")
    left(tandem, "Sofia", END_OF_2023)
    back = END_OF_2023 + 60 * DAY
    join_partnership(tandem=tandem, municipality=place("Sofia"), joined_on=back, by=team())
    fields = {"member": first, "was": END_OF_2023, "note": "x", "by": team()}

    with pytest.raises(ValidationError) as refusal:
        correct_leaving(left_on=back + DAY, **fields)

    assert "left_on" in refusal.value.message_dict
    assert correct_leaving(left_on=back, **fields).left_on == back


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"on": END_OF_2023.replace(year=1999)}, "left_on"),
        ({"on": END_OF_2023.replace(year=9999)}, "left_on"),
        ({"on": END_OF_2023, "precision": "range"}, "precision"),
        ({"on": END_OF_2023 - DAY, "note": ""}, "note"),
    ],
    ids=["before joining", "a slip", "no such precision", "no reason"],
)
def test_what_cannot_be_a_correction_is_refused_at_its_field(fields, field):
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)

    with pytest.raises(ValidationError) as refusal:
        correct(tandem, **fields)

    assert field in refusal.value.message_dict
    assert not history(member(tandem, "Sofia"))


def test_who_has_no_last_day_has_none_to_correct():
    with pytest.raises(ValidationError) as refusal:
        correct(krefeld_sofia(), END_OF_2023)

    assert refusal.value.code == "stays"


def test_corrected_twice_alike_it_is_one_correction():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)

    rows = [correct(tandem, END_OF_2023 - DAY) for _click in (1, 2)]

    assert rows[0] == rows[1]
    assert len(history(rows[0])) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_at_once_the_second_is_told():
    tandem, one, two = krefeld_sofia(), team(), team()
    left(tandem, "Sofia", END_OF_2023)

    first, second = act_at_once(
        lambda: correct(tandem, END_OF_2023 - DAY, by=one),
        lambda: correct(tandem, END_OF_2023 - 2 * DAY, by=two),
    )

    assert first.left_on == END_OF_2023 - DAY
    assert isinstance(second, ValidationError)
    assert second.code == "changed"
    assert member(tandem, "Sofia").left_on == END_OF_2023 - DAY


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague", "observer", "reviewer"])
def test_only_the_team_corrects_and_takes_back(role):
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    by = make_user(role, place("Krefeld"))

    for act in (lambda: correct(tandem, END_OF_2023 - DAY, by=by), lambda: stay(tandem, by=by)):
        with pytest.raises(PermissionDenied):
            act()


# What the city confirmed after its last day.


@override("en")
def test_word_given_after_the_last_day_no_longer_counts():
    people = make_people("confirmed")
    row, version = people.partner, people.version
    on = timezone.localdate() - DAY

    leave_partnership(member=row, left_on=on, by=people.team)

    given = ProfileConfirmation.objects.filter(profile=version)
    assert [word.municipality for word in given] == [people.home.municipality]
    change = StatusChange.objects.filter(field="confirmation", new="ended").get()
    assert change.old == row.municipality.slug[:40]
    assert change.note.startswith("The confirmation by Arezzo no longer counts: its last day was")
    assert is_ready(ProfileVersion.objects.get(pk=version.pk))


@pytest.mark.parametrize("days", [0, 10])
def test_word_given_by_the_last_day_counts(days):
    people = make_people("confirmed")

    leave_partnership(
        member=people.partner, left_on=timezone.localdate() + days * DAY, by=people.team
    )

    assert people.version.confirmations.count() == 2


def test_correction_to_an_earlier_day_takes_later_words_too():
    people = make_people("confirmed")
    on = timezone.localdate() - DAY
    ProfileConfirmation.objects.update(given_at=timezone.now() - 5 * DAY)
    leave_partnership(member=people.partner, left_on=on, by=people.team)
    assert people.version.confirmations.count() == 2

    correct_leaving(
        member=people.partner, was=on, left_on=on - 10 * DAY, note="Vertippt", by=people.team
    )

    assert people.version.confirmations.count() == 1


def test_word_on_what_is_public_stays():
    people = make_people("confirmed")
    ProfileVersion.objects.filter(pk=people.version.pk).update(
        state="released", released_at=timezone.now()
    )

    leave_partnership(member=people.partner, left_on=timezone.localdate() - DAY, by=people.team)

    assert people.version.confirmations.count() == 2


def test_leaving_of_the_city_whose_word_was_missing_makes_the_version_ready():
    people = make_people("submitted")

    leave_partnership(member=people.partner, left_on=timezone.localdate() - DAY, by=people.team)

    assert ProfileVersion.objects.get(pk=people.version.pk).state == "confirmed"


def test_leaving_that_lies_ahead_makes_nothing_ready():
    people = make_people("submitted")

    leave_partnership(member=people.partner, left_on=timezone.localdate() + DAY, by=people.team)

    assert ProfileVersion.objects.get(pk=people.version.pk).state == "submitted"
    assert TandemMember.objects.get(pk=people.partner.pk).left_on is not None
