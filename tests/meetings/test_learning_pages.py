"""The pages of the learning log."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from core.models import StatusChange
from meetings.models import Commitment, LearningEntry
from tandems.enums import TandemStatus
from tests.cycle import LearningEntryFactory, make_cycle, plan_for
from tests.factories import TandemFactory, TandemMemberFactory, TopicFactory
from tests.meetings.consultation_cases import SEATS, make_case
from tests.meetings.learning_cases import page, typed, written
from tests.reading import read

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
WHO = ("visitor", "nobody", "contact", "deputy", "colleague", "reviewer", "coordinator", "bbsr",
       "observer", "neighbour")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("network/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("add/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("{own}/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("{own}/edit/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("{own}/remove/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        # Of the partner city: read, but not changed.
        ("{theirs}/", (302, 404, 200, 200, 200, 404, 200, 200, 404, 404)),
        ("{theirs}/edit/", (302, 404, 403, 403, 403, 404, 200, 200, 404, 404)),
        ("{theirs}/remove/", (302, 404, 403, 403, 403, 404, 200, 200, 404, 404)),
        # What the partner keeps to itself, and what is of another partnership.
        ("{hidden}/", (302, 404, 404, 404, 404, 404, 200, 200, 404, 404)),
        ("{hidden}/edit/", (302, 404, 404, 404, 404, 404, 200, 200, 404, 404)),
        ("{foreign}/", (302, 404, 404, 404, 404, 404, 404, 404, 404, 404)),
    ],
)
def test_who_opens_the_pages(name, expected):
    cycle = make_cycle()
    keys = {
        "own": written(cycle).pk,
        "theirs": written(cycle, "partner", cycle.arezzo).pk,
        "hidden": written(cycle, "partner", cycle.arezzo, visibility="city").pk,
        "foreign": LearningEntryFactory(visibility="public").pk,
    }
    url = page(name.format(**keys))

    assert tuple(cycle.client(who).get(url).status_code for who in WHO) == expected
    assert cycle.client("neighbour").post(url).status_code in {404, 405}
    if expected[2] == 200:
        assert cycle.client("contact").delete(url).status_code == 405
    assert LearningEntry.objects.count() == 4


def test_colleague_writes_an_entry_with_one_text():
    cycle = make_cycle()
    client = cycle.client("colleague")
    form = read(client.get(page("add/"))).main.one("form", class_="form").values()
    assert form["happened_on"] == [timezone.localdate().isoformat()]
    assert (form["visibility"], form["language"]) == (["partnership"], ["en"])
    assert "member" not in form

    answer = client.post(page("add/"), typed())

    entry = LearningEntry.objects.get()
    assert (answer.status_code, answer.url) == (302, page(f"{entry.pk}/"))
    assert (entry.municipality, entry.written_by) == (cycle.hamm, cycle.people["colleague"])
    main = read(client.get(answer.url)).main
    assert main.languages_of("Die Sensoren brauchen einen Betreiber.") == {"de"}
    assert "written, readable for: this partnership" in main.section("History").text.lower()


def test_form_begins_with_the_meeting_that_it_comes_from():
    cycle = make_cycle()
    day = timezone.localdate() - 3 * DAY
    visit = plan_for(
        cycle.tandem, kind="site_visit", status="held", earliest=day, latest=day, starts_at=None,
        ends_at=None,
    )  # fmt: skip
    foreign = plan_for(TandemFactory())
    client = cycle.client("contact")

    form = (
        read(client.get(page(f"add/?meeting={visit.pk}"))).main.one("form", class_="form").values()
    )
    other = client.get(page(f"add/?meeting={foreign.pk}"))

    assert (form["meeting"], form["kind"]) == ([str(visit.pk)], ["visit"])
    assert form["happened_on"] == [day.isoformat()]
    assert read(other).main.one("form", class_="form").values()["meeting"] == [""]
    assert foreign.title_en not in other.content.decode()
    assert client.get(page("add/?meeting=x")).status_code == 200


@pytest.mark.parametrize(
    ("kind", "circle"), [("consultation", "city"), ("hackathon", "partnership")]
)
def test_entry_about_a_consultation_is_first_for_the_own_city_alone(kind, circle):
    cycle = make_cycle()
    meeting = plan_for(cycle.tandem, kind=kind)
    client = cycle.client("colleague")

    main = read(client.get(page(f"add/?meeting={meeting.pk}"))).main

    assert main.one("form", class_="form").values()["visibility"] == [circle]
    assert "What is said in a peer consultation stays there" in main.text
    data = typed(kind="consultation", meeting=meeting.pk, visibility="partnership")
    assert client.post(page("add/"), data).status_code == 302
    assert LearningEntry.objects.get().visibility == "partnership"


def test_room_of_a_closed_consultation_leads_to_such_an_entry():
    case = make_case()
    path = f"{page('add/')}?meeting={case.meeting.pk}"
    assert path not in read(case.client("adviser").get(case.url())).main.hrefs()
    case.close()

    shown = {
        role: path in read(case.client(role).get(case.url())).main.hrefs()
        for role in (*SEATS, "guest", "contact")
    }

    assert shown == {**dict.fromkeys(SEATS, True), "guest": False, "contact": False}


def test_team_says_for_which_city_it_writes():
    cycle = make_cycle()
    client = cycle.client("coordinator")
    member = cycle.tandem.members.get(municipality=cycle.arezzo)

    client.post(page("add/"), typed(member=member.pk))
    refused = client.post(page("add/"), typed(member=TandemMemberFactory().pk))

    assert LearningEntry.objects.get().municipality == cycle.arezzo
    assert read(refused).main.one(id="id_member_error")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"learned": "  "}, "learned"),
        ({"learned": "x" * 501}, "learned"),
        ({"surprised": "x" * 501}, "surprised"),
        ({"next_step": "x" * 301}, "next_step"),
        ({"happened_on": "2098-01-01"}, "happened_on"),
        ({"happened_on": "yesterday"}, "happened_on"),
        ({"kind": "party"}, "kind"),
        ({"visibility": ""}, "visibility"),
        ({"language": "xx"}, "language"),
        ({"meeting": "999999"}, "meeting"),
        ({"commit": "on", "next_step": "Fragen"}, "due_on"),
        ({"commit": "on", "due_on": "2098-01-01"}, "next_step"),
        ({"commit": "on", "next_step": "Fragen", "due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "2098-01-01"}, "due_on"),
    ],
)
def test_bad_value_is_told_at_its_field_and_all_that_was_typed_stays(wrong, field):
    cycle = make_cycle()
    data = typed(**{"contradicts": "Die Vergabe", **wrong})

    answer = cycle.client("contact").post(page("add/"), data)

    main = read(answer).main
    assert answer.status_code == 200
    assert main.one(id=f"id_{field}_error")
    sent = main.one("form", class_="form").values()
    assert sent["contradicts"] == ["Die Vergabe"]
    assert sent["learned"] == [data["learned"]]
    assert not LearningEntry.objects.exists()
    assert not Commitment.objects.exists()


def test_line_breaks_count_as_one_character():
    cycle = make_cycle()
    text = "\r\n".join(["x" * 99] * 5)

    answer = cycle.client("contact").post(page("add/"), typed(learned=text))

    assert answer.status_code == 302
    assert len(LearningEntry.objects.get().learned) == 499


def test_next_step_becomes_a_commitment():
    cycle = make_cycle()
    client = cycle.client("colleague")

    answer = client.post(
        page("add/"), typed(next_step="Fragen", commit="on", due_on="2098-01-01"), follow=True
    )

    promise = Commitment.objects.get()
    assert (promise.text, promise.municipality) == ("Fragen", cycle.hamm)
    assert (
        f"/en/tandems/hamm-arezzo/workspace/commitments/{promise.pk}/" in read(answer).main.hrefs()
    )
    entry = LearningEntry.objects.get()
    form = read(client.get(page(f"{entry.pk}/edit/"))).main.one("form", class_="form").values()
    assert not {"commit", "due_on"} & set(form)


def test_second_press_of_the_button_is_told_so():
    cycle = make_cycle()
    client = cycle.client("colleague")
    client.post(page("add/"), typed())

    answer = client.post(page("add/"), typed(), follow=True)

    assert "written already" in read(answer).main.text
    assert LearningEntry.objects.count() == 1


def sent_by(client, url):
    values = read(client.get(url)).main.one("form", class_="form").values()
    return {name: value[0] for name, value in values.items()}


def test_entry_is_changed_and_a_conflict_shows_both_texts():
    cycle = make_cycle()
    entry = written(cycle)
    url = page(f"{entry.pk}/edit/")
    one, other = cycle.client("contact"), cycle.client("deputy")
    first, second = sent_by(one, url), sent_by(other, url)
    one.post(url, {**first, "learned": "Eins", "visibility": "network"})

    answer = other.post(url, {**second, "learned": "Zwei", "surprised": "Drei"})

    assert answer.status_code == 409
    main = read(answer).main
    assert "Eins" in main.one(class_="conflict").text
    again = {name: value[0] for name, value in main.one("form", class_="form").values().items()}
    assert (again["learned"], again["surprised"]) == ("Zwei", "Drei")
    assert other.post(url, again).status_code == 302
    entry.refresh_from_db()
    assert (entry.learned, entry.surprised, entry.visibility) == ("Zwei", "Drei", "network")


def test_entry_is_removed_after_a_question_and_a_second_press_is_told_so():
    cycle = make_cycle()
    entry = written(cycle)
    client = cycle.client("colleague")
    url = page(f"{entry.pk}/remove/")
    assert "cannot be restored" in read(client.get(url)).main.text
    assert LearningEntry.objects.exists()

    first = client.post(url)
    second = client.post(url, follow=True)

    assert (first.status_code, first.url) == (302, page())
    assert "removed already" in read(second).main.text
    assert not LearningEntry.objects.exists()
    assert cycle.client("partner").get(url).status_code == 404


def test_list_shows_the_newest_first_and_filters_by_city_and_field():
    cycle = make_cycle()
    topic = TopicFactory(name_en="Sensors")
    day = timezone.localdate()
    written(cycle, learned="Aelteste", happened_on=(day - 2 * DAY).isoformat(), topic=topic.pk)
    written(cycle, "partner", cycle.arezzo, learned="Neueste", visibility="network")
    written(cycle, learned="Mittlere", happened_on=(day - DAY).isoformat())
    client = cycle.client("contact")

    def shown(query=""):
        main = read(client.get(page(query))).main
        return [entry.text for row in main.all(class_="list") for entry in row.all(class_="prose")]

    assert shown() == ["Neueste", "Mittlere", "Aelteste"]
    assert shown(f"?city={cycle.arezzo.pk}") == ["Neueste"]
    assert shown(f"?topic={topic.pk}") == ["Aelteste"]
    assert shown(f"?topic={topic.pk}&city={cycle.arezzo.pk}") == []
    ignored = read(client.get(page("?city=x"))).main.text
    assert "was ignored" in ignored
    assert client.get(page("?page=2")).status_code == 404


def test_long_list_has_pages():
    cycle = make_cycle()
    LearningEntryFactory.create_batch(21, tandem=cycle.tandem, municipality=cycle.hamm)
    client = cycle.client("contact")

    assert len(read(client.get(page())).main.one(class_="list").all("li", class_="entry")) == 20
    assert len(read(client.get(page("?page=2"))).main.one(class_="list").all(class_="entry")) == 1


def test_empty_list_says_what_will_be_here_and_who_can_act():
    cycle = make_cycle()
    assert "Begin with the last contact" in read(cycle.client("contact").get(page())).main.text
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    member.left_on = timezone.localdate() - DAY
    member.save()
    left = read(cycle.client("partner").get(page())).main

    assert "municipalities of the partnership write them" in left.text
    assert page("add/") not in left.hrefs()


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_number_of_queries_for_more_entries(number, django_assert_num_queries):
    cycle = make_cycle()
    for position in range(number):
        written(cycle, learned=f"Satz {position}", topic=TopicFactory().pk)
    client = cycle.client("contact")
    client.get(page())

    with django_assert_num_queries(12):
        client.get(page())


def test_city_that_has_left_does_not_read_what_others_changed_later():
    cycle = make_cycle()
    long_ago = timezone.now() - 30 * DAY
    rows = [
        LearningEntryFactory(
            tandem=cycle.tandem,
            municipality=cycle.hamm,
            visibility="partnership",
            learned=text,
            written_at=long_ago,
        )
        for text in ("Damals", "Nachher")
    ]
    LearningEntry.objects.filter(pk=rows[0].pk).update(changed_at=long_ago)
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    member.left_on = timezone.localdate() - 2 * DAY
    member.save()
    client = cycle.client("partner")

    text = read(client.get(page())).main.text

    assert "Damals" in text
    assert "Nachher" not in text
    assert client.get(page(f"{rows[1].pk}/")).status_code == 404
    assert client.get(page("add/")).status_code == 403
    assert client.post(page("add/"), typed()).status_code == 403
    assert client.get(page(f"{rows[0].pk}/edit/")).status_code == 403


def test_names_of_people_of_a_partnership_that_was_left_stay_there():
    cycle = make_cycle()
    entry = written(cycle, "deputy")
    name = str(cycle.people["deputy"])
    assert name in read(cycle.client("partner").get(page(f"{entry.pk}/"))).main.text
    long_ago = timezone.now() - 30 * DAY
    LearningEntry.objects.filter(pk=entry.pk).update(written_at=long_ago, changed_at=long_ago)
    StatusChange.objects.of(entry).update(changed_at=long_ago)
    member = cycle.tandem.members.get(municipality=cycle.arezzo)
    member.left_on = timezone.localdate() - DAY
    member.save()

    main = read(cycle.client("partner").get(page(f"{entry.pk}/"))).main

    assert "this partnership" in main.section("History").text
    assert name not in main.text


def test_other_partnerships_read_what_is_opened_to_the_network_without_names():
    cycle = make_cycle()
    other = TandemFactory(status=TandemStatus.ACTIVE, name_en="Krefeld and Venlo")
    author = cycle.people["neighbour"]
    for circle in ("city", "partnership", "network", "public"):
        LearningEntryFactory(
            tandem=other,
            learned=f"Kreis {circle}",
            visibility=circle,
            written_by=author,
            meeting=plan_for(other, title_en="Secret meeting"),
        )
    written(cycle, learned="Unser eigener", visibility="network")

    text = read(cycle.client("colleague").get(page("network/"))).main.text

    assert [circle in text for circle in ("Kreis network", "Kreis public")] == [True, True]
    assert [circle in text for circle in ("Kreis city", "Kreis partnership")] == [False, False]
    assert "Krefeld and Venlo" in text
    for hidden in ("Unser eigener", "Secret meeting", str(author)):
        assert hidden not in text
