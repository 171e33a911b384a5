"""Commitments: who makes them, what becomes of them, and who sees it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import StatusChange
from meetings import actions
from meetings.models import Commitment
from tests.factories import MeetingFactory, make_pair, make_user, sign_in
from tests.races import act_at_once
from tests.reading import read

DAY = dt.timedelta(days=1)


def pair_with_contacts():
    """Return a partnership, its two memberships and a contact of each."""
    pair = make_pair()
    ours, theirs = pair.members.order_by("position")
    people = [make_user("contact", member.municipality) for member in (ours, theirs)]
    return pair, ours, theirs, *people


def make(member, by, **fields):
    data = {"text": "Wir schicken den Leitfaden.", "due_on": timezone.localdate() + 30 * DAY}
    return actions.make_commitment(member=member, **{**data, **fields}, by=by)


def entered(user):
    client = Client()
    sign_in(client, user)
    return client


def history(commitment):
    rows = StatusChange.objects.filter(content_type__model="commitment", object_id=commitment.pk)
    return [(row.field, row.old, row.new, row.note) for row in rows.order_by("pk")]


@pytest.mark.django_db
def test_nobody_commits_the_partner_city():
    _pair, ours, theirs, our_contact, _other = pair_with_contacts()

    assert make(ours, our_contact).municipality == ours.municipality
    with pytest.raises(PermissionDenied):
        make(theirs, our_contact)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["colleague", "deputy", "contact", "coordinator", "bbsr"])
def test_colleagues_and_the_team_may_note_one(role):
    _pair, ours, *_rest = pair_with_contacts()
    place = ours.municipality if role in {"colleague", "deputy"} else None
    by = make_user(role, place) if role != "contact" else _rest[1]

    assert make(ours, by).made_by == by


@pytest.mark.django_db
def test_city_that_has_left_makes_no_commitment():
    _pair, ours, _theirs, contact, _other = pair_with_contacts()
    ours.left_on = timezone.localdate()
    ours.save()

    with pytest.raises(PermissionDenied):
        make(ours, contact)


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["keep", "drop", "move"])
def test_only_the_city_itself_and_the_team_say_what_became_of_it(act):
    _pair, ours, _theirs, contact, partner = pair_with_contacts()
    colleague = make_user("colleague", ours.municipality)
    commitment = make(ours, contact)

    def settle(by):
        if act == "move":
            later = commitment.due_on + DAY
            return actions.move_commitment(commitment=commitment, due_on=later, note="x", by=by)
        action = {"keep": actions.keep_commitment, "drop": actions.drop_commitment}[act]
        return action(commitment=commitment, note="x", by=by)

    for stranger in (partner, colleague, make_user("observer"), make_user()):
        with pytest.raises(PermissionDenied):
            settle(stranger)
    assert settle(contact).pk == commitment.pk


@pytest.mark.django_db
def test_every_step_is_written_down_once():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    due = timezone.localdate() + 30 * DAY
    commitment = make(ours, contact, due_on=due)

    actions.move_commitment(commitment=commitment, due_on=due + DAY, note="Urlaub", by=contact)
    kept = actions.keep_commitment(commitment=commitment, note="steht online", by=contact)

    assert (kept.state, kept.reason, kept.due_on) == ("kept", "steht online", due + DAY)
    assert history(commitment) == [
        ("state", "", "open", ""),
        ("due_on", due.isoformat(), (due + DAY).isoformat(), "Urlaub"),
        ("state", "open", "kept", "steht online"),
    ]


@pytest.mark.django_db
def test_settled_commitment_stays_settled():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    actions.drop_commitment(commitment=commitment, note="kein Geld", by=contact)

    for again in (
        lambda: actions.keep_commitment(commitment=commitment, by=contact),
        lambda: actions.drop_commitment(commitment=commitment, note="x", by=contact),
        lambda: actions.move_commitment(
            commitment=commitment, due_on=commitment.due_on + DAY, note="x", by=contact
        ),
    ):
        with pytest.raises(ValidationError):
            again()
    assert len(history(commitment)) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("due_on", "note"), [(-1, "x"), (0, "x"), (1, "")], ids=["earlier", "same day", "no reason"]
)
def test_commitment_moves_to_a_later_day_and_with_a_reason_only(due_on, note):
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)

    with pytest.raises(ValidationError):
        actions.move_commitment(
            commitment=commitment, due_on=commitment.due_on + due_on * DAY, note=note, by=contact
        )


@pytest.mark.django_db
def test_commitment_is_not_dropped_without_a_word():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()

    with pytest.raises(ValidationError):
        actions.drop_commitment(commitment=make(ours, contact), note="", by=contact)


@pytest.mark.django_db
def test_commitment_is_made_for_a_coming_day_and_of_an_own_meeting():
    pair, ours, _theirs, contact, _partner = pair_with_contacts()

    for wrong in (
        {"due_on": timezone.localdate() - DAY},
        {"meeting": MeetingFactory(tandem=make_pair(), scope="tandem")},
        {"text": ""},
        {"text": "x" * 301},
    ):
        with pytest.raises(ValidationError):
            make(ours, contact, **wrong)
    own = MeetingFactory(tandem=pair, scope="tandem")
    assert make(ours, contact, meeting=own, due_on=timezone.localdate()).meeting == own


@pytest.mark.django_db(transaction=True)
def test_two_people_note_the_fifth_commitment_of_a_meeting_and_one_is_refused():
    pair, ours, _theirs, contact, _partner = pair_with_contacts()
    meeting = MeetingFactory(tandem=pair, scope="tandem")
    for _ in range(4):
        make(ours, contact, meeting=meeting)

    results = act_at_once(
        lambda: make(ours, contact, meeting=meeting), lambda: make(ours, contact, meeting=meeting)
    )

    assert sorted(type(result) is Commitment for result in results) == [False, True]
    assert meeting.commitments.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_people_settle_at_once_and_the_second_is_told():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)

    results = act_at_once(
        lambda: actions.keep_commitment(commitment=commitment, by=contact),
        lambda: actions.drop_commitment(commitment=commitment, note="x", by=contact),
    )

    assert [type(result) for result in results] == [Commitment, ValidationError]
    assert Commitment.objects.get().state == "kept"


@pytest.mark.django_db
def test_officer_notes_a_commitment_and_says_what_became_of_it():
    pair, ours, _theirs, contact, partner = pair_with_contacts()
    client, url = entered(contact), reverse("workspace:commitments", args=[pair.slug])
    due = timezone.localdate() + 10 * DAY

    assert "Zurzeit ist keine Zusage offen" in read(client.get(url)).main.text
    data = {"member": ours.pk, "text": "Wir schicken\n den Leitfaden.", "due_on": due.isoformat()}
    noted = client.post(url, data, follow=True)
    assert "Die Zusage ist festgehalten" in read(noted).main.text
    commitment = Commitment.objects.get()
    assert commitment.text == "Wir schicken den Leitfaden."
    assert (
        "Zusage bald fällig: Wir schicken den Leitfaden."
        in read(client.get("/de/dashboard/")).main.text
    )
    assert "Wir schicken den Leitfaden." in read(entered(partner).get(url)).main.text
    told = client.post(
        commitment.get_absolute_url(), {"step": "kept", "note": "steht online"}, follow=True
    )
    page = read(told).main.text
    assert "Abgeschlossen" in page
    assert "steht online" in page
    assert "bald fällig" not in read(client.get("/de/dashboard/")).main.text


@pytest.mark.django_db
def test_partner_reads_the_commitment_and_has_no_form():
    _pair, ours, _theirs, contact, partner = pair_with_contacts()
    commitment = make(ours, contact)

    page = read(entered(partner).get(commitment.get_absolute_url()))
    answer = entered(partner).post(commitment.get_absolute_url(), {"step": "kept"})

    assert "Rückmeldung geben" not in page.main.text
    assert answer.status_code == 403
    assert Commitment.objects.get().is_open


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"note": "x"}, "Dieses Feld ist zwingend erforderlich"),
        ({"step": "moved", "note": "x"}, "Geben Sie das neue Datum an"),
        ({"step": "moved", "due_on": "gestern", "note": "x"}, "gültiges Datum"),
        (
            {"step": "moved", "due_on": "2000-01-01", "note": "x"},
            "nach heute und nach dem bisherigen",
        ),
        ({"step": "dropped"}, "Nennen Sie den Grund"),
        ({"step": "lost"}, "gültige Auswahl"),
    ],
)
def test_bad_input_gets_words_and_changes_nothing(data, words):
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)

    answer = entered(contact).post(commitment.get_absolute_url(), data)

    assert answer.status_code == 200
    assert words in read(answer).main.text
    assert Commitment.objects.get().is_open


@pytest.mark.django_db
def test_overdue_commitment_is_shown_and_not_hidden():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    Commitment.objects.update(due_on=timezone.localdate() - DAY)
    client = entered(contact)

    assert "überfällig" in read(client.get(commitment.get_absolute_url())).main.text
    assert "Zusage überfällig" in read(client.get("/de/dashboard/")).main.text


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_one_as_for_three(rows, django_assert_max_num_queries):
    pair, ours, _theirs, contact, _partner = pair_with_contacts()
    client = entered(contact)
    for _ in range(rows):
        make(ours, contact, meeting=MeetingFactory(tandem=pair, scope="tandem"))

    with django_assert_max_num_queries(16):
        client.get(reverse("workspace:commitments", args=[pair.slug]))


@pytest.mark.django_db
def test_handover_lists_what_the_city_still_has_to_do_and_nothing_of_the_partner():
    _pair, ours, theirs, contact, partner = pair_with_contacts()
    make(ours, contact, text="Wir schicken den Leitfaden.")
    make(theirs, partner, text="Wir laden nach Arezzo ein.")
    settled = make(ours, contact, text="Erledigtes")
    actions.keep_commitment(commitment=settled, by=contact)

    page = read(
        entered(contact).get(f"/de/accounts/roles/{contact.roles[0].pk}/hand-over/")
    ).main.text

    assert "Wir schicken den Leitfaden." in page
    assert "Arezzo" not in page
    assert "Erledigtes" not in page
