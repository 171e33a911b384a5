"""Answering months after the end: by a link, on one page, without signing in."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from core.models import StatusChange
from meetings.actions import drop_commitment, keep_commitment
from meetings.actions.check_in import answer_check_in
from meetings.actions.check_in_content import Said, SavedAnswer
from meetings.actions.due import record_silence
from meetings.links import check_in_link
from meetings.models import CheckIn, CheckInAnswer, Commitment
from tandems.models import Tandem, TandemNotice
from tests.cycle import CheckInFactory, make_cycle
from tests.factories import CommitmentFactory, make_user
from tests.meetings.commitment_cases import DAY, member_of
from tests.races import act_at_once
from tests.reading import read

pytestmark = pytest.mark.django_db


def asked(**fields):
    """Return a partnership that is over, the question to Hamm, and two of its commitments."""
    cycle = make_cycle()
    on = timezone.localdate() - 190 * DAY
    Tandem.objects.filter(pk=cycle.tandem.pk).update(status="completed", ended_on=on)
    cycle.tandem.refresh_from_db()
    own = {"tandem": cycle.tandem, "municipality": cycle.hamm}
    cycle.first = CommitmentFactory(text="Wir schicken den Leitfaden.", **own)
    cycle.second = CommitmentFactory(text="Wir laden ein.", **own)
    cycle.check_in = CheckInFactory(**own, **fields)
    return cycle


def link(cycle, who="contact"):
    with translation.override("en"):
        return check_in_link(cycle.check_in, cycle.people[who])


def typed(cycle, **fields):
    return {
        "cooperation": "loose",
        f"fate_{cycle.first.pk}": "kept",
        f"note_{cycle.first.pk}": "steht online",
        f"fate_{cycle.second.pk}": "going_on",
        "note": "Wir telefonieren.",
        **fields,
    }


def shown(cycle):
    """Return the marks of the form as it is opened now."""
    check_in = CheckIn.objects.get(pk=cycle.check_in.pk)
    return Said.of(check_in, [cycle.first.pk, cycle.second.pk]).marks


def say(cycle, first="kept", why="", by="contact", opened=None, **more):
    said = Said(
        cooperation="on",
        fates={cycle.first.pk: (first, why), cycle.second.pk: ("going_on", "")},
        **more,
    )
    marks = shown(cycle) if opened is None else opened
    return answer_check_in(check_in=cycle.check_in, said=said, opened=marks, by=cycle.person(by))


def history(row):
    rows = StatusChange.objects.of(row).order_by("pk")
    return [(change.field, change.old, change.new) for change in rows]


def no_address_in(response):
    """Return whether the head names no address: it ends in the key of one person."""
    return "check-in/" not in "".join(link["href"] for link in read(response).root.all("link"))


def states(cycle):
    rows = Commitment.objects.filter(pk__in=[cycle.first.pk, cycle.second.pk])
    return list(rows.order_by("pk").values_list("state", flat=True))


def test_officer_answers_without_signing_in():
    cycle = asked()
    client, url = Client(enforce_csrf_checks=True), link(cycle)

    page = read(client.get(url))
    assert page.heading == "What is left of the exchange?"
    assert "You answer for Hamm" in page.main.text
    assert history(cycle.check_in) == []
    answer = client.post(url, typed(cycle, may_publish="on"))

    assert (answer.status_code, answer.url) == (302, url)
    cycle.check_in.refresh_from_db()
    row = cycle.check_in
    assert (row.cooperation, row.note, row.may_publish) == ("loose", "Wir telefonieren.", True)
    assert row.answered_by == cycle.people["contact"]
    assert states(cycle) == ["kept", "open"]
    assert history(cycle.first) == [("state", "open", "kept")]
    assert list(row.answers.order_by("pk").values_list("fate", "note")) == [
        ("kept", "steht online"),
        ("going_on", ""),
    ]
    after = read(client.get(url)).main
    assert "Thank you" in after.text
    assert after.one("textarea", name="note").text == "Wir telefonieren."
    assert not client.cookies


def test_opening_the_link_changes_nothing_and_is_kept_by_nobody():
    cycle = asked()

    for _ in range(2):
        response = Client().get(link(cycle))
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert no_address_in(response)

    cycle.check_in.refresh_from_db()
    assert cycle.check_in.is_open
    assert not StatusChange.objects.exists()
    assert Client().put(link(cycle)).status_code == 405


@pytest.mark.parametrize(
    "why", ["forged", "no role", "colleague", "closed", "other city", "erased", "goes on again"]
)
def test_link_ends_with_the_role_of_the_person(why):
    cycle = asked()
    url = link(cycle, "partner" if why == "other city" else "contact")
    person = cycle.people["contact"]
    if why == "forged":
        url = reverse("meetings:check-in", args=["x" + url.split("/")[-2]])
    elif why == "no role":
        RoleAssignment.objects.filter(user=person).update(until=timezone.localdate() - DAY)
    elif why == "colleague":
        # Asked as contact or deputy; the city has given the office to somebody else since.
        RoleAssignment.objects.filter(user=person).update(role=UserRole.COLLEAGUE)
    elif why == "closed":
        person.is_active = False
        person.save()
    elif why == "erased":
        person.role_assignments.all().delete()
        person.delete()
    elif why == "goes on again":
        Tandem.objects.filter(pk=cycle.tandem.pk).update(ended_on=None, status="active")

    for response in (Client().get(url), Client().post(url, typed(cycle))):
        assert response.status_code == 410
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert no_address_in(response)
        assert "no longer valid" in read(response).main.text or why == "forged"
    assert not CheckInAnswer.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cooperation": ""}, "cooperation"),
        ({"cooperation": "x"}, "cooperation"),
        ({"first": ""}, "fate"),
        ({"first": "lost"}, "fate"),
        ({"first": "dropped", "note_first": " "}, "note"),
        ({"note_first": "x" * 301}, "note"),
        ({"note": "x" * 501}, "sentence"),
    ],
)
def test_what_is_missing_is_told_at_its_field_and_the_rest_stays(wrong, field):
    cycle = asked()
    names = {"first": f"fate_{cycle.first.pk}", "note_first": f"note_{cycle.first.pk}"}
    data = typed(cycle, **{names.get(key, key): value for key, value in wrong.items()})

    response = Client().post(link(cycle), data)

    assert response.status_code == 200
    fields = {"fate": names["first"], "note": names["note_first"], "sentence": "note"}
    assert list(response.context["form"].errors) == [fields.get(field, field)]
    checked = read(response).main.one("input", name=f"fate_{cycle.second.pk}", value="going_on")
    assert "checked" in checked.attributes
    cycle.check_in.refresh_from_db()
    assert cycle.check_in.is_open
    assert states(cycle) == ["open", "open"]


def test_asked_is_about_open_and_kept_ones_of_the_own_city_alone():
    cycle = asked()
    keep_commitment(commitment=cycle.first, by=cycle.person("contact"))
    drop_commitment(commitment=cycle.second, note="kein Geld", by=cycle.person("contact"))
    CommitmentFactory(tandem=cycle.tandem, municipality=cycle.arezzo, text="Von Arezzo")
    CommitmentFactory(municipality=cycle.hamm, text="Aus einer anderen Partnerschaft")

    form = Client().get(link(cycle)).context["form"]

    assert [name for name in form.fields if name.startswith("fate_")] == [f"fate_{cycle.first.pk}"]


def test_what_was_kept_and_has_ended_since_is_said_by_the_answer_alone():
    cycle = asked()
    keep_commitment(commitment=cycle.first, by=cycle.person("contact"))

    say(cycle, "dropped", "nicht mehr gepflegt")

    assert states(cycle) == ["kept", "open"]
    assert cycle.check_in.answers.get(commitment=cycle.first).note == "nicht mehr gepflegt"


def test_answer_is_corrected_with_what_it_had_settled():
    cycle = asked()
    say(cycle, "kept", "steht online")
    first = CheckIn.objects.get().answered_at

    for fate, note, state in [
        ("dropped", "doch nicht", "dropped"),
        ("going_on", "", "open"),
        ("kept", "jetzt ja", "kept"),
        ("kept", "jetzt ja, wirklich", "kept"),
    ]:
        say(cycle, fate, note, by="deputy")
        assert states(cycle) == [state, "open"]
        cycle.first.refresh_from_db()
        assert cycle.first.reason == note
        assert (cycle.first.settled_at is None) is (state == "open")
    row = CheckIn.objects.get()
    assert (row.answered_at, row.answered_by) == (first, cycle.people["deputy"])
    assert history(row) == [
        ("answer", "asked", "answered"),
        *[("answer", "answered", "corrected")] * 4,
    ]
    notes = StatusChange.objects.of(row).values_list("note", flat=True)
    assert any("steht online" in note for note in notes)
    assert row.answers.count() == 2


def test_same_said_again_changes_nothing():
    cycle = asked()
    say(cycle)
    TandemNotice.objects.all().delete()

    say(cycle)

    assert len(history(cycle.check_in)) == 1
    assert not TandemNotice.objects.exists()


def test_late_answer_takes_the_place_of_silence_and_both_moments_stay():
    cycle = asked(answer_by=timezone.localdate() - DAY)
    record_silence()

    assert "this is recorded" in read(Client().get(link(cycle))).main.text
    with time_machine.travel(timezone.now() + 9 * DAY, tick=False):
        assert Client().post(link(cycle), typed(cycle)).status_code == 302

    cycle.check_in.refresh_from_db()
    assert cycle.check_in.answered_at
    assert cycle.check_in.silent_at is None
    assert history(cycle.check_in) == [
        ("answer", "asked", "silent"),
        ("answer", "silent", "answered"),
    ]


def test_partnership_and_team_are_told_and_who_answered_is_not():
    cycle = asked()

    say(cycle)

    told = TandemNotice.objects.filter(event="check_in_answered", facts__city_de="Hamm")
    people = {row.user_id for row in told}
    names = ("deputy", "partner", "coordinator")
    assert {cycle.people[name].pk for name in names} <= people
    assert cycle.people["contact"].pk not in people


@pytest.mark.parametrize("who", ["partner", "coordinator", "nobody"])
def test_nobody_answers_for_another_city(who):
    cycle = asked()

    with pytest.raises(PermissionDenied):
        say(cycle, by=who)


@pytest.mark.parametrize(
    "said",
    [
        {"fates": {}},
        {"cooperation": ""},
        {"cooperation": "x"},
        {"first": ("lost", "")},
        {"first": ("dropped", "")},
    ],
)
def test_action_refuses_half_an_answer(said):
    cycle = asked()
    fates = {cycle.first.pk: said.pop("first", ("kept", "")), cycle.second.pk: ("kept", "")}
    whole = {"cooperation": "on", "fates": fates, **said}

    with pytest.raises(ValidationError):
        answer_check_in(
            check_in=cycle.check_in, said=Said(**whole), opened={}, by=cycle.person("contact")
        )

    assert states(cycle) == ["open", "open"]
    assert not CheckInAnswer.objects.exists()


def test_answers_and_silence_stand_in_the_internal_area():
    cycle = asked()
    silent = CheckInFactory(
        tandem=cycle.tandem,
        municipality=cycle.arezzo,
        answer_by=timezone.localdate() - DAY,
    )
    url = reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")
    waiting = read(cycle.client("partner").get(url)).main.section("After the end").text
    assert "can answer until" in waiting
    say(cycle, "dropped", "kein Geld", note="Wir telefonieren.")
    record_silence()

    for who in ("contact", "partner", "coordinator"):
        section = read(cycle.client(who).get(url)).main.section("After the end")
        assert section.texts("h3") == [
            "Hamm, 6 months after the end",
            "Arezzo, 6 months after the end",
        ]
        for words in ("We still work together.", "Wir telefonieren.", "kein Geld", "no answer"):
            assert words in section.text
        assert cycle.people["contact"].name not in section.text
    assert CheckIn.objects.get(pk=silent.pk).silent_at


def page_of(cycle):
    return reverse("workspace:commitments", args=[cycle.tandem.slug]).replace("/de/", "/en/")


def answer_links(cycle, who):
    section = read(cycle.client(who).get(page_of(cycle))).main.section("After the end")
    return [path for path in section.hrefs() if "/check-in/" in path]


def test_officer_answers_from_the_internal_area_without_any_mail():
    cycle = asked()
    CheckInFactory(tandem=cycle.tandem, municipality=cycle.arezzo)
    person = cycle.people["contact"]
    RoleAssignment.objects.filter(user=person).update(until=timezone.localdate() - DAY)
    cycle.people["contact"] = make_user("contact", cycle.hamm)

    (url,) = answer_links(cycle, "contact")
    assert Client().post(url, typed(cycle)).status_code == 302

    cycle.check_in.refresh_from_db()
    assert cycle.check_in.answered_by == cycle.people["contact"]
    for who, number in (("deputy", 1), ("partner", 1), ("colleague", 0), ("coordinator", 0)):
        assert len(answer_links(cycle, who)) == number


def test_officer_of_a_city_that_left_with_the_end_answers_from_the_internal_area_too():
    cycle = asked()
    ended_on = cycle.tandem.ended_on
    for city in (cycle.hamm, cycle.arezzo):
        row = member_of(cycle, city)
        row.left_on = ended_on
        row.save()
    CheckInFactory(tandem=cycle.tandem, municipality=cycle.arezzo, note="GEHEIM")

    section = read(cycle.client("contact").get(page_of(cycle))).main.section("After the end")

    assert section.texts("h3") == ["Hamm, 6 months after the end"]
    assert len(answer_links(cycle, "contact")) == 1


def test_link_out_of_a_mail_ends_a_year_after_the_answer_was_due():
    cycle = asked(answer_by=dt.date(2027, 2, 28))
    with time_machine.travel(dt.datetime(2027, 2, 1, 12, tzinfo=dt.UTC), tick=False):
        url = link(cycle)
    assert cycle.check_in.link_until == dt.date(2028, 2, 28)

    with time_machine.travel(dt.datetime(2028, 2, 28, 12, tzinfo=dt.UTC), tick=False):
        assert Client().get(url).status_code == 200
    with time_machine.travel(dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC), tick=False):
        for response in (Client().get(url), Client().post(url, typed(cycle))):
            assert response.status_code == 410
            main = read(response).main
            assert "This link worked until 28 February 2028." in main.text
            assert any(href.endswith("/workspace/commitments/#after") for href in main.hrefs())
        assert not CheckInAnswer.objects.exists()
        # Who is signed in gets a new one, for now.
        (fresh,) = answer_links(cycle, "contact")
        assert Client().post(fresh, typed(cycle)).status_code == 302
    with time_machine.travel(dt.datetime(2028, 3, 2, 12, tzinfo=dt.UTC), tick=False):
        assert Client().get(fresh).status_code == 410


def test_link_about_an_earlier_end_is_over_and_the_page_says_so():
    cycle = asked()
    url = link(cycle)
    Tandem.objects.filter(pk=cycle.tandem.pk).update(ended_on=timezone.localdate() - 9 * DAY)

    assert Client().get(url).status_code == 410
    section = read(cycle.client("contact").get(page_of(cycle))).main.section("After the end")
    assert "Afterwards the partnership went on." in section.text
    assert "can answer until" not in section.text
    assert answer_links(cycle, "contact") == []


def test_city_that_left_reads_nothing_of_what_came_later():
    cycle = asked()
    row = member_of(cycle, cycle.arezzo)
    row.left_on = timezone.localdate() - DAY
    row.save()
    say(cycle, note="GEHEIM")
    url = reverse("workspace:commitments", args=[cycle.tandem.slug])

    assert "GEHEIM" not in read(cycle.client("partner").get(url)).main.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_is_whole_in_both_languages(language):
    cycle = asked()
    url = link(cycle).replace("/en/", f"/{language}/", 1)

    for response in (Client().get(url), Client().get(f"/{language}/meetings/check-in/x/")):
        document = read(response)
        assert (document.faults, document.language) == ([], language)


def on_the_page(cycle, who, **fields):
    """Return what a person sends who has the form open now, with the answers in ``fields``."""
    form = read(Client().get(link(cycle, who))).main
    return typed(cycle, marks=form.one("input", name="marks")["value"], **fields)


def test_deputy_does_not_overwrite_the_answer_of_the_contact_unseen():
    cycle = asked()
    late = on_the_page(
        cycle,
        "deputy",
        **{f"fate_{cycle.first.pk}": "dropped", f"note_{cycle.first.pk}": "kein Geld"},
        note="Nichts ist geblieben.",
        may_publish="on",
    )
    say(cycle, "kept", "steht online", note="Wir telefonieren.")

    response = Client().post(link(cycle, "deputy"), late)

    assert response.status_code == 409
    main = read(response).main
    conflict = main.one("section", role="alert")
    for words in ("kein Geld", "steht online", "Nichts ist geblieben.", "Wir telefonieren."):
        assert words in conflict.text
    assert "Do the cities still work together?" in conflict.text
    assert main.one("textarea", name="note").text == "Nichts ist geblieben."
    assert states(cycle) == ["kept", "open"]
    assert history(cycle.check_in) == [("answer", "asked", "answered")]

    # Now both have been seen, and what is sent again counts.
    again = {**late, "marks": main.one("input", name="marks")["value"]}
    assert Client().post(link(cycle, "deputy"), again).status_code == 302
    assert states(cycle) == ["dropped", "open"]
    assert history(cycle.check_in)[1:] == [("answer", "answered", "corrected")]


def test_what_two_people_correct_in_different_places_is_kept_of_both():
    cycle = asked()
    say(cycle, note="Wir telefonieren.")
    said = {"cooperation": "on", f"note_{cycle.first.pk}": "", "note": "Wir telefonieren."}
    late = on_the_page(cycle, "deputy", **{**said, "cooperation": "over"})
    say(cycle, note="Wir treffen uns.")

    assert Client().post(link(cycle, "deputy"), late).status_code == 302

    cycle.check_in.refresh_from_db()
    assert (cycle.check_in.cooperation, cycle.check_in.note) == ("over", "Wir treffen uns.")


def test_commitment_that_was_added_meanwhile_does_not_stand_in_the_way():
    cycle = asked()
    data = on_the_page(cycle, "contact")
    third = CommitmentFactory(tandem=cycle.tandem, municipality=cycle.hamm, text="Neu")

    refused = Client().post(link(cycle), data)
    marks = read(refused).main.one("input", name="marks")["value"]
    whole = {**data, f"fate_{third.pk}": "kept", "marks": marks}

    assert list(refused.context["form"].errors) == [f"fate_{third.pk}"]
    assert Client().post(link(cycle), whole).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_contact_and_deputy_answer_at_once_and_the_later_one_sees_both():
    cycle = asked()
    opened = shown(cycle)

    first, second = act_at_once(
        lambda: say(cycle, "kept", opened=opened),
        lambda: say(cycle, "dropped", "kein Geld", by="deputy", opened=opened),
    )

    assert first.conflicts == {}
    assert second.conflicts == {f"fate_{cycle.first.pk}": ["kept", ""]}
    assert states(cycle) == ["kept", "open"]
    assert len(history(cycle.check_in)) == 1


@pytest.mark.django_db(transaction=True)
def test_commitment_is_settled_while_the_city_answers():
    cycle = asked()
    contact = cycle.person("contact")

    results = act_at_once(
        lambda: drop_commitment(commitment=cycle.first, note="kein Geld", by=contact),
        lambda: say(cycle, "kept", by="deputy"),
    )

    assert [type(one) for one in results] == [Commitment, SavedAnswer]
    # What was settled in the internal area stays; what the answer says stands beside it.
    assert states(cycle) == ["dropped", "open"]
    assert cycle.check_in.answers.get(commitment=cycle.first).fate == "kept"


@pytest.mark.django_db(transaction=True)
def test_answer_comes_while_silence_is_recorded():
    cycle = asked(answer_by=timezone.localdate() - DAY)

    results = act_at_once(lambda: say(cycle), record_silence)

    assert (type(results[0]), results[1]) == (SavedAnswer, 0)
    assert CheckIn.objects.get().silent_at is None


def test_stranger_with_an_account_has_no_way_in():
    cycle = asked()
    other = make_user("contact")
    with translation.override("en"):
        url = check_in_link(cycle.check_in, other)

    assert Client().get(url).status_code == 410
