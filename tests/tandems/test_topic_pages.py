"""The pages on which topics are read and written."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from tandems.models import TandemTopic
from tests.factories import TandemTopicFactory, make_user, sign_in
from tests.reading import read
from tests.tandems.topic_cases import DAY, content, entered, leave, make_case, page, typed
from tests.walking import Walker
from tests.workspace import DocumentFactory, DocumentVersionFactory, TopicGuestFactory

pytestmark = pytest.mark.django_db

READ = ("topics", "topic")
WRITE = ("topic-add", "topic-edit", "topic-end", "topic-guests", "topic-guest-end")


def addresses(case, guest=None):
    slug, pk = case.tandem.slug, case.topic.pk
    return {
        "topics": page("topics", slug),
        "topic": page("topic", slug, pk),
        "topic-add": page("topic-add", slug),
        "topic-edit": page("topic-edit", slug, pk),
        "topic-end": page("topic-end", slug, pk),
        "topic-guests": page("topic-guests", slug, pk),
        "topic-guest-end": page("topic-guest-end", slug, pk, guest or 1),
    }


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("contact", 200, 200),
        ("deputy", 200, 200),
        ("partner", 200, 200),
        ("colleague", 200, 403),
        ("coordinator", 200, 200),
        ("bbsr", 200, 200),
        ("left", 200, 403),
        ("neighbour", 404, 404),
        ("reviewer", 404, 404),
        ("observer", 404, 404),
        ("nobody", 404, 404),
        ("visitor", 302, 302),
    ],
)
def test_who_reads_and_who_writes(who, reads, writes):
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic)
    if who == "left":
        leave(case.theirs)
    roles = {"coordinator", "bbsr", "reviewer", "observer"}
    user = (
        make_user(who)
        if who in roles
        else {"left": case.partner, "visitor": None}.get(who, getattr(case, who, None))
    )
    client = entered(make_user() if who == "nobody" else user)

    answers = {name: client.get(url).status_code for name, url in addresses(case, guest.pk).items()}

    wanted = {**dict.fromkeys(READ, reads), **dict.fromkeys(WRITE, writes)}
    assert answers == wanted


@pytest.mark.parametrize("name", READ)
def test_pages_to_read_take_no_form(name):
    case = make_case()

    assert entered(case.contact).post(addresses(case)[name]).status_code == 405


@pytest.mark.parametrize("name", WRITE)
def test_pages_with_a_form_are_not_put_or_deleted(name):
    case = make_case()

    assert entered(case.contact).delete(addresses(case)[name]).status_code == 405


@pytest.mark.parametrize("who", ["colleague", "left", "neighbour", "guest"])
def test_who_may_not_write_sends_in_vain(who):
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic, municipality=case.outside)
    if who == "left":
        leave(case.theirs)
    client = entered(case.partner if who == "left" else getattr(case, who))

    statuses = {
        client.post(url, typed()).status_code
        for name, url in addresses(case, guest.pk).items()
        if name in WRITE
    }

    assert statuses == {403 if who in {"colleague", "left"} else 404}
    assert TandemTopic.objects.filter(tandem=case.tandem).count() == 1


def test_topic_of_another_partnership_is_not_there():
    case = make_case()
    foreign = TandemTopicFactory(tandem=case.neighbours)
    client = entered(case.contact)

    for name in ("topic", "topic-edit", "topic-end", "topic-guests"):
        assert client.get(page(name, case.tandem.slug, foreign.pk)).status_code == 404
    assert client.get(page("topic", case.tandem.slug, 10**30)).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    case = make_case()
    case.topic.delete()
    for _ in range(number):
        topic = TandemTopicFactory(
            tandem=case.tandem, giver=case.ours.municipality, seeker=case.theirs.municipality
        )
        TopicGuestFactory(topic=topic)
    client = entered(case.contact)
    url = page("topics", case.tandem.slug)
    client.get(url)

    with django_assert_num_queries(9):
        response = client.get(url)

    assert len(read(response).main.all("li", class_="role")) == number


@pytest.mark.parametrize("number", [1, 3])
def test_topic_asks_the_same_for_one_and_for_three(number, django_assert_num_queries):
    case = make_case()
    for _ in range(number):
        DocumentVersionFactory(document=DocumentFactory(tandem=case.tandem, topic=case.topic))
        TopicGuestFactory(topic=case.topic)
        TopicGuestFactory(topic=case.topic, until=dt.date(2023, 1, 1))
    client = entered(case.contact)
    url = page("topic", case.tandem.slug, case.topic.pk)
    client.get(url)

    with django_assert_num_queries(14):
        client.get(url)


def test_officer_adds_a_topic_and_everybody_reads_it_at_once(client):
    case = make_case()
    walker = Walker(case.contact)
    walker.open(page("topics", case.tandem.slug))
    walker.follow("Add a topic")

    shown = walker.press(
        "Add the topic",
        focus_de="Digitaler Zwilling",
        focus_en="Digital twin",
        direction="directed",
        giver=case.ours.municipality_id,
        seeker=case.theirs.municipality_id,
        sources="https://example.org/a\n\nhttps://example.org/b",
    )

    assert shown.heading == "Digital twin"
    assert "The topic has been added." in shown.body.text
    row = TandemTopic.objects.get(focus_de="Digitaler Zwilling")
    assert row.sources == ["https://example.org/a", "https://example.org/b"]
    public = read(client.get(f"/en/tandems/{case.tandem.slug}/"))
    assert "Digital twin" in public.main.text


def test_mutual_and_ended_topics_are_told_on_the_public_page(client):
    case = make_case()
    TandemTopicFactory(tandem=case.tandem, is_mutual=True, ended_on=dt.date(2024, 3, 31))
    TandemTopicFactory(tandem=case.tandem, ended_on=dt.date(2024, 4, 30))

    text = read(client.get(f"/en/tandems/{case.tandem.slug}/")).main.text

    assert "Both give and seek" in text
    assert "worked on until 31 March 2024" in text
    assert "worked on until 30 April 2024" in text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"topic": ""}, "topic"),
        ({"topic": "999999"}, "topic"),
        ({"focus_de": "x" * 201}, "focus_de"),
        ({"direction": ""}, "direction"),
        ({"direction": "directed"}, "giver seeker"),
        ({"direction": "directed", "giver": "ours"}, "seeker"),
        ({"direction": "directed", "giver": "ours", "seeker": "ours"}, "seeker"),
        ({"direction": "directed", "giver": "ours", "seeker": "outside"}, "seeker"),
        ({"direction": "mutual", "giver": "ours"}, "giver"),
        ({"stage": "guessed"}, "stage"),
        ({"sources": "no address"}, "sources"),
        ({"sources": "\n".join(f"https://example.org/{n}" for n in range(21))}, "sources"),
    ],
)
@pytest.mark.parametrize("name", ["topic-add", "topic-edit"])
def test_wrong_entries_are_told_at_their_field_and_stay_typed(name, wrong, field):
    case = make_case()
    keys = {"ours": case.ours.municipality_id, "outside": case.outside.pk}
    data = typed(focus_en="Kept words")
    data |= {key: keys.get(value, value) for key, value in wrong.items()}
    if wrong.get("topic") == "":
        data["focus_en"] = ""

    response = entered(case.contact).post(addresses(case)[name], data)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == field.split()
    assert case.tandem.topics.count() == 1
    if data["focus_en"]:
        assert read(response).main.one("input", name="focus_en")["value"] == "Kept words"


def test_action_refuses_above_the_form(client):
    case = make_case()
    data = typed()
    client = entered(case.contact)
    assert client.post(addresses(case)["topic-add"], data).status_code == 302

    again = client.post(addresses(case)["topic-add"], data)

    assert again.status_code == 200
    assert "This topic is listed already." in read(again).main.text


def test_two_tabs_meet_both_values_and_the_second_save_counts():
    case = make_case()
    first, second = Walker(case.contact), Walker(case.partner)
    url = addresses(case)["topic-edit"]
    first.open(url)
    second.open(url)
    first.press("Save", focus_en="Library", stage="learning")

    shown = second.press("Save", focus_en="Market hall", status=409)

    assert "Somebody else changed the same fields" in shown.main.text
    assert "Library" in shown.main.text
    assert shown.main.one("input", name="focus_en")["value"] == "Market hall"
    second.press("Save")
    row = TandemTopic.objects.get(pk=case.topic.pk)
    assert (row.focus_en, row.stage) == ("Market hall", "learning")


def test_form_without_marks_overwrites_nothing():
    case = make_case()
    data = typed(topic=case.topic.topic_id, focus_de="Ratssaal", focus_en="Other words")

    response = entered(case.contact).post(addresses(case)["topic-edit"], data)

    assert response.status_code == 409
    assert TandemTopic.objects.get(pk=case.topic.pk).focus_en == "Council hall"


@pytest.mark.parametrize("marks", ["", "[]", "{", '{"focus_en": 1}'])
def test_marks_that_nobody_sent_are_no_error(marks):
    case = make_case()
    data = typed(marks=marks, focus_en="Other words")

    assert entered(case.contact).post(addresses(case)["topic-edit"], data).status_code == 409


def test_expired_session_gives_the_filled_form_back(client):
    case = make_case()
    client = entered(case.contact)
    session = client.session
    session["began_at"] = session["seen_at"] = 0
    session.save()
    url = addresses(case)["topic-edit"]
    marks = json.dumps({"focus_en": "abc"})
    assert client.post(url, typed(focus_en="Typed words", marks=marks)).status_code == 302

    sign_in(client, case.contact)
    shown = read(client.get(url))

    assert shown.main.one("input", name="focus_en")["value"] == "Typed words"
    assert shown.main.one("input", name="marks")["value"] == marks
    assert TandemTopic.objects.get(pk=case.topic.pk).focus_en == "Council hall"


def test_topic_ends_and_is_taken_up_again():
    case = make_case()
    walker = Walker(case.contact)
    walker.open(addresses(case)["topic"])
    walker.follow("End the topic")
    shown = walker.press("End the topic", ended_on="2024-03-31")
    assert "worked on until 31 March 2024" in shown.main.text
    assert "What we have worked on" in walker.open(addresses(case)["topics"]).main.text

    walker.open(addresses(case)["topic"])
    walker.follow("Take the topic up again")
    shown = walker.press("Take the topic up again")

    assert "worked on until" not in shown.main.text


def test_day_to_come_is_refused_at_the_field():
    case = make_case()
    tomorrow = (timezone.localdate() + DAY).isoformat()

    response = entered(case.contact).post(addresses(case)["topic-end"], {"ended_on": tomorrow})

    assert list(response.context["form"].errors) == ["ended_on"]


def test_slower_tab_neither_ends_again_nor_undoes():
    case = make_case()
    client, url = entered(case.contact), addresses(case)["topic-end"]
    client.post(url, {"ended_on": "2024-03-31"})

    again = client.post(url, {"ended_on": "2024-04-30"})
    assert "This topic has ended already." in read(again).main.text
    assert TandemTopic.objects.get(pk=case.topic.pk).ended_on == dt.date(2024, 3, 31)
    client.post(url, {"resume": "1"})
    again = client.post(url, {"resume": "1"})

    assert "The partnership works on this topic already." in read(again).main.text


def test_city_that_left_reads_what_was_there_on_its_last_day():
    case = make_case()
    client = entered(case.contact)
    client.post(addresses(case)["topic-add"], typed(focus_en="Later words"))
    later = TandemTopic.objects.get(focus_en="Later words")
    TopicGuestFactory(topic=case.topic, since=timezone.localdate())
    early = TopicGuestFactory(topic=case.topic, until=timezone.localdate())
    leave(case.theirs)
    left = entered(case.partner)

    assert "Later words" not in read(left.get(addresses(case)["topics"])).main.text
    assert left.get(page("topic", case.tandem.slug, later.pk)).status_code == 404
    shown = left.get(addresses(case)["topic"])

    assert [guest.pk for guest in shown.context["guests"]] == [early.pk]
    assert "until" not in read(shown).main.section("Guests of this topic").text
    assert "Add a guest" not in read(shown).main.text


def test_topics_of_a_partnership_that_has_none_say_who_can_act():
    case = make_case()
    case.topic.delete()

    for who, words in ((case.contact, "Add the first one"), (case.colleague, "deputies")):
        shown = read(entered(who).get(page("topics", case.tandem.slug)))
        assert words in shown.main.text


def test_key_of_more_than_three_digits_is_written_as_a_key():
    case = make_case()
    TandemTopicFactory(pk=12_346, tandem=case.tandem)

    shown = read(entered(case.contact).get(addresses(case)["topics"]))

    assert any(href.endswith("/topics/12346/") for href in shown.main.hrefs())


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_whole_in_both_languages(language):
    case = make_case()
    guest = TopicGuestFactory(topic=case.topic)
    TopicGuestFactory(topic=case.topic, until=dt.date(2023, 1, 1))
    client = entered(case.contact)

    for url in addresses(case, guest.pk).values():
        document = read(client.get(url.replace("/en/", f"/{language}/", 1)))
        assert document.faults == []
        assert document.language == language


def test_content_of_the_cases_is_what_the_form_gives():
    assert content().direction == (False, None, None)
