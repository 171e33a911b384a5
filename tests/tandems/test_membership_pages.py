"""The team's pages about the membership: who opens them, what they refuse, what they keep."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from core.dates import day
from meetings.models import MeetingGuest
from tandems.models import Tandem, TandemMember
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    MunicipalityFactory,
    TandemFactory,
    TandemMemberFactory,
    make_user,
    sign_in,
)
from tests.reading import read
from tests.tandems.membership_cases import (
    DAY,
    END_OF_2023,
    REASONS,
    history,
    krefeld_sofia,
    left,
    member,
    pair,
    place,
    team,
    today,
    url,
)
from tests.tandems.test_membership_rematch import with_reserve
from tests.walking import Walker

pytestmark = pytest.mark.django_db
FORMS = ("join", "dock", "rematch", "end")


def pages(tandem):
    """Return the addresses of all pages about a membership."""
    row = tandem.members.order_by("position").first()
    return [url(tandem), *(url(tandem, name) for name in FORMS), url(tandem, "leave", row.pk)]


def entered(user):
    client = Client(headers={"accept-language": "en"})
    sign_in(client, user)
    return client


def post(client, address, **fields):
    return client.post(address.replace("/de/", "/en/"), fields)


# Who opens them.


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_opens_every_page(role):
    tandem, client = krefeld_sofia(), entered(make_user(role))

    assert [client.get(page).status_code for page in pages(tandem)] == [200] * 6


@pytest.mark.parametrize("role", ["contact", "deputy", "colleague"])
def test_member_is_refused_also_after_it_left(role):
    tandem, client = krefeld_sofia(), entered(make_user(role, place("Sofia")))

    for _time in ("as a member", "after leaving"):
        assert [client.get(page).status_code for page in pages(tandem)] == [403] * 6
        assert [client.post(page).status_code for page in pages(tandem)[1:]] == [403] * 5
        left(tandem, "Sofia", END_OF_2023)


@pytest.mark.parametrize("who", ["neighbour", "guest", "guest of a meeting", "nobody", "observer"])
def test_stranger_finds_nothing(who):
    tandem, neighbour = krefeld_sofia(), pair("Hamm", "Arezzo", "IT")
    role = {"nobody": None, "observer": "observer"}.get(who, "contact")
    city = member(neighbour, "Hamm").municipality
    if who == "guest":
        TandemMemberFactory(tandem=tandem, municipality=city, role="guest", position=7)
    if who == "guest of a meeting":
        meeting = MeetingFactory(tandem=tandem, scope="tandem")
        MeetingGuest.objects.create(meeting=meeting, municipality=city)
    client = entered(make_user(role, city if role == "contact" else None))

    assert [client.get(page).status_code for page in pages(tandem)] == [404] * 6
    assert [client.post(page).status_code for page in pages(tandem)[1:]] == [404] * 5


def test_visitor_is_led_to_the_login():
    for page in pages(krefeld_sofia()):
        response = Client().get(page)
        assert response.status_code == 302
        assert "/accounts/login/" in response.headers["Location"]


def test_other_methods_are_refused():
    tandem, client = krefeld_sofia(), entered(team())

    assert client.post(url(tandem)).status_code == 405
    assert [client.put(page).status_code for page in pages(tandem)] == [405] * 6
    assert [client.head(page).status_code for page in pages(tandem)] == [200] * 6


def test_membership_of_another_partnership_is_not_found_here():
    tandem, other = krefeld_sofia(), pair("Hamm", "Arezzo", "IT")
    foreign = member(other, "Hamm")

    response = entered(team()).post(url(tandem, "leave", foreign.pk), {"left_on": today()})

    assert response.status_code == 404
    assert not TandemMember.objects.exclude(left_on=None).exists()


# The first page.


def test_page_shows_who_is_visits_and_was_here_with_the_story():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    TandemMemberFactory(tandem=tandem, municipality=place("Venlo", "NL"), role="guest", position=2)

    page = Walker(team()).open(url(tandem).replace("/de/", "/en/"))

    assert page.heading == "Membership"
    assert page.main.section("Cities").texts("h3") == ["Krefeld (DE)"]
    assert page.main.section("Guests").texts("h3") == ["Venlo (NL)"]
    assert page.main.section("Former members and guests").texts("h3") == ["Sofia (BG)"]
    assert "Sofia leaves the programme." in page.main.text
    assert page.main.section("What can be changed").texts("a") == [
        "A city joins",
        "A city takes part as a guest",
        "Find a new partner for a city",
        "End the partnership",
    ]


def test_partnership_without_anybody_reads_well():
    page = Walker(team()).open(url(TandemFactory(status="planned")).replace("/de/", "/en/"))

    assert "No city is a member at present." in page.main.text
    assert page.main.section("What can be changed").texts("a") == [
        "A city joins",
        "A city takes part as a guest",
    ]


def test_partnership_that_has_ended_offers_what_is_left():
    tandem = krefeld_sofia()
    walker = Walker(team())
    address = url(tandem).replace("/de/", "/en/")

    for status, last in (
        ("completed", "Correct how the partnership ended"),
        ("ended_early", "Resume the partnership"),
    ):
        Tandem.objects.update(status=status)
        page = walker.open(address)
        assert page.main.section("What can be changed").texts("a") == [
            "Find a new partner for a city",
            last,
        ]


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_database_as_often_for_one_member_as_for_many(
    count, django_assert_num_queries
):
    tandem = TandemFactory(previous=krefeld_sofia())
    for _number in range(count):
        TandemMemberFactory(tandem=tandem)
        TandemMemberFactory(tandem=tandem, left_on=END_OF_2023)
        TandemMemberFactory(tandem=tandem, role="guest")
    client = entered(team())
    client.get(url(tandem))

    with django_assert_num_queries(7):
        client.get(url(tandem))


# Leaving.


def test_leaving_asks_about_each_commitment_and_meeting_and_keeps_what_was_typed():
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    promise = CommitmentFactory(tandem=tandem, municipality=row.municipality, text="Ein Leitfaden")
    on = today() + 10 * DAY
    meeting = MeetingFactory(
        tandem=tandem, scope="tandem", status="announced", earliest=on, latest=on
    )
    walker = Walker(team())
    walker.open(url(tandem, "leave", row.pk).replace("/de/", "/en/"))

    page = walker.press(
        "Record the last day",
        left_on="2023-12-31",
        precision="year_end",
        reason_de=REASONS["de"],
        is_public="on",
        **{f"commitment_{promise.pk}": "dropped"},
    )

    with override("en"):
        told = day(on)
    assert page.main.one(class_="form-errors").texts("li") == [
        (
            "Reason in English: The public page shows the reason in both languages. Please enter "
            "it in German and in English."
        ),
        "Why are commitments dropped?: Give the reason in a sentence.",
        f"Meeting, {told}: {meeting.title_en}: This field is required.",
    ]
    assert page.main.one("input", name="reason_de")["value"] == REASONS["de"]
    assert page.main.one("input", name="left_on")["value"] == "2023-12-31"
    assert TandemMember.objects.get(pk=row.pk).left_on is None

    page = walker.press(
        "Record the last day",
        reason_en=REASONS["en"],
        drop_note="Niemand setzt es fort.",
        cancel_note="Sofia fehlt.",
        **{f"meeting_{meeting.pk}": "cancelled"},
    )

    assert page.heading == "Membership"
    assert "end of 2023 Sofia leaves the programme" in page.main.text
    promise.refresh_from_db()
    meeting.refresh_from_db()
    assert (promise.state, meeting.status) == ("dropped", "cancelled")


def test_leaving_twice_leads_back_with_a_word():
    tandem = krefeld_sofia()
    row, client = member(tandem, "Sofia"), entered(team())
    left(tandem, "Sofia", END_OF_2023)

    for data in ({}, {"left_on": "2023-12-30", "precision": "day"}):
        response = client.post(url(tandem, "leave", row.pk), data, follow=True)
        assert response.redirect_chain == [(url(tandem), 302)]
        assert "Sofia" in " ".join(str(one) for one in response.context["messages"])
    assert member(tandem, "Sofia").left_on == END_OF_2023


def test_last_day_ahead_stands_in_the_form_and_can_be_moved():
    tandem = krefeld_sofia()
    on = today() + 10 * DAY
    left(tandem, "Sofia", on)
    walker = Walker(team())
    walker.open(url(tandem).replace("/de/", "/en/"))

    page = walker.follow("Change the last day")
    assert page.main.one("input", name="left_on")["value"] == on.isoformat()
    walker.press("Record the last day", left_on=(on + DAY).isoformat())

    assert member(tandem, "Sofia").left_on == on + DAY


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"left_on": "gestern"},
        {"left_on": "2023-02-30"},
        {"left_on": "1999-01-01"},
        {"left_on": "2023-12-31", "precision": "range"},
        {"left_on": "2023-12-31", "reason_de": "x" * 301},
        {"left_on": "2023-12-31", "is_public": "on"},
        {"left_on": "2023-12-31", "sources": "javascript:alert(1)"},
        {"left_on": "2023-12-31", "sources": "x" * 200_000},
    ],
)
def test_wrong_input_is_refused_in_words_and_changes_nothing(fields):
    tandem, client = krefeld_sofia(), entered(team())
    row = member(tandem, "Sofia")

    response = post(client, url(tandem, "leave", row.pk), **{"precision": "day", **fields})

    assert response.status_code == 200
    assert read(response).main.one(class_="form-errors").texts("li")
    assert TandemMember.objects.get(pk=row.pk).left_on is None


def test_control_characters_are_taken_out_of_a_reason():
    tandem = krefeld_sofia()
    row = member(tandem, "Sofia")
    fields = {"left_on": "2023-12-31", "precision": "day", "is_public": "on"}

    post(
        entered(team()),
        url(tandem, "leave", row.pk),
        reason_de="Geld\x07\u202e fehlt",
        reason_en="No\nmoney",
        **fields,
    )

    row.refresh_from_db()
    assert (row.left_reason_de, row.left_reason_en) == ("Geld fehlt", "No money")


# Joining and docking on.


@pytest.mark.parametrize(
    ("page", "fields", "button"),
    [
        ("join", {"joined_on": "2024-03-01"}, "Let the city join"),
        ("dock", {"since": "2024-03-01", "until": "2024-06-30"}, "Record the guest"),
    ],
)
def test_city_comes_by_its_form_once(page, fields, button):
    tandem, venlo, client = krefeld_sofia(), place("Venlo", "NL"), entered(team())
    data = {"municipality": venlo.pk, "sources": "https://a.example\r\nhttps://b.example", **fields}

    first, second = (post(client, url(tandem, page), **data) for _click in (1, 2))

    assert first.status_code == 302
    row = tandem.members.get(municipality=venlo)
    assert (str(row.joined_earliest), len(row.sources)) == ("2024-03-01", 2)
    if page == "join":
        # The second click says so at the field; nothing is lost and nobody is there twice.
        assert second.status_code == 200
        assert read(second).main.one(class_="form-errors").texts("li") == [
            "Municipality: Choose a municipality that is not a member here."
        ]
    assert tandem.members.filter(municipality=venlo, left_on=None).count() <= 1


@pytest.mark.parametrize("page", ["join", "dock"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"municipality": "0"},
        {"municipality": "x"},
        {"joined_on": "9999-01-01", "since": "9999-01-01"},
        {"joined_on": "", "since": ""},
        {"sources": "no address"},
    ],
)
def test_forms_of_coming_refuse_wrong_input_in_words(page, fields):
    tandem = krefeld_sofia()
    data = {"municipality": place("Venlo", "NL").pk, "joined_on": "2024-03-01"} if fields else {}

    response = post(entered(team()), url(tandem, page), **{**data, "since": "2024-03-01", **fields})

    assert response.status_code == 200
    assert read(response).main.one(class_="form-errors").texts("li")
    assert tandem.members.count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_form_asks_once_for_all_municipalities(count, django_assert_num_queries):
    tandem, client = krefeld_sofia(), entered(team())
    for _number in range(count):
        MunicipalityFactory()
    client.get(url(tandem, "join"))

    with django_assert_num_queries(6):
        client.get(url(tandem, "join"))


def test_message_may_hold_a_per_cent_sign():
    tandem = krefeld_sofia()
    odd = MunicipalityFactory(name_de="100 % Stadt", name_en="100 % Stadt", country="NL")

    response = entered(team()).post(
        url(tandem, "join"), {"municipality": odd.pk, "joined_on": "2024-03-01"}, follow=True
    )

    assert "100 % Stadt" in " ".join(str(one) for one in response.context["messages"])


# The end.


def test_partnership_ends_and_goes_on_by_its_forms():
    tandem, walker = krefeld_sofia(), Walker(team())
    walker.open(url(tandem).replace("/de/", "/en/"))
    walker.follow("End the partnership")
    walker.press("End the partnership", outcome="ended_early", ended_on="2023-12-31")
    assert Tandem.objects.get().status == "ended_early"
    assert "The partnership ends early." in walker.page.main.text

    walker.follow("Resume the partnership")
    page = walker.press("Resume the partnership")
    assert page.main.one(class_="form-errors").texts("li")
    walker.press("Resume the partnership", note="Sofia ist zurück")

    assert Tandem.objects.get().status == "active"
    assert history(tandem)[-1] == ("status", "ended_early", "active", "Sofia ist zurück")
    assert "The partnership goes on." in walker.page.main.text


def test_second_click_on_the_end_only_says_so():
    tandem, client = krefeld_sofia(), entered(team())
    data = {"outcome": "ended_early", "ended_on": "2023-12-31"}

    answers = [post(client, url(tandem, "end"), **data) for _click in (1, 2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert len(history(tandem)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"outcome": "planned"},
        {"outcome": "active"},
        {"ended_on": "9999-01-01"},
        {"ended_on": ""},
        {"is_public": "on", "reason_de": "Geld"},
    ],
)
def test_form_of_the_end_refuses_wrong_input_in_words(fields):
    tandem = krefeld_sofia()
    data = {"outcome": "completed", "ended_on": "2023-12-31"} if fields else {}

    response = post(entered(team()), url(tandem, "end"), **{**data, **fields})

    assert response.status_code == 200
    assert read(response).main.one(class_="form-errors").texts("li")
    assert Tandem.objects.get().status == "active"


def test_planned_partnership_cannot_end():
    tandem = pair("Krefeld", "Sofia", "BG", status="planned")

    response = entered(team()).get(url(tandem, "end"), follow=True)

    assert response.redirect_chain == [(url(tandem), 302)]


# A new partner.


def test_new_partner_is_chosen_from_the_register():
    tandem = krefeld_sofia()
    left(tandem, "Sofia", END_OF_2023)
    venlo, walker = place("Venlo", "NL"), Walker(team())
    walker.open(url(tandem, "rematch").replace("/de/", "/en/"))
    assert (
        "No municipality on the reserve list of this call can be asked at the moment."
        in walker.page.main.text
    )
    walker.follow("Choose a municipality of the register")

    page = walker.press("Plan the new partnership", municipality=str(venlo.pk))
    assert len(page.main.one(class_="form-errors").texts("li")) == 2
    walker.press("Plan the new partnership", agreed_on="2024-02-01", agreement="Zwei Briefe")

    new = Tandem.objects.get(previous=tandem)
    assert walker.url.endswith(f"/tandems/{new.slug}/workspace/membership/")
    assert "The partnership grows out of Krefeld – Sofia." in walker.page.main.text
    walker.open(url(tandem).replace("/de/", "/en/"))
    assert "A new partnership grows out of it: Krefeld – Venlo." in walker.page.main.text


def test_new_partner_is_chosen_from_the_reserve_list():
    tandem, walker = with_reserve(), Walker(team())
    page = walker.open(url(tandem, "rematch").replace("/de/", "/en/"))
    assert page.main.section("From the reserve list").texts("h3") == ["City 3 (FR)", "City 2 (FR)"]
    walker.open(walker.url + page.main.all("a", class_="more")[0]["href"])

    told = {"agreed_on": "2024-02-01", "agreement": "Zwei Briefe"}
    page = walker.press("Plan the new partnership", **told)
    assert page.main.one(class_="form-errors")
    walker.press(
        "Plan the new partnership",
        **{
            "place-language": "fr",
            "place-latitude": "48.1",
            "place-longitude": "2.3",
            "place-time_zone": "Europe/Paris",
        },
    )

    assert Tandem.objects.get(previous=tandem).name == "Krefeld – City 3"


def test_city_that_is_no_longer_on_the_reserve_list_leads_back_with_a_word():
    tandem, client = krefeld_sofia(), entered(team())

    for key in ("abc", "00000000-0000-0000-0000-000000000000"):
        response = client.get(f"{url(tandem, 'rematch')}?application={key}", follow=True)
        assert response.redirect_chain == [(url(tandem, "rematch"), 302)]
        assert list(response.context["messages"])


def test_form_comes_back_filled_after_the_session_has_ended():
    tandem, user = krefeld_sofia(), team()
    client = entered(user)
    data = {"outcome": "ended_early", "ended_on": "2023-12-31", "reason_de": "Lange getippt"}
    session = client.session
    session["seen_at"] = 0
    session.save()

    assert client.post(url(tandem, "end"), data).status_code == 302
    kept, again = client.session["kept_form"], entered(user)
    session = again.session
    session["kept_form"] = kept
    session.save()
    page = read(again.get(url(tandem, "end")))

    assert page.main.one("input", name="reason_de")["value"] == "Lange getippt"
    assert Tandem.objects.get().status == "active"
