"""Minutes go out, each city agrees for itself, and what is agreed stays."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from post_office.models import Email

from accounts.models import RoleAssignment
from meetings.actions.agreeing import (
    agree_to_minutes,
    agree_where_nobody_is_missing,
    comment_on_minutes,
    release_public_part,
    return_minutes,
    send_minutes,
)
from meetings.actions.correcting import correct_minutes
from meetings.asked import cities_asked, seal_of
from meetings.models import Minutes, MinutesAgreement, MinutesComment
from tandems.models import TandemMember, TandemNotice
from tests.cycle import MinutesFactory, plan_for
from tests.factories import (
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemMemberFactory,
    make_user,
)
from tests.meetings.minutes_cases import (
    DAY,
    agree,
    begun,
    entered,
    held,
    history,
    page,
    people,
    returned,
    sent,
    today,
    told,
    write,
)
from tests.reading import read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["contact", "deputy", "partner", "coordinator", "bbsr"])
def test_who_leads_sends_the_draft_out(who):
    cycle = held()
    begun(cycle)
    client, url = entered(cycle, who), page(cycle, "minutes-send")
    day = today() + 14 * DAY

    proposed = read(client.get(url)).main.one("input", name="agree_by")["value"]
    answers = [client.post(url, {"agree_by": proposed}) for _ in range(2)]

    assert (proposed, [answer.url for answer in answers]) == (day.isoformat(), [page(cycle)] * 2)
    minutes = Minutes.objects.get()
    assert (minutes.state, minutes.agree_by) == ("in_agreement", day)
    assert history(minutes)[1:] == [("state", "draft", "in_agreement")]
    assert told("minutes_sent") == people(cycle, who)


@pytest.mark.parametrize("days", [-1, 0])
def test_day_to_agree_lies_ahead(days):
    cycle = held()
    begun(cycle)

    answer = entered(cycle, "contact").post(
        page(cycle, "minutes-send"), {"agree_by": (today() + days * DAY).isoformat()}
    )

    assert list(answer.context["form"].errors) == ["agree_by"]
    assert Minutes.objects.get().is_open


def test_minutes_in_which_nobody_has_written_are_not_sent_out():
    cycle = held()
    minutes = begun(cycle, text="")
    client, url = entered(cycle, "contact"), page(cycle, "minutes-send")

    answer = client.post(url, {"agree_by": (today() + DAY).isoformat()})

    assert "Nothing is written yet" in read(answer).main.text
    write(cycle, minutes, text="Something")
    assert client.post(url, {"agree_by": (today() + DAY).isoformat()}).status_code == 302


def test_where_no_city_acts_nothing_is_sent_out():
    cycle = held()
    minutes = begun(cycle)
    TandemMember.objects.update(left_on=today() - DAY)

    with pytest.raises(ValidationError) as refusal:
        send_minutes(minutes=minutes, agree_by=today() + DAY, by=cycle.person("coordinator"))

    assert refusal.value.code == "nobody"


def test_minutes_count_with_the_last_word():
    cycle = held()
    minutes = sent(cycle)
    first, second = entered(cycle, "deputy"), entered(cycle, "partner")

    for client in (first, second):
        shown = read(client.get(page(cycle, "minutes-agree"))).main
        form = next(one for one in shown.all("form") if "seen" in one.values())
        data = {name: values[0] for name, values in form.values().items()}
        assert client.post(page(cycle, "minutes-agree"), data).status_code == 302
        again = client.post(page(cycle, "minutes-agree"), data, follow=True)
        assert "Your city has agreed already." in read(again).main.text

    minutes.refresh_from_db()
    assert minutes.state == "agreed"
    assert minutes.agreed_at is not None
    given = {row.municipality: row.given_by for row in MinutesAgreement.objects.all()}
    assert given == {cycle.hamm: cycle.people["deputy"], cycle.arezzo: cycle.people["partner"]}
    assert history(minutes)[2:] == [
        ("confirmation", "", "hamm"),
        ("confirmation", "", "arezzo"),
        ("state", "in_agreement", "agreed"),
    ]
    assert told("minutes_agreed_by") == people(cycle)
    assert TandemNotice.objects.filter(event="minutes_agreed").count() == 5


@pytest.mark.parametrize(
    ("who", "city"),
    [
        ("contact", "arezzo"),
        ("partner", "hamm"),
        ("colleague", "hamm"),
        ("coordinator", "hamm"),
        ("bbsr", "arezzo"),
    ],
)
def test_nobody_agrees_for_another_city(who, city):
    cycle = held()
    minutes = sent(cycle)
    place = getattr(cycle, city)
    data = {"city": place.pk, "seen": seal_of(minutes)}

    answer = entered(cycle, who).post(page(cycle, "minutes-agree"), data)

    assert answer.status_code == 403
    with pytest.raises(PermissionDenied):
        agree_to_minutes(
            minutes=minutes, municipality=place, seen=seal_of(minutes), by=cycle.person(who)
        )
    assert not MinutesAgreement.objects.exists()


def test_person_of_both_cities_agrees_for_each():
    cycle = held()
    minutes = sent(cycle)
    RoleAssignment.objects.filter(user=cycle.people["partner"]).delete()
    RoleAssignmentFactory(user=cycle.people["contact"], role="contact", municipality=cycle.arezzo)
    client, url = entered(cycle, "contact"), page(cycle, "minutes-agree")

    assert len(read(client.get(url)).main.one("select", name="city").all("option")) == 2
    assert client.post(url, {"seen": seal_of(minutes)}).status_code == 403
    for place in (cycle.hamm, cycle.arezzo):
        client.post(url, {"seen": seal_of(minutes), "city": place.pk})

    assert Minutes.objects.get().state == "agreed"


def test_word_counts_for_what_was_read_only():
    cycle = held()
    minutes = sent(cycle)
    old = seal_of(minutes)
    draft = returned(cycle, minutes)
    write(cycle, draft, text="Something else")
    sent(cycle, draft)

    answer = entered(cycle, "partner").post(
        page(cycle, "minutes-agree"), {"seen": old, "city": cycle.arezzo.pk}, follow=True
    )

    assert "sent out anew" in read(answer).main.text
    assert not MinutesAgreement.objects.exists()


def test_return_asks_every_city_again_and_keeps_comments():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    comment_on_minutes(
        minutes=minutes, municipality=cycle.arezzo, text="The date", by=cycle.person("partner")
    )
    client, url = entered(cycle, "partner"), page(cycle, "minutes-return")

    assert "Hamm" in read(client.get(url)).main.text
    data = {"note": "It was Tuesday.", "seen": seal_of(minutes)}
    assert client.post(url, data).url == page(cycle)

    minutes.refresh_from_db()
    assert (minutes.state, minutes.agree_by, minutes.sent_at) == ("draft", None, None)
    assert not MinutesAgreement.objects.exists()
    assert set(MinutesComment.objects.values_list("text", "municipality")) == {
        ("The date", cycle.arezzo.pk),
        ("It was Tuesday.", cycle.arezzo.pk),
    }
    assert history(minutes)[2:] == [
        ("confirmation", "", "hamm"),
        ("confirmation", "hamm", "ended"),
        ("state", "in_agreement", "draft"),
    ]
    assert told("minutes_returned") == people(cycle, "partner")
    again = client.post(url, {"note": "Once more"})
    assert "can become a draft again" in read(again).main.text
    sent(cycle, minutes)
    assert len(read(client.get(page(cycle))).main.fact("Still to agree").split()) == 2


@pytest.mark.parametrize("who", ["colleague", "partner colleague", "coordinator"])
def test_contributors_of_every_city_and_the_team_comment(who):
    cycle = held()
    entry = sent(cycle).entries.first()
    client, url = entered(cycle, who), page(cycle, "minutes-comment")
    city = {"colleague": cycle.hamm, "partner colleague": cycle.arezzo}.get(who)

    form = read(client.get(f"{url}?entry={entry.pk}")).main
    assert form.one("option", value=str(entry.pk)).attributes.get("selected") == ""
    for _ in range(2):
        assert client.post(url, {"text": "The date", "entry": entry.pk}).url == page(cycle)

    row = MinutesComment.objects.get()
    assert (row.entry, row.municipality, row.written_by) == (entry, city, cycle.people[who])
    assert told("minutes_commented") == people(cycle, who)
    assert "The date" in read(client.get(page(cycle))).main.text


@pytest.mark.parametrize(
    "data", [{"text": ""}, {"text": "x" * 2_001}, {"text": "x", "entry": "99"}]
)
def test_wrong_comment_is_told_and_kept(data):
    cycle = held()
    sent(cycle)

    answer = entered(cycle, "contact").post(page(cycle, "minutes-comment"), data)

    assert (answer.status_code, len(answer.context["form"].errors)) == (200, 1)
    assert not MinutesComment.objects.exists()


def test_nobody_comments_on_a_draft_or_for_another_city():
    cycle = held()
    minutes = begun(cycle)
    by = cycle.person("contact")

    with pytest.raises(ValidationError):
        comment_on_minutes(minutes=minutes, municipality=cycle.hamm, text="x", by=by)
    sent(cycle, minutes)
    for city in (cycle.arezzo, None):
        with pytest.raises(PermissionDenied):
            comment_on_minutes(minutes=minutes, municipality=city, text="x", by=by)
    answer = entered(cycle, "contact").get(page(cycle, "minutes-comment"))
    assert answer.status_code == 200


def test_city_that_leaves_is_not_asked_any_more():
    cycle = held()
    minutes = sent(cycle)
    agree(cycle, minutes)
    TandemMember.objects.filter(municipality=cycle.arezzo).update(left_on=today() - DAY)
    team = cycle.person("coordinator")

    counted = [agree_where_nobody_is_missing(tandem=cycle.tandem, by=team) for _ in range(2)]

    minutes.refresh_from_db()
    assert (counted, minutes.state) == ([1, 0], "agreed")
    assert cities_asked(minutes.meeting) == [cycle.hamm]
    with pytest.raises(PermissionDenied):
        agree(cycle, minutes, "partner")


def test_minutes_to_which_nobody_said_a_word_never_count_by_themselves():
    cycle = held()
    minutes = sent(cycle)
    TandemMember.objects.update(left_on=today() - DAY)

    assert agree_where_nobody_is_missing(tandem=cycle.tandem, by=cycle.person("bbsr")) == 0
    minutes.refresh_from_db()
    assert minutes.state == "in_agreement"


def test_city_that_joined_after_the_meeting_is_not_asked():
    cycle = held()
    late = TandemMemberFactory(
        tandem=cycle.tandem, position=2, joined_earliest=today(), joined_latest=today()
    )

    assert late.municipality not in cities_asked(cycle.meeting)
    assert cities_asked(cycle.meeting) == [cycle.arezzo, cycle.hamm]


def test_of_a_network_meeting_the_named_cities_are_asked_else_all():
    cycle = held()
    meeting = plan_for(None, status="held", earliest=today() - DAY, latest=today() - DAY)
    outside = MunicipalityFactory()
    everybody = len(meeting.acting_municipalities)

    assert len(cities_asked(meeting)) == everybody == 3
    meeting.participants.add(cycle.hamm, outside)
    assert cities_asked(meeting) == [cycle.hamm]
    cycle.meeting = meeting
    minutes = sent_by_the_team(cycle)
    assert told("minutes_sent") == people(cycle)
    assert agree(cycle, minutes).state == "agreed"


def sent_by_the_team(cycle):
    minutes = MinutesFactory(meeting=cycle.meeting)
    minutes.entries.create(heading="All", text="Said", changed_by=cycle.people["contact"])
    return send_minutes(minutes=minutes, agree_by=today() + DAY, by=cycle.person("coordinator"))


@pytest.mark.parametrize("who", ["colleague", "neighbour", "observer", "nobody"])
def test_nobody_else_leads(who):
    cycle = held()
    minutes = begun(cycle)
    by = cycle.person(who)

    for act in (
        lambda: send_minutes(minutes=minutes, agree_by=today() + DAY, by=by),
        lambda: return_minutes(minutes=minutes, municipality=None, seen="", by=by),
        lambda: correct_minutes(meeting=cycle.meeting, note="x", by=by),
        lambda: release_public_part(minutes=minutes, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_stranger_of_another_city_cannot_speak():
    cycle = held()
    minutes = sent(cycle)
    by = make_user("contact", MunicipalityFactory())

    with pytest.raises(PermissionDenied):
        agree_to_minutes(minutes=minutes, municipality=cycle.hamm, seen=seal_of(minutes), by=by)
    assert not Email.objects.exists()
