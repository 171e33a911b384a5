"""Commitments: who makes them, what becomes of them, and who sees it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.sessions import KEPT
from core.dates import day
from core.models import StatusChange
from meetings import actions
from meetings.models import Commitment
from tandems.models import TandemNotice
from tests.factories import MeetingFactory, TandemMemberFactory, make_pair, make_user, sign_in
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
    ours.left_on = timezone.localdate() - DAY
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
def test_moving_with_a_double_click_is_moving_once():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    deputy = make_user("deputy", ours.municipality)
    commitment = make(ours, contact)
    client, later = entered(contact), commitment.due_on + 9 * DAY
    said = {"step": "moved", "due_on": later.isoformat(), "note": "Urlaub"}

    answers = [client.post(commitment.get_absolute_url(), said) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [row[0] for row in history(commitment)] == ["state", "due_on"]
    for by, note in ((deputy, "Urlaub"), (contact, "krank")):
        with pytest.raises(ValidationError):
            actions.move_commitment(commitment=commitment, due_on=later, note=note, by=by)


@pytest.mark.django_db
@pytest.mark.parametrize("is_left", [False, True])
def test_every_commitment_is_on_one_of_the_pages(monkeypatch, is_left):
    monkeypatch.setattr("meetings.views.commitments.PER_LIST", 2)
    pair, ours, theirs, contact, partner = pair_with_contacts()
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        for number in range(5):
            make(theirs, partner, text=f"Offen {number}.")
            done = make(theirs, partner, text=f"Fertig {number}.")
            actions.keep_commitment(commitment=done, note="x", by=partner)
    if is_left:
        left(ours)
    client, url = entered(contact), reverse("workspace:commitments", args=[pair.slug])

    for name, heading in (("open", "Offen"), ("settled", "Abgeschlossen")):
        found = [
            text
            for page in (1, 2, 3)
            for text in read(client.get(f"{url}?{name}={page}")).main.section(heading).texts("h3")
        ]
        assert len(found) == len(set(found)) == 5
        assert client.get(f"{url}?{name}=4").status_code == 404
    assert "10 Zusagen: 5 eingehalten, 5 offen." in read(client.get(url)).main.text


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
    for number in range(4):
        make(ours, contact, meeting=meeting, text=f"Zusage {number}")

    results = act_at_once(
        lambda: make(ours, contact, meeting=meeting, text="Zusage 5"),
        lambda: make(ours, contact, meeting=meeting, text="Zusage 6"),
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
    text = "Wir schicken\n den Leitfaden."
    data = {"member": ours.pk, "text": text, "language": "de", "due_on": due.isoformat()}
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
    for number in range(rows):
        meeting = MeetingFactory(tandem=pair, scope="tandem")
        make(ours, contact, meeting=meeting, text=f"Zusage {number}")

    with django_assert_max_num_queries(17):
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


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_commitment():
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()

    results = act_at_once(lambda: make(ours, contact), lambda: make(ours, contact))

    assert [type(result) for result in results] == [Commitment, ValidationError]
    assert Commitment.objects.count() == 1


@pytest.mark.django_db
def test_second_click_is_answered_like_the_first():
    pair, ours, _theirs, contact, _partner = pair_with_contacts()
    client, url = entered(contact), reverse("workspace:commitments", args=[pair.slug])
    due = timezone.localdate() + 10 * DAY
    text = "Wir schicken ihn."
    data = {"member": ours.pk, "text": text, "language": "de", "due_on": due.isoformat()}

    client.post(url, data)
    again = client.post(url, data, follow=True)

    assert again.redirect_chain
    assert Commitment.objects.count() == 1


@pytest.mark.django_db
def test_settling_what_is_settled_leads_to_its_page_with_a_message():
    """The back button, or a second tab."""
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    client = entered(contact)
    client.post(commitment.get_absolute_url(), {"step": "kept"})

    again = client.post(
        commitment.get_absolute_url(), {"step": "dropped", "note": "x"}, follow=True
    )

    assert again.redirect_chain[-1][0] == commitment.get_absolute_url()
    assert Commitment.objects.get().state == "kept"


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["make", "keep", "drop", "move"])
def test_partnership_is_told_and_who_did_it_is_not(act):
    _pair, ours, _theirs, contact, partner = pair_with_contacts()
    commitment = make(ours, contact)
    TandemNotice.objects.all().delete()

    if act == "make":
        make(ours, contact, text="Eine zweite.")
    elif act == "move":
        later = commitment.due_on + DAY
        actions.move_commitment(commitment=commitment, due_on=later, note="x", by=contact)
    else:
        {"keep": actions.keep_commitment, "drop": actions.drop_commitment}[act](
            commitment=commitment, note="x", by=contact
        )

    ending = {"make": "made", "keep": "kept", "drop": "dropped", "move": "moved"}[act]
    told = TandemNotice.objects.values_list("user", "event", "kind")
    assert list(told) == [(partner.pk, f"commitment_{ending}", "tandem_commitments")]


def left(member, days=2):
    """Let a city leave: its last day was some days ago."""
    member.left_on = timezone.localdate() - days * DAY
    member.save()


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["keep", "drop", "move"])
def test_city_that_has_left_says_no_more_what_became_of_its_commitments(act):
    _pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    Commitment.objects.update(made_at=timezone.now() - 9 * DAY)
    left(ours)

    def settle(by):
        if act == "move":
            later = commitment.due_on + DAY
            return actions.move_commitment(commitment=commitment, due_on=later, note="x", by=by)
        action = {"keep": actions.keep_commitment, "drop": actions.drop_commitment}[act]
        return action(commitment=commitment, note="x", by=by)

    with pytest.raises(PermissionDenied):
        settle(contact)
    for url in (commitment.get_absolute_url(), reverse("workspace:commitments", args=[_pair.slug])):
        assert entered(contact).post(url, {"step": "kept"}).status_code == 403
    assert settle(make_user("coordinator")).pk == commitment.pk


@pytest.mark.django_db
def test_city_that_has_left_reads_commitments_as_they_stood_on_its_last_day():
    pair, ours, theirs, contact, partner = pair_with_contacts()
    due = timezone.localdate() + 30 * DAY
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        settled = make(theirs, partner, text="Wir laden ein.")
        moved = make(theirs, partner, text="Wir schreiben ihn.", due_on=due)
        early = make(theirs, partner, text="Wir rufen an.")
        actions.keep_commitment(commitment=early, note="angerufen", by=partner)
    left(ours)
    actions.keep_commitment(commitment=settled, note="GEHEIM", by=partner)
    actions.move_commitment(commitment=moved, due_on=due + 40 * DAY, note="GEHEIM", by=partner)
    make(theirs, partner, text="GEHEIM danach")
    client = entered(contact)

    page = read(client.get(reverse("workspace:commitments", args=[pair.slug]))).main
    open_ones, done = page.section("Offen").text, page.section("Abgeschlossen").text
    own = [read(client.get(row.get_absolute_url())).main.text for row in (settled, moved)]

    assert "Wir laden ein." in open_ones
    assert f"bis {day(due)}" in open_ones
    assert "Wir rufen an." in done
    assert "Wir laden ein." not in done
    for text in (page.text, *own):
        assert "GEHEIM" not in text
        assert "eingehalten" not in text.replace(done, "").replace("1 eingehalten, 2 offen", "")
        assert day(due + 40 * DAY) not in text
    assert (
        client.get(Commitment.objects.get(text="GEHEIM danach").get_absolute_url()).status_code
        == 404
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["commitments", "commitment"])
def test_commitments_are_for_the_partnership_alone(name):
    pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    url = reverse(f"workspace:{name}", args=[pair.slug, *([commitment.pk] * (name[-1] == "t"))])
    neighbour = make_user("contact", make_pair().members.first().municipality)
    guest = TandemMemberFactory(tandem=pair, role="guest").municipality

    for user in (neighbour, make_user("contact", guest), make_user("observer"), make_user()):
        assert entered(user).get(url).status_code == 404
        assert entered(user).post(url).status_code == 404
    assert entered(contact).put(url).status_code == 405
    assert Client().get(url).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["commitments", "commitment"])
def test_what_was_typed_comes_back_after_the_session_ended(name):
    pair, ours, _theirs, contact, _partner = pair_with_contacts()
    commitment = make(ours, contact)
    url = reverse(f"workspace:{name}", args=[pair.slug, *([commitment.pk] * (name[-1] == "t"))])
    client, field = entered(contact), "note" if name == "commitment" else "text"
    session = client.session
    fields = urlencode({field: "Was ich tippte", "step": "kept"})
    session[KEPT] = {"owner": contact.pk, "path": url, "fields": fields}
    session.save()

    page = read(client.get(url)).main

    assert page.one("textarea", name=field).text == "Was ich tippte"
    assert Commitment.objects.get().is_open


@pytest.mark.django_db
def test_lists_of_who_has_left_are_as_short_as_those_of_who_stays(monkeypatch):
    monkeypatch.setattr("meetings.views.commitments.PER_LIST", 2)
    pair, ours, theirs, contact, partner = pair_with_contacts()
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        for number in range(3):
            make(theirs, partner, text=f"Offen {number}.")
            done = make(theirs, partner, text=f"Fertig {number}.")
            actions.keep_commitment(commitment=done, note="x", by=partner)
    left(ours)
    url = reverse("workspace:commitments", args=[pair.slug])

    loaded = []
    from_db = Commitment.from_db
    monkeypatch.setattr(Commitment, "from_db", lambda *row: loaded.append(1) or from_db(*row))

    for person in (contact, partner):
        loaded.clear()
        page = read(entered(person).get(url)).main
        assert len(loaded) == 4
        assert page.section("Offen").texts("h3") == ["Offen 0.", "Offen 1."]
        assert page.section("Abgeschlossen").texts("h3") == ["Fertig 2.", "Fertig 1."]
