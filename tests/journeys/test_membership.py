"""What happened to the real partnerships, done by the project team through pages alone."""

from __future__ import annotations

import datetime as dt

import pytest

from core.models import StatusChange
from meetings.models import Commitment
from tandems.models import Tandem
from tests.factories import CommitmentFactory, MeetingFactory, TandemTopicFactory, make_user
from tests.tandems.membership_cases import krefeld_sofia, member, pair, place, today
from tests.walking import Walker

pytestmark = pytest.mark.django_db


def page_of(tandem, name="membership"):
    return f"/en/tandems/{tandem.slug}/workspace/{name}/"


def membership(walker, tandem):
    """Open the first page about the membership."""
    return walker.open(page_of(tandem))


def story(page):
    """Return the dates and sentences of a timeline."""
    return [row.text for row in page.main.one("ol", class_="timeline").all("li")]


def begin(walker, tandem):
    """Note in the administration that the kick-off was held."""
    walker.open("/admin/tandems/tandem/")
    walker.press("Kick-off held: make it public")


def officer_of(city):
    return Walker(make_user("contact", city))


def test_krefeld_stays_without_sofia_visits_munich_and_utrecht_and_goes_on_with_venlo():
    tandem, munich = krefeld_sofia(), pair("München", "Utrecht", "NL")
    krefeld, sofia = (member(tandem, name).municipality for name in ("Krefeld", "Sofia"))
    venlo = place("Venlo", "NL")
    promises = [
        CommitmentFactory(tandem=tandem, municipality=sofia, text=text)
        for text in ("Sofia sends the guide.", "Sofia shows its platform.")
    ]
    on = today() + dt.timedelta(days=20)
    meeting = MeetingFactory(
        tandem=tandem, scope="tandem", status="announced", earliest=on, latest=on
    )
    team = Walker(make_user("coordinator"))

    # Sofia leaves at the end of 2023.
    membership(team, tandem)
    team.open(page_of(tandem, f"membership/{member(tandem, 'Sofia').pk}/leave"))
    team.press(
        "Record the last day",
        left_on="2023-12-31",
        precision="year_end",
        reason_de="Wechsel in der Verwaltung",
        reason_en="changes in its administration",
        is_public="on",
        sources="https://www.smart-city-dialog.de/",
        drop_note="Nobody goes on with it.",
        **{
            f"commitment_{promises[0].pk}": "stays",
            f"commitment_{promises[1].pk}": "dropped",
            f"meeting_{meeting.pk}": "goes_on",
        },
    )
    assert [row.state for row in Commitment.objects.order_by("pk")] == ["open", "dropped"]
    gone, there = officer_of(sofia), officer_of(krefeld)
    there.open(page_of(tandem, "people"))
    there.open(page_of(tandem), status=403)
    gone.open(page_of(tandem), status=403)

    # Krefeld docks on to Munich and Utrecht, which opens nothing by itself.
    membership(team, munich)
    team.follow("A city takes part as a guest")
    team.press("Record the guest", municipality=str(krefeld.pk), since="2024-01-15")
    assert team.page.main.section("Guests").texts("h3") == ["Krefeld (DE)"]
    there.open(page_of(munich, "people"), status=404)
    topic = TandemTopicFactory(tandem=munich, focus_de="Reallabor", focus_en="Living lab")
    host = officer_of(member(munich, "München").municipality)
    host.open(page_of(munich, f"topics/{topic.pk}/guests"))
    host.press("Add as a guest", municipality=str(krefeld.pk))
    assert "Living lab" in there.open(page_of(munich, f"topics/{topic.pk}")).main.text
    there.open(page_of(munich, "topics"), status=404)
    gone.open(page_of(munich, f"topics/{topic.pk}"), status=404)

    # Krefeld and Venlo, which never applied, agree to work with each other.
    membership(team, tandem)
    team.follow("Find a new partner for a city")
    team.follow("Choose a municipality of the register")
    team.press(
        "Plan the new partnership",
        municipality=str(venlo.pk),
        agreed_on="2024-02-01",
        agreement="Letters of both cities",
    )
    new = Tandem.objects.get(previous=tandem)
    membership(team, tandem)
    team.follow("End the partnership")
    assert meeting.title_en in team.page.main.section("Coming meetings").text
    team.press(
        "End the partnership",
        outcome="ended_early",
        ended_on="2024-02-01",
        reason_de="Krefeld arbeitet mit Venlo weiter",
        reason_en="Krefeld goes on with Venlo",
        is_public="on",
        meetings="cancelled",
    )
    meeting.refresh_from_db()
    assert meeting.status == "cancelled"

    # The public reads nothing of the new one before its kick-off, and all of it afterwards.
    visitor = Walker()
    visitor.open(f"/en/tandems/{new.slug}/", status=404)
    begin(team, new)
    old = visitor.open(f"/en/tandems/{tandem.slug}/")
    assert "Sofia" in old.heading
    told = story(old)
    assert told[0].startswith("17 May 2022 Krefeld and Sofia start learning from each other.")
    assert told[1].startswith(
        "end of 2023 Sofia leaves the programme. Reason: changes in its administration."
    )
    assert told[-1].endswith("A new partnership grows out of it: Krefeld – Venlo.")
    visitor.open(f"/en/tandems/{munich.slug}/")
    assert "15 January 2024 Krefeld takes part as a guest." in story(visitor.page)
    visitor.open(f"/en/tandems/{new.slug}/")
    assert "Venlo" in visitor.page.heading

    # What the team reads tells the rest: the end, and what grew out of it.
    membership(team, tandem)
    assert story(team.page)[-2:] == [
        "1 February 2024 The partnership ends early. Reason: Krefeld goes on with Venlo.",
        f"{told_today()} A new partnership grows out of it: Krefeld – Venlo.",
    ]
    membership(team, new)
    assert story(team.page)[0].endswith("The partnership grows out of Krefeld – Sofia.")
    told = StatusChange.objects.of(tandem).order_by("pk").values_list("field", "new")
    assert list(told) == [("successor", "Krefeld – Venlo"), ("status", "ended_early")]


