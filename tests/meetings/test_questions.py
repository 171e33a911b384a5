"""Guiding questions: what a city asks, who speaks for it, two who write at once."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import translation

from core.models import StatusChange
from meetings.actions.questions import QuestionsContent, ask_questions
from meetings.models import GuidingQuestion, Meeting
from tandems.models import TandemNotice
from tests.cycle import GuidingQuestionFactory, make_cycle, plan_for
from tests.factories import (
    AgendaItemFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    make_user,
)
from tests.races import act_at_once
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db


def url(cycle, city=None):
    name, args = ("questions-edit", [city.pk]) if city else ("questions", [])
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk, *args])


def shown(client, address):
    response = client.get(address)
    assert response.status_code == 200
    page = read(response)
    assert page.faults == []
    return page


def form_of(client, address):
    values = shown(client, address).main.one("form", class_="form").values()
    return {name: value[0] for name, value in values.items() if name != "csrfmiddlewaretoken"}


def stored(cycle, city):
    rows = GuidingQuestion.objects.filter(meeting=cycle.meeting, municipality=city)
    return QuestionsContent.of(rows)


def ask(cycle, city, by, opened=None, **values):
    before = stored(cycle, city)
    return ask_questions(
        meeting=cycle.meeting,
        municipality=city,
        content=QuestionsContent({**before.values, **values}),
        opened=opened or before.marks,
        by=by,
    )


def test_page_shows_each_city_with_its_questions_or_that_it_can_ask():
    cycle = make_cycle()
    GuidingQuestionFactory(
        meeting=cycle.meeting, municipality=cycle.arezzo, decision_en="Who pays for them"
    )

    page = shown(cycle.client("contact"), url(cycle))

    assert "No questions yet: Hamm can ask up to three." in page.main.section("Hamm").text
    arezzo = page.main.section("Arezzo").text
    assert "Who looks after the sensors?" in arezzo
    assert "What depends on it: Who pays for them" in arezzo
    # The own city stands first, and only it can be written.
    assert page.main.texts("h2", class_="head") == ["Hamm", "Arezzo"]
    links = [
        link for link in page.main.hrefs() if link.endswith(("questions/", f"{cycle.hamm.pk}/"))
    ]
    assert url(cycle, cycle.hamm) in links
    assert url(cycle, cycle.arezzo) not in page.main.hrefs()


def test_question_in_the_other_language_is_marked_as_such():
    cycle = make_cycle()
    GuidingQuestionFactory(
        meeting=cycle.meeting, municipality=cycle.hamm, text_de="Wer pflegt sie?", text_en=""
    )

    page = shown(cycle.client("contact"), url(cycle))

    assert page.main.languages_of("Wer pflegt sie?") == {"de"}


@pytest.mark.parametrize("who", ["contact", "deputy", "colleague", "coordinator", "bbsr"])
def test_who_speaks_for_the_city_asks_and_the_team_does_so_on_its_behalf(who):
    cycle = make_cycle()
    client = cycle.client(who)
    data = form_of(client, url(cycle, cycle.hamm))
    data |= {"text_en_1": "Who pays?", "text_de_3": "Wer pflegt?", "decision_de_3": "Haushalt"}

    response = client.post(url(cycle, cycle.hamm), data)

    assert response.url == url(cycle)
    rows = GuidingQuestion.objects.order_by("position")
    assert [(row.position, row.text_de, row.text_en, row.decision_de) for row in rows] == [
        (1, "", "Who pays?", ""),
        (3, "Wer pflegt?", "", "Haushalt"),
    ]
    change = StatusChange.objects.of(cycle.meeting).get()
    assert (change.field, change.new, change.note) == ("questions", "added", "Hamm")
    assert change.changed_by == cycle.people[who]


def test_team_reads_that_it_writes_on_behalf_of_the_city():
    cycle = make_cycle()
    words = "You are writing on behalf of Hamm."

    assert words in shown(cycle.client("coordinator"), url(cycle, cycle.hamm)).main.text
    assert words not in shown(cycle.client("contact"), url(cycle, cycle.hamm)).main.text


def test_nobody_asks_in_the_name_of_the_partner():
    cycle = make_cycle()

    response = cycle.client("partner").post(url(cycle, cycle.hamm), {"text_de_1": "Wer?"})

    assert response.status_code == 403
    with pytest.raises(PermissionDenied):
        ask(cycle, cycle.hamm, cycle.person("partner"), text_de_1="Wer?")
    assert not GuidingQuestion.objects.exists()


@pytest.mark.parametrize(
    ("who", "status", "edits"),
    [
        ("colleague", 200, 200),
        ("partner", 200, 403),
        ("coordinator", 200, 200),
        ("guest", 200, 403),
        ("neighbour", 404, 404),
        ("reviewer", 404, 404),
        ("observer", 404, 404),
        ("nobody", 404, 404),
        ("visitor", 302, 302),
    ],
)
def test_who_opens_the_pages(who, status, edits):
    cycle = make_cycle()
    place = MunicipalityFactory()
    MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
    cycle.people["guest"] = make_user("contact", place)
    client = cycle.client(who)

    assert client.get(url(cycle)).status_code == status
    assert client.get(url(cycle, cycle.hamm)).status_code == edits


def test_city_that_does_not_take_part_has_no_form_and_no_questions():
    cycle = make_cycle()
    outside = MunicipalityFactory()

    assert cycle.client("bbsr").get(url(cycle, outside)).status_code == 404
    with pytest.raises(ValidationError):
        ask(cycle, outside, cycle.person("bbsr"), text_de_1="Wer?")


def test_wrong_methods_are_refused():
    cycle = make_cycle()
    client = cycle.client("contact")

    assert client.post(url(cycle)).status_code == 405
    assert client.put(url(cycle, cycle.hamm)).status_code == 405


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"decision_en_2": "Who pays"}, "Write the question too, in German or in English."),
        ({"text_en_1": "x" * 301}, "301"),
    ],
)
def test_bad_input_is_told_at_its_field_and_everything_stays(wrong, words):
    cycle = make_cycle()
    data = {"text_de_1": "Wer pflegt?", **wrong}

    page = read(cycle.client("contact").post(url(cycle, cycle.hamm), data))

    assert words in page.main.one("div", class_="form-errors").text
    assert page.main.one("form", class_="form").values()["text_de_1"] == ["Wer pflegt?"]
    assert not GuidingQuestion.objects.exists()


def test_decision_alone_is_refused_by_the_action_too():
    cycle = make_cycle()

    with pytest.raises(ValidationError) as refusal:
        ask(cycle, cycle.hamm, cycle.person("contact"), decision_en_2="Who pays")

    assert set(refusal.value.error_dict) == {"text_de_2"}


def test_emptied_question_goes_and_its_agenda_item_stays_without_it():
    cycle = make_cycle()
    question = GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    row = AgendaItemFactory(meeting=cycle.meeting, question=question)
    client = cycle.client("contact")
    data = form_of(client, url(cycle, cycle.hamm)) | {"text_de_1": "", "text_en_1": ""}

    client.post(url(cycle, cycle.hamm), data)

    row.refresh_from_db()
    assert row.question is None
    assert not GuidingQuestion.objects.exists()
    assert StatusChange.objects.of(cycle.meeting).get().new == "removed"


def test_two_who_write_the_same_see_both_texts_and_nothing_is_lost():
    cycle = make_cycle()
    one, two = cycle.client("contact"), cycle.client("colleague")
    address = url(cycle, cycle.hamm)
    mine, theirs = form_of(one, address), form_of(two, address)
    two.post(address, theirs | {"text_en_1": "Who pays?", "text_en_2": "And how long?"})

    response = one.post(address, mine | {"text_en_1": "Who repairs?"})

    assert response.status_code == 409
    page = read(response)
    conflict = page.main.one("section", class_="conflict").text
    assert "Question 1: Question in English" in conflict
    assert "Who pays?" in conflict
    form = page.main.one("form", class_="form").values()
    assert form["text_en_1"] == ["Who repairs?"]
    # The button takes the other text over without saving.
    again = {name: value[0] for name, value in form.items()}
    used = read(one.post(address, again | {"use": "text_en_1"}))
    assert used.main.one("form", class_="form").values()["text_en_1"] == ["Who pays?"]
    # What is saved now counts, and what only the other one wrote stays.
    assert one.post(address, again).status_code == 302
    texts = GuidingQuestion.objects.order_by("position").values_list("text_en", flat=True)
    assert list(texts) == ["Who repairs?", "And how long?"]


def test_decision_written_about_a_question_that_somebody_removed_shows_both():
    cycle = make_cycle()
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    opened = stored(cycle, cycle.hamm)
    ask(cycle, cycle.hamm, cycle.person("contact"), text_de_1="", text_en_1="")

    saved = ask_questions(
        meeting=cycle.meeting,
        municipality=cycle.hamm,
        content=QuestionsContent({**opened.values, "decision_en_1": "Who pays"}),
        opened=opened.marks,
        by=cycle.person("colleague"),
    )

    assert set(saved.conflicts) == {"text_de_1", "text_en_1", "decision_en_1"}
    assert not GuidingQuestion.objects.exists()


def test_first_questions_are_told_to_the_partnership_and_later_ones_are_not():
    cycle = make_cycle()
    by = cycle.person("contact")

    ask(cycle, cycle.hamm, by, text_en_1="Who pays?")
    ask(cycle, cycle.hamm, by, text_en_2="How long?")

    notices = TandemNotice.objects.filter(event="questions_asked")
    assert set(notices.values_list("user", flat=True)) == {
        cycle.people[name].pk
        for name in ("deputy", "colleague", "partner", "partner deputy", "partner colleague")
    }
    assert {notice.facts["city_en"] for notice in notices} == {"Hamm"}


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_after_the_meeting_the_questions_stay_and_the_form_says_why(status):
    cycle = make_cycle()
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    Meeting.objects.filter(pk=cycle.meeting.pk).update(status=status)
    client = cycle.client("contact")

    page = shown(client, url(cycle))
    # Who asked nothing is no longer invited to ask.
    assert page.main.texts("h2", class_="head") == ["Hamm"]
    assert url(cycle, cycle.hamm) not in page.main.hrefs()
    opened = client.get(url(cycle, cycle.hamm))
    sent = client.post(url(cycle, cycle.hamm), {"text_en_2": "Too late?"})

    told = [str(message) for message in get_messages(opened.wsgi_request)]
    assert "stay as they were" in told[-1]
    assert "stay as they were" in read(sent).main.one("div", class_="form-errors").text
    assert read(sent).main.one("form", class_="form").values()["text_en_2"] == ["Too late?"]
    assert GuidingQuestion.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3, 20])
def test_list_of_many_cities_takes_as_many_queries_as_one(count, django_assert_num_queries):
    cycle = make_cycle()
    cycle.meeting = plan_for(None)
    for _number in range(count):
        member = TandemMemberFactory(tandem=TandemFactory(status="active"))
        GuidingQuestionFactory(meeting=cycle.meeting, municipality=member.municipality)
    client = cycle.client("contact")
    client.get(url(cycle))

    with django_assert_num_queries(8):
        page = read(client.get(url(cycle)))
    assert len(page.main.all("h2", class_="head")) == count + 3


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_lose_nothing():
    cycle = make_cycle()
    one, two = cycle.person("contact"), cycle.person("colleague")
    opened = stored(cycle, cycle.hamm)

    def save(by, text):
        return lambda: ask(cycle, cycle.hamm, by, opened=opened.marks, text_en_1=text)

    first, second = act_at_once(save(one, "Who pays?"), save(two, "Who repairs?"))

    assert (first.changed, second.changed) == (True, False)
    assert second.conflicts == {"text_en_1": "Who pays?"}
