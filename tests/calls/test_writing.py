"""Applications while they are written: begun, saved by several people, taken over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import RoleAssignment, User
from calls import actions
from calls.content import mark_of, marks_of, merge, topic_field, values_of
from calls.enums import ApplicationState, Step
from calls.models import Application, ApplicationTopic
from core.models import StatusChange
from tests.applications import (
    LONG,
    editor_of,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
    save,
)
from tests.factories import (
    MunicipalityFactory,
    OrganisationFactory,
    PopulationFigureFactory,
    RoleAssignmentFactory,
    TopicFactory,
    make_ready_call,
    make_user,
)
from tests.races import act_at_once

pytestmark = pytest.mark.django_db


def test_whoever_begins_is_its_editor_and_contact():
    person = make_user()
    person.name = "Anke Ruland"
    person.save()

    application = make_draft(by=person, name="Wörkheim")

    assert (application.state, application.place_name) == (ApplicationState.DRAFT, "Wörkheim")
    assert (application.contact_name, application.contact_email) == ("Anke Ruland", person.email)
    assert editor_of(application) == person
    note = StatusChange.objects.of(application).get()
    assert (note.old, note.new, note.changed_by) == ("", "draft", person)


def test_municipality_of_the_register_brings_along_what_is_known():
    place = MunicipalityFactory(
        local_name="Krefeld", country="DE", region_de="Nordrhein-Westfalen", languages=["de"]
    )
    for value, day in ((228_000, dt.date(2023, 12, 31)), (222_000, dt.date(2011, 5, 9))):
        PopulationFigureFactory(municipality=place, value=value, earliest=day, latest=day)

    application = actions.begin_application(
        call=make_open_call(), municipality=place, by=make_user()
    )

    assert (application.place_name, application.place_country) == ("Krefeld", "DE")
    assert application.place_region == "Nordrhein-Westfalen"
    assert application.place_population == 228_000
    assert application.working_languages == ["de"]


@pytest.mark.parametrize("role", ["contact", "deputy"])
def test_officers_begin_for_their_municipality_and_their_colleagues_edit_by_role(role):
    place = MunicipalityFactory()
    officer, other = make_user(role, place), make_user("deputy", place)

    application = actions.begin_application(call=make_open_call(), municipality=place, by=officer)
    save(application, Step.CHALLENGE, other, challenge="Hitze")

    assert Application.objects.get().challenge == "Hitze"


def test_whoever_writes_by_a_role_stops_and_a_successor_goes_on_with_the_role():
    place = MunicipalityFactory()
    officer = make_user("contact", place)
    application = actions.begin_application(call=make_open_call(), municipality=place, by=officer)
    assert not application.editors.exists()

    RoleAssignment.objects.filter(user=officer).update(
        until=timezone.localdate() - dt.timedelta(days=1)
    )
    successor = make_user("contact", place)
    save(application, Step.CHALLENGE, successor, challenge="Hitze")

    with pytest.raises(PermissionDenied):
        save(application, Step.CHALLENGE, User.objects.get(pk=officer.pk), challenge="noch")


def test_nobody_else_begins_for_a_municipality_that_has_officers():
    place = MunicipalityFactory()
    RoleAssignmentFactory(role="contact", municipality=place)

    for stranger in (make_user(), make_user("contact"), make_user("colleague", place)):
        with pytest.raises(PermissionDenied):
            actions.begin_application(call=make_open_call(), municipality=place, by=stranger)


@pytest.mark.parametrize("role", ["reviewer", "coordinator", "bbsr", "observer"])
def test_whoever_works_for_the_programme_cannot_apply(role):
    with pytest.raises(PermissionDenied):
        make_draft(by=make_user(role))


@pytest.mark.parametrize(
    ("name", "country"),
    [("WÖRKHEIM", "DE"), ("Workheim", "DE"), (" wörkheim  ", "DE")],
)
def test_municipality_applies_once_however_it_is_spelt(name, country):
    call = make_open_call()
    make_draft(call, name="Wörkheim")

    with pytest.raises(ValidationError, match="schon eine Bewerbung"):
        actions.begin_application(call=call, name=name, country=country, by=make_user())
    other = actions.begin_application(call=call, name=name, country="AT", by=make_user())

    assert other.place_country == "AT"


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_make_one_application():
    call, people = make_open_call(), [make_user(), make_user()]

    first, second = act_at_once(
        lambda: make_draft(call, people[0], "Wörkheim"),
        lambda: make_draft(call, people[1], "Wörkheim"),
    )

    assert isinstance(first, Application)
    assert isinstance(second, ValidationError)
    assert Application.objects.count() == 1


def test_one_person_begins_three_at_most():
    call, person = make_open_call(), make_user()
    drafts = [make_draft(call, person) for _number in range(3)]

    with pytest.raises(ValidationError, match="3 Bewerbungen begonnen"):
        make_draft(call, person)
    actions.withdraw_application(application=drafts[0], by=person)

    assert make_draft(call, person).state == ApplicationState.DRAFT


@pytest.mark.parametrize("state", ["draft", "closed", "in_review", "decided", "archived"])
def test_call_that_is_not_open_takes_none(state):
    with pytest.raises(ValidationError):
        make_draft(make_ready_call(state=state))


def test_step_saves_what_was_typed_and_notes_who_and_when(time_machine):
    application = make_draft()
    person = editor_of(application)
    moment = timezone.now() + dt.timedelta(minutes=5)
    time_machine.move_to(moment, tick=False)

    saved = save(application, Step.CHALLENGE, person, challenge="Hitze", to_learn="Schatten")

    fresh = Application.objects.get()
    assert saved.conflicts == {}
    assert (fresh.challenge, fresh.to_learn, fresh.changed_at) == ("Hitze", "Schatten", moment)
    note = fresh.saves.get()
    assert (note.step, note.saved_by, note.saved_at) == (Step.CHALLENGE, person, moment)


def test_step_takes_no_field_of_another_step_and_none_of_the_model():
    application = make_draft()

    save(
        application,
        Step.CHALLENGE,
        editor_of(application),
        challenge="Hitze",
        sponsor="Rat",
        state="submitted",
        reference="1",
        completeness=100,
    )

    fresh = Application.objects.get()
    assert (fresh.challenge, fresh.sponsor) == ("Hitze", "")
    assert (fresh.state, fresh.reference) == (ApplicationState.DRAFT, "")
    assert fresh.completeness < 50


def test_two_editors_of_different_fields_keep_both_changes():
    application = make_draft()
    person, colleague = editor_of(application), make_user()
    application.editors.create(user=colleague, email=colleague.email, joined_at=timezone.now())
    opened = marks_of(values_of(application, Step.CHALLENGE))
    base = {"challenge": "", "to_learn": "", "to_offer": ""}

    for by, name, text in ((person, "challenge", "Hitze"), (colleague, "to_offer", "Daten")):
        saved = actions.save_step(
            application=application,
            step=Step.CHALLENGE,
            values={**base, name: text},
            opened_with=opened,
            by=by,
        )
        assert saved.conflicts == {}

    fresh = Application.objects.get()
    assert (fresh.challenge, fresh.to_offer) == ("Hitze", "Daten")


def test_second_editor_of_the_same_field_is_told_and_nothing_is_overwritten():
    application = make_draft()
    person, colleague = editor_of(application), make_user()
    application.editors.create(user=colleague, email=colleague.email, joined_at=timezone.now())
    opened = marks_of(values_of(application, Step.CHALLENGE))
    save(application, Step.CHALLENGE, person, challenge="Hitze in der Innenstadt")

    late = actions.save_step(
        application=application,
        step=Step.CHALLENGE,
        values={"challenge": "Starkregen", "to_learn": "Schwammstadt"},
        opened_with=opened,
        by=colleague,
    )

    assert late.conflicts == {"challenge": "Hitze in der Innenstadt"}
    assert late.saved_by == person
    fresh = Application.objects.get()
    assert (fresh.challenge, fresh.to_learn) == ("Hitze in der Innenstadt", "Schwammstadt")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_the_same_field_at_once_one_is_told():
    application = make_draft()
    person = editor_of(application)
    opened = marks_of(values_of(application, Step.CHALLENGE))

    def typed(text):
        return lambda: actions.save_step(
            application=application,
            step=Step.CHALLENGE,
            values={"challenge": text},
            opened_with=opened,
            by=person,
        )

    first, second = act_at_once(typed("Hitze"), typed("Starkregen"))

    assert (first.conflicts, second.conflicts) == ({}, {"challenge": "Hitze"})
    assert Application.objects.get().challenge == "Hitze"


@pytest.mark.parametrize(
    ("stored", "typed", "opened", "write", "conflicts"),
    [
        ("a", "b", "a", {"x": "b"}, {}),
        ("a", "a", "b", {}, {}),
        ("b", "a", "a", {}, {}),
        ("b", "c", "a", {}, {"x": "b"}),
        ("", "c", "a", {}, {"x": ""}),
        (None, "", "", {}, {}),
        (["de"], ["de", "en"], ["de"], {"x": ["de", "en"]}, {}),
        (True, False, True, {"x": False}, {}),
    ],
)
def test_merge_takes_what_one_side_changed_and_reports_what_both_did(
    stored, typed, opened, write, conflicts
):
    assert merge({"x": stored}, {"x": typed}, {"x": mark_of(opened)}) == (write, conflicts)


def test_form_without_marks_overwrites_nothing():
    assert merge({"x": "a"}, {"x": "b"}, {}) == ({}, {"x": "a"})


def test_topic_row_goes_when_everything_in_it_is_taken_back():
    application = make_draft()
    person, topic = editor_of(application), application.call.topics.get()
    level, sentence = (topic_field("gives", topic, part) for part in ("level", "sentence"))

    save(application, Step.TOPICS, person, **{level: 2, sentence: "Sensoren"})
    assert ApplicationTopic.objects.get().sentence == "Sensoren"
    save(application, Step.TOPICS, person, **{level: None, sentence: ""})

    assert not ApplicationTopic.objects.exists()


def test_given_consent_keeps_its_words_and_goes_when_taken_back():
    application = make_draft()
    person, consent = editor_of(application), application.call.consents.get()

    save(application, Step.CONSENTS, person, **{f"consent-{consent.pk}": True})
    given = application.agreements.get()
    assert (given.text, given.language, given.given_by) == (consent.text_de, "de", person)
    save(application, Step.CONSENTS, person, **{f"consent-{consent.pk}": False})

    assert not application.agreements.exists()


@pytest.mark.parametrize("role", [None, "contact", "colleague", "coordinator", "bbsr", "reviewer"])
def test_strangers_and_the_programme_write_nothing(role):
    application = make_draft()

    with pytest.raises(PermissionDenied):
        save(application, Step.CHALLENGE, make_user(role), challenge="fremd")

    assert Application.objects.get().challenge == ""


def test_editor_who_begins_to_work_for_the_programme_no_longer_writes():
    application = make_draft()
    person = editor_of(application)
    team = OrganisationFactory(kind="project_team")
    RoleAssignmentFactory(user=person, role="reviewer", municipality=None, organisation=team)

    with pytest.raises(PermissionDenied):
        save(application, Step.CHALLENGE, User.objects.get(pk=person.pk), challenge="noch")


def test_sent_application_is_not_written_until_it_is_taken_up_again():
    application = make_submitted()
    person = editor_of(application)

    with pytest.raises(ValidationError) as refused:
        save(application, Step.CHALLENGE, person, challenge="neu")
    assert refused.value.code == "state"
    actions.reopen_application(application=application, by=person)
    save(application, Step.CHALLENGE, person, challenge=LONG * 5)

    assert Application.objects.get().challenge == LONG * 5


def test_renaming_into_another_application_is_refused():
    call, person = make_open_call(), make_user()
    make_draft(call, name="Wörkheim")
    application = make_draft(call, person, "Werkheim")

    with pytest.raises(ValidationError, match="schon eine Bewerbung"):
        save(application, Step.MUNICIPALITY, person, place_name="Wörkheim")
    assert Application.objects.get(pk=application.pk).place_name == "Werkheim"


def test_earlier_application_fills_what_is_empty_and_replaces_nothing():
    person, old_call = make_user(), make_open_call()
    earlier = make_complete(old_call, person, "Wörkheim")
    call = make_open_call()
    call.topics.set(old_call.topics.all())
    application = make_draft(call, person, "Wörkheim")
    save(application, Step.CHALLENGE, person, challenge="Neu geschrieben")

    actions.import_application(application=application, source=earlier, by=person)

    fresh = Application.objects.get(pk=application.pk)
    assert (fresh.challenge, fresh.to_learn) == ("Neu geschrieben", earlier.to_learn)
    assert fresh.topics.count() == 2
    assert not fresh.agreements.exists()
    assert not fresh.answers.exists()


def test_topics_that_the_call_does_not_offer_stay_behind():
    person = make_user()
    earlier = make_complete(make_open_call(), person, "Wörkheim")
    call = make_open_call()
    call.topics.set([TopicFactory()])
    application = make_draft(call, person, "Wörkheim")

    actions.import_application(application=application, source=earlier, by=person)

    assert not application.topics.exists()


def test_nothing_is_taken_over_from_another_city_or_by_a_stranger():
    person = make_user()
    application = make_draft(by=person, name="Wörkheim")
    foreign = make_complete(by=person, name="Anderstadt")
    strange = make_complete(name="Wörkheim")

    with pytest.raises(ValidationError, match="derselben Kommune"):
        actions.import_application(application=application, source=foreign, by=person)
    with pytest.raises(PermissionDenied):
        actions.import_application(application=application, source=strange, by=person)


def test_complete_application_lacks_nothing():
    assert make_complete().completeness == 100