def told_today():
    day = today()
    return f"{day.day} {day:%B} {day.year}"


def test_mulhouse_joins_freiburg_and_basel_and_they_are_a_tridem():
    tandem = pair("Freiburg", "Basel", "CH")
    mulhouse = place("Mulhouse", "FR")
    team, newcomer = Walker(make_user("bbsr")), officer_of(mulhouse)
    newcomer.open(page_of(tandem, "people"), status=404)

    membership(team, tandem)
    team.follow("A city joins")
    team.press("Let the city join", municipality=str(mulhouse.pk), joined_on="2022-09-01")

    assert team.page.main.section("Cities").texts("h3") == [
        "Freiburg (DE)",
        "Basel (CH)",
        "Mulhouse (FR)",
    ]
    newcomer.open(page_of(tandem, "people"))
    page = Walker().open(f"/en/tandems/{tandem.slug}/")
    assert page.heading.startswith("Freiburg")
    assert "Mulhouse" in page.heading
    assert "Tridem" in page.main.text
    assert story(page) == [
        "17 May 2022 Freiburg and Basel start learning from each other.",
        "1 September 2022 Mulhouse joins.",
        "1 September 2022 The tandem becomes a tridem.",
    ]

    # One goes, comes back, and in the end all three are done.
    team.open(page_of(tandem, f"membership/{member(tandem, 'Basel').pk}/leave"))
    team.press("Record the last day", left_on="2023-06-30")
    newcomer.open(page_of(tandem, "people"))
    membership(team, tandem)
    team.follow("A city joins")
    basel = member(tandem, "Basel").municipality
    team.press("Let the city join", municipality=str(basel.pk), joined_on="2023-10-01")
    team.follow("End the partnership")
    team.press("End the partnership", outcome="continues", ended_on="2024-12-31")

    assert story(team.page)[-3:] == [
        "30 June 2023 Basel leaves the programme.",
        "1 October 2023 Basel joins.",
        "31 December 2024 The partnership is completed; the cooperation goes on.",
    ]
    assert Tandem.objects.get().kind == "tridem"
