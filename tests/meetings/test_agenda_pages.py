"""The pages of an agenda: the timetable, and who may change it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone, translation

from meetings.models import AgendaItem, Meeting
from tests.cycle import GuidingQuestionFactory, make_cycle
from tests.factories import AgendaItemFactory, CommitmentFactory, MunicipalityFactory, make_user
from tests.reading import read
from tests.workspace import MeetingGuestFactory

pytestmark = pytest.mark.django_db
NEW = {"text_de": "Rundgang", "text_en": "Tour", "minutes": "30", "lead": "", "language": ""}


def url(name, cycle, *args):
    with translation.override("en"):
        return reverse(f"meeting:{name}", args=[cycle.meeting.pk, *args])


def item(cycle, number, text, **fields):
    texts = {"text_de": text, "text_en": text}
    return AgendaItemFactory(meeting=cycle.meeting, position=number, **texts, **fields)


def agenda(cycle):
    rows = AgendaItem.objects.filter(meeting=cycle.meeting).order_by("position")
    return list(rows.values_list("text_en", flat=True))


def shown(client, address):
    response = client.get(address)
    assert response.status_code == 200
    page = read(response)
    assert page.faults == []
    return page


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def close(cycle, status):
    Meeting.objects.filter(pk=cycle.meeting.pk).update(status=status)


def clock(cycle, first, last):
    start = cycle.meeting.local_start
    spans = [start + dt.timedelta(minutes=minutes) for minutes in (first, last)]
    return "–".join(f"{moment:%H:%M}" for moment in spans)


def test_page_shows_when_each_item_begins_and_what_is_left():
    cycle = make_cycle()
    asked = GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.arezzo, text_en="And then?")
    item(cycle, 0, "Arrival", minutes=15)
    item(cycle, 1, "Sensors", minutes=45, lead=cycle.arezzo, language="en", question=asked)

    page = shown(cycle.client("contact"), url("agenda", cycle))

    table = page.main.section("Timetable")
    times = table.texts("p", class_="entry__when")
    assert times[0].startswith(clock(cycle, 0, 15))
    assert times[1].startswith(clock(cycle, 15, 60))
    assert table.one("span", class_="status--time-free").text == "60 minutes free"
    assert "Led by Arezzo · English" in table.text
    assert "Answers a question of Hamm: Who looks after the sensors?" in table.text
    # People see which question has no time.
    rows = page.main.section("Time for the guiding questions").texts("li")
    assert {row.split("?")[0] for row in rows} == {
        "Hamm 45 minutes Who looks after the sensors",
        "Arezzo no time yet And then",
    }


def test_open_commitments_stand_first_without_anybody_adding_them():
    cycle = make_cycle()
    late = timezone.localdate() - dt.timedelta(days=3)
    CommitmentFactory(tandem=cycle.tandem, text="We send the guide.", due_on=late)
    CommitmentFactory(tandem=cycle.tandem, text="We answer.", meeting=cycle.meeting)
    CommitmentFactory(text="Somebody else's promise.")
    item(cycle, 0, "Arrival", minutes=15)

    page = shown(cycle.client("colleague"), url("agenda", cycle))

    first, second = page.main.section("Timetable").one("ol").all("li", class_="entry")
    assert "What became of our commitments" in first.text
    assert "We send the guide." in first.text
    assert "overdue" in first.text
    # Promised at this very meeting is not promised before it.
    assert "We answer." not in page.main.text
    assert "Somebody else" not in page.main.text
    assert clock(cycle, 5, 20) in second.text


def test_after_the_meeting_nothing_is_asked_about_any_more():
    cycle = make_cycle()
    CommitmentFactory(tandem=cycle.tandem)
    close(cycle, "held")

    page = shown(cycle.client("contact"), url("agenda", cycle))

    assert "What became of our commitments" not in page.main.text
    assert "The meeting has taken place" in page.main.text
    assert "Add an item" not in page.main.text


def test_guest_reads_when_commitments_are_asked_about_and_not_what_they_say():
    cycle = make_cycle()
    place = MunicipalityFactory()
    MeetingGuestFactory(meeting=cycle.meeting, municipality=place)
    cycle.people["guest"] = make_user("contact", place)
    CommitmentFactory(tandem=cycle.tandem, text="We send the guide.")
    row = item(cycle, 0, "Arrival", minutes=15)

    page = shown(cycle.client("guest"), url("agenda", cycle))

    assert "We send the guide." not in page.main.text
    assert clock(cycle, 5, 20) in page.main.text
    assert page.main.all("a", href=url("agenda-add", cycle)) == []
    assert page.main.all("button", class_="link") == []
    assert cycle.client("guest").get(url("agenda-item", cycle, row.pk)).status_code == 403


def test_empty_agenda_says_what_will_be_here_and_who_can_act():
    cycle = make_cycle()

    assert "Add the first item." in shown(cycle.client("contact"), url("agenda", cycle)).main.text


@pytest.mark.parametrize("who", ["contact", "deputy", "colleague", "partner", "coordinator"])
def test_who_takes_part_adds_an_item(who):
    cycle = make_cycle()
    client = cycle.client(who)
    form = shown(client, url("agenda-add", cycle)).main.one("form", class_="form")
    assert "day" not in form.values()

    response = client.post(url("agenda-add", cycle), NEW | {"lead": str(cycle.arezzo.pk)})

    row = AgendaItem.objects.get()
    assert response.url.endswith(f"/internal/agenda/#item-{row.pk}")
    assert (row.text_de, row.text_en, row.minutes, row.lead) == (
        "Rundgang",
        "Tour",
        30,
        cycle.arezzo,
    )


def test_second_click_is_told_that_the_item_is_there():
    cycle = make_cycle()
    client = cycle.client("contact")
    client.post(url("agenda-add", cycle), NEW)

    response = client.post(url("agenda-add", cycle), NEW)

    assert response.status_code == 302
    assert AgendaItem.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text_de": "", "text_en": ""}, "Write the item in German or in English."),
        ({"minutes": "0"}, "An item takes between one minute and a day."),
        ({"minutes": "1441"}, "An item takes between one minute and a day."),
        ({"minutes": "half an hour"}, "Enter a whole number."),
        ({"text_en": "x" * 301}, "301"),
        ({"lead": "999999"}, "Select a valid choice"),
        ({"language": "xx"}, "Select a valid choice"),
        ({"lead_note": "The museum", "lead": "hamm"}, "Leave this empty"),
    ],
)
def test_bad_input_is_told_at_its_field_and_everything_stays(wrong, words):
    cycle = make_cycle()
    data = NEW | wrong
    if data["lead"] == "hamm":
        data["lead"] = str(cycle.hamm.pk)

    response = cycle.client("contact").post(url("agenda-add", cycle), data)

    page = read(response)
    assert words in page.main.one("div", class_="form-errors").text
    assert page.main.one("form", class_="form").values()["text_de"] == [data["text_de"]]
    assert not AgendaItem.objects.exists()


def test_question_of_another_meeting_cannot_be_chosen():
    cycle = make_cycle()
    GuidingQuestionFactory(meeting=cycle.meeting, municipality=cycle.hamm)
    foreign = GuidingQuestionFactory(municipality=cycle.hamm)

    response = cycle.client("contact").post(
        url("agenda-add", cycle), NEW | {"question": str(foreign.pk)}
    )

    assert "Choose another one." in read(response).main.text


def test_day_is_asked_for_only_where_the_meeting_has_several():
    cycle = make_cycle()
    latest = cycle.meeting.latest + dt.timedelta(days=1)
    Meeting.objects.filter(pk=cycle.meeting.pk).update(
        latest=latest, ends_at=cycle.meeting.ends_at + dt.timedelta(days=1)
    )
    client = cycle.client("contact")

    client.post(url("agenda-add", cycle), NEW | {"day": "2"})
    refused = client.post(url("agenda-add", cycle), NEW | {"day": "3"})

    assert AgendaItem.objects.get().day == 2
    assert refused.status_code == 200


def test_two_editors_of_one_item_see_both_values():
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival", minutes=15)
    address = url("agenda-item", cycle, row.pk)
    mine = shown(cycle.client("contact"), address).main.one("form", class_="form").values()
    theirs = cycle.client("partner")
    opened = shown(theirs, address).main.one("form", class_="form").values()
    theirs.post(address, flat(opened) | {"minutes": "25"})

    client = cycle.client("contact")
    response = client.post(address, flat(mine) | {"minutes": "40", "text_en": "Welcome"})

    assert response.status_code == 409
    page = read(response)
    assert "25" in page.main.one("section", class_="conflict").text
    form = page.main.one("form", class_="form").values()
    assert (form["minutes"], form["text_en"]) == (["40"], ["Welcome"])
    # Saved again, the second editor's word counts.
    assert client.post(address, flat(form)).status_code == 302
    row.refresh_from_db()
    assert (row.minutes, row.text_en) == (40, "Welcome")


def flat(values):
    return {name: value[0] for name, value in values.items() if name != "csrfmiddlewaretoken"}


def test_two_editors_of_different_fields_both_count():
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival", minutes=15)
    address = url("agenda-item", cycle, row.pk)
    opened = flat(shown(cycle.client("contact"), address).main.one("form", class_="form").values())
    cycle.client("partner").post(address, opened | {"minutes": "25"})

    cycle.client("contact").post(address, opened | {"text_en": "Welcome"})

    row.refresh_from_db()
    assert (row.minutes, row.text_en) == (25, "Welcome")


def test_what_was_typed_into_a_removed_item_can_become_a_new_one():
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival", minutes=15)
    address = url("agenda-item", cycle, row.pk)
    row.delete()

    response = cycle.client("contact").post(address, NEW)

    assert response.status_code == 409
    form = read(response).main.one("form", class_="form")
    assert form["action"] == url("agenda-add", cycle)
    assert form.values()["text_en"] == ["Tour"]
    assert cycle.client("contact").get(address).status_code == 302


def test_item_moves_by_a_button_without_script():
    cycle = make_cycle()
    first, second = item(cycle, 0, "First"), item(cycle, 1, "Second")
    client = cycle.client("colleague")
    page = shown(client, url("agenda", cycle))
    assert page.main.texts("button", class_="link") == ["Move down (First)", "Move up (Second)"]

    client.post(url("agenda-move", cycle, second.pk), {"to": "up", "seen": "1"})

    assert agenda(cycle) == ["Second", "First"]
    # The second click of a double click changes nothing.
    again = client.post(url("agenda-move", cycle, first.pk), {"to": "up", "seen": "0"})
    assert agenda(cycle) == ["Second", "First"]
    assert told(again) == ["The order has changed meanwhile. Please look at it again."]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"to": "left", "seen": "0"},
        {"to": "up", "seen": "x"},
        # More digits than Python reads.
        {"to": "up", "seen": "9" * 5_000},
    ],
)
def test_move_without_a_direction_changes_nothing(data):
    cycle = make_cycle()
    row = item(cycle, 0, "First")

    response = cycle.client("contact").post(url("agenda-move", cycle, row.pk), data)

    assert told(response) == ["Say whether the item moves up or down."]


def test_item_goes_after_a_question_and_only_once():
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival")
    client = cycle.client("contact")
    address = url("agenda-remove", cycle, row.pk)
    assert "Arrival" in shown(client, address).main.text
    assert agenda(cycle) == ["Arrival"]

    client.post(address)
    again = client.post(address)

    assert agenda(cycle) == []
    assert told(again)[-1] == "This item has been removed already."


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_after_the_meeting_the_forms_say_why_and_change_nothing(status):
    cycle = make_cycle()
    row = item(cycle, 0, "Arrival")
    close(cycle, status)
    client = cycle.client("contact")

    for name, args in [
        ("agenda-add", ()),
        ("agenda-item", (row.pk,)),
        ("agenda-remove", (row.pk,)),
    ]:
        response = client.get(url(name, cycle, *args))
        assert "stay as they were" in told(response)[-1]
    sent = client.post(url("agenda-add", cycle), NEW)
    client.post(url("agenda-remove", cycle, row.pk))
    client.post(url("agenda-move", cycle, row.pk), {"to": "down", "seen": "0"})

    assert read(sent).main.one("form", class_="form").values()["text_de"] == ["Rundgang"]
    assert "stay as they were" in read(sent).main.text
    assert agenda(cycle) == ["Arrival"]


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_database_as_often_for_three_items_as_for_one(
    count, django_assert_num_queries
):
    cycle = make_cycle()
    for number in range(count):
        asked = GuidingQuestionFactory(
            meeting=cycle.meeting, municipality=cycle.hamm, position=number + 1
        )
        item(cycle, number, f"Item {number}", lead=cycle.arezzo, question=asked)
        CommitmentFactory(tandem=cycle.tandem)
    client = cycle.client("contact")
    client.get(url("agenda", cycle))

    with django_assert_num_queries(10):
        client.get(url("agenda", cycle))
