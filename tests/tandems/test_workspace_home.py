"""The internal area: where a partnership stands, its people, its history, its meetings."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actions import note_change
from core.models import StatusChange
from meetings import actions
from tandems.access import access_of
from tandems.enums import MemberRole, TandemStatus
from tandems.history import changes_in
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    MunicipalityFactory,
    ProfileVersionFactory,
    RoleAssignmentFactory,
    TandemFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_pair,
    make_user,
    sign_in,
)
from tests.reading import read
from tests.workspace import DocumentFactory, MeetingGuestFactory, TopicGuestFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
PAGES = ("home", "people", "history", "meetings")
PAGE = pytest.mark.parametrize("name", PAGES)
SECRET = "GEHEIM"


def entered(user):
    client = Client()
    sign_in(client, user)
    return client


def page_of(user, tandem, name="home", query=""):
    return read(entered(user).get(url_of(tandem, name) + query)).main


def url_of(tandem, name="home"):
    return reverse(f"workspace:{name}", args=[tandem.slug])


def city(tandem, position=0):
    return tandem.members.order_by("position")[position].municipality


def contact_of(tandem, position=0, role="contact"):
    return make_user(role, city(tandem, position))


def leave(tandem, position=0, days=2):
    """Let a city leave; its last day was some days ago."""
    member = tandem.members.order_by("position")[position]
    member.left_on = timezone.localdate() - days * DAY
    member.save()
    return member


def dated(day, **fields):
    return MeetingFactory(scope="tandem", earliest=day, latest=day, **fields)


def next_step(page):
    return page.one("section", class_="next").one("h2").text


# --- who is let in --------------------------------------------------------------------------------


@PAGE
def test_members_of_every_role_and_the_team_read_the_page(name):
    pair = make_pair()

    for user in (
        contact_of(pair),
        contact_of(pair, 1, "deputy"),
        contact_of(pair, 1, "colleague"),
        make_user("coordinator"),
        make_user("bbsr"),
    ):
        assert entered(user).get(url_of(pair, name)).status_code == 200


@PAGE
def test_everybody_else_finds_nothing(name):
    pair = make_pair()
    topic = TandemTopicFactory(tandem=pair)
    docked = TandemMemberFactory(tandem=pair, role=MemberRole.GUEST).municipality
    of_topic = TopicGuestFactory(topic=topic).municipality
    of_meeting = MeetingGuestFactory(meeting=dated(timezone.localdate(), tandem=pair)).municipality

    for user in (
        contact_of(make_pair()),
        make_user("contact"),
        make_user("contact", docked),
        make_user("contact", of_topic),
        make_user("contact", of_meeting),
        make_user("reviewer"),
        make_user("observer"),
        make_user(),
    ):
        assert entered(user).get(url_of(pair, name)).status_code == 404


@PAGE
def test_visitor_is_led_to_the_login_and_other_methods_are_refused(name):
    pair = make_pair()

    assert Client().get(url_of(pair, name)).status_code == 302
    assert entered(contact_of(pair)).post(url_of(pair, name)).status_code == 405


@PAGE
@pytest.mark.parametrize("language", ["de", "en"])
def test_page_is_whole_in_both_languages(name, language):
    pair = make_pair()
    url = url_of(pair, name).replace("/de/", f"/{language}/", 1)

    document = read(entered(contact_of(pair)).get(url))

    assert document.language == language
    assert document.faults == []
    assert len(document.main.all("h1")) == 1


# --- the next step --------------------------------------------------------------------------------


def test_next_step_stands_first_and_says_who_can_do_it():
    pair = make_pair()

    document = page_of(contact_of(pair), pair)

    assert document.all("section")[0].classes == ["next"]
    assert next_step(document) == "Nächsten Termin vereinbaren"
    assert "Zuständig: Ansprechperson oder Vertretung einer Kommune" in document.text
    assert url_of(pair, "meeting-plan") in document.one("section", class_="next").hrefs()


def test_colleague_reads_the_next_step_and_has_no_button_for_it():
    pair = make_pair()

    step = page_of(contact_of(pair, role="colleague"), pair).one("section", class_="next")

    assert "Nächsten Termin vereinbaren" in step.text
    assert url_of(pair, "meetings") not in step.hrefs()


def test_word_of_a_city_is_asked_of_that_city_alone():
    pair = make_pair()
    dated(timezone.localdate() + DAY, tandem=pair, status="announced")
    version = ProfileVersionFactory(tandem=pair, state="submitted", released_at=None)
    version.confirmations.create(municipality=city(pair, 0))
    confirm = url_of(pair, "profile-confirm")

    asked, others = (
        page_of(user, pair).one("section", class_="next")
        for user in (contact_of(pair, 1), contact_of(pair, 0))
    )
    team = page_of(make_user("coordinator"), pair).one("section", class_="next")

    assert next_step(page_of(make_user("bbsr"), pair)) == f"Profil bestätigen: {city(pair, 1)}"
    assert confirm in asked.hrefs()
    assert confirm not in others.hrefs()
    assert confirm not in team.hrefs()


def test_deputy_is_asked_of_the_city_that_lacks_one():
    pair = make_pair()
    mine, theirs = contact_of(pair, 0), contact_of(pair, 1)
    contact_of(pair, 0, "deputy")

    def invites(user):
        hrefs = page_of(user, pair).one("section", class_="next").hrefs()
        return [href for href in hrefs if f"municipality={city(pair, 1).pk}" in href]

    assert invites(mine) == []
    assert len(invites(theirs)) == 1
    assert len(invites(make_user("coordinator"))) == 1


def test_minutes_are_found_by_their_date():
    pair = make_pair()
    today = timezone.localdate()
    dated(today + DAY, tandem=pair, status="announced")
    held = dated(today - 90 * DAY, tandem=pair)
    user = contact_of(pair)

    def asked():
        return "Protokoll des Treffens" in page_of(user, pair).one("section", class_="next").text

    assert asked()
    for visibility, on in (
        ("partnership", held.earliest - DAY),
        ("partnership", held.earliest + 61 * DAY),
        ("team", held.earliest),
    ):
        DocumentFactory(tandem=pair, kind="minutes", visibility=visibility, dated_on=on)
    assert asked()
    DocumentFactory(tandem=pair, kind="minutes", dated_on=held.earliest + 60 * DAY)
    assert not asked()


@pytest.mark.parametrize("is_next", [True, False])
def test_minutes_that_are_missing_are_one_click_away(is_next):
    """Also where an older meeting has none, and where something else is more pressing."""
    pair = make_pair()
    today = timezone.localdate()
    dated(today - 90 * DAY, tandem=pair)
    held = dated(today - 9 * DAY, tandem=pair)
    if is_next:
        dated(today + DAY, tandem=pair, status="announced")
    user = contact_of(pair)

    hrefs = page_of(user, pair).one("section", class_="next").hrefs()

    url = reverse("meeting:minutes", args=[held.pk])
    assert (url in hrefs, hrefs.index(url) == 0) == (True, is_next)
    page = read(entered(user).get(url))
    assert "Protokoll beginnen" in page.main.texts("button")


def test_commitment_after_the_last_meeting_ends_the_question():
    pair = make_pair()
    held = dated(timezone.localdate() - 9 * DAY, tandem=pair)
    user = contact_of(pair)
    words = "Zusage aus dem Treffen"

    assert words in page_of(user, pair).one("section", class_="next").text
    CommitmentFactory(tandem=pair, meeting=held)
    assert words not in page_of(user, pair).one("section", class_="next").text


# --- where we stand -------------------------------------------------------------------------------


def test_page_of_a_partnership_without_anything_reads_well():
    tandem = TandemFactory()

    page = page_of(make_user("coordinator"), tandem)

    assert next_step(page) == "Eine Partnerkommune fehlt"
    assert "Zurzeit ist keine Kommune Mitglied." in page.text
    assert "Bisher ist kein Thema benannt." in page.text


def test_planned_partnership_tells_the_day_proposed_for_the_kick_off():
    pair = make_pair(
        status=TandemStatus.PLANNED, kick_off_proposed_on=timezone.localdate() + 9 * DAY
    )

    first, _second = contact_of(pair), contact_of(pair, 1)
    page = page_of(first, pair)

    assert "Die Auftaktveranstaltung ist für den" in page.section("Treffen").text
    assert next_step(page) == f"Vertretung benennen: {city(pair, 0)} und {city(pair, 1)}"


def test_partnership_that_is_over_says_so_and_asks_for_nothing():
    pair = make_pair(
        status=TandemStatus.ENDED_EARLY,
        ended_on=dt.date(2023, 12, 31),
        ended_reason_de="Zu wenig Personal.",
    )

    step = page_of(contact_of(pair), pair).one("section", class_="next")

    assert step.one("h2").text == "Vorzeitig beendet"
    assert "31. Dezember 2023" in step.text
    assert "Zu wenig Personal." in step.text
    assert step.all("a") == []


def test_page_shows_people_topics_meetings_commitments_documents_and_history():
    pair = make_pair()
    user, partner = contact_of(pair, 0), contact_of(pair, 1)
    today = timezone.localdate()
    TandemTopicFactory(tandem=pair, focus_de="Bürgerbudget", giver=city(pair), seeker=city(pair, 1))
    TandemTopicFactory(tandem=pair, focus_de="Altes Thema", ended_on=today - DAY)
    dated(today + 9 * DAY, tandem=pair, status="planned", title_de="Besuch", title_en="Visit")
    dated(today - 9 * DAY, tandem=pair, title_de="Auftakt", title_en="Kick-off")
    CommitmentFactory(tandem=pair, text="Wir schicken den Leitfaden.")
    DocumentFactory(tandem=pair, title="Konzept")
    version = ProfileVersionFactory(tandem=pair, as_of=today - 200 * DAY)
    note_change(version, old="", new="draft", by=partner)

    page = page_of(user, pair)

    assert user.name in page.section("Kommunen und Personen").text
    assert partner.name in page.section("Kommunen und Personen").text
    assert "Bürgerbudget" in page.section("Themen").text
    assert "Altes Thema" not in page.section("Themen").text
    meetings = page.section("Treffen")
    assert "Besuch" in meetings.text
    # What is planned has no public page, but an internal one.
    assert [link.text for link in meetings.all("a")] == ["Besuch", "Auftakt", "Alle Treffen"]
    assert "Wir schicken den Leitfaden." in page.section("Offene Zusagen").text
    assert "Konzept" in page.section("Neueste Dokumente").text
    assert "Stand vor 200 Tagen" in page.section("Profil").text
    assert "Profil, Fassung" in page.section("Letzte Änderungen").text


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    pair = make_pair()
    user = contact_of(pair)
    today = timezone.localdate()
    version = ProfileVersionFactory(tandem=pair, state="draft", released_at=None)
    for number in range(rows):
        RoleAssignmentFactory(municipality=city(pair), role="deputy")
        TandemTopicFactory(tandem=pair, giver=city(pair), seeker=city(pair, 1))
        meeting = dated(today + number * DAY, tandem=pair, status="announced")
        past = dated(today - (number + 1) * DAY, tandem=pair)
        commitment = CommitmentFactory(tandem=pair, meeting=past)
        document = DocumentFactory(tandem=pair)
        for subject in (meeting, commitment, document):
            note_change(subject, old="", new="open", by=user)
    note_change(version, old="submitted", new="draft", by=user)
    client = entered(user)

    client.get(url_of(pair))
    with django_assert_num_queries(34):
        client.get(url_of(pair))


# --- people ---------------------------------------------------------------------------------------


def test_people_are_shown_with_addresses_to_members_and_team():
    pair = make_pair()
    mine, theirs = contact_of(pair, 0), contact_of(pair, 1, "colleague")

    for user in (mine, theirs, make_user("coordinator")):
        text = page_of(user, pair, "people").text
        assert mine.email in text
        assert theirs.email in text


def test_role_that_is_over_and_people_of_other_places_are_not_shown():
    pair = make_pair()
    user = contact_of(pair)
    past = RoleAssignmentFactory(
        municipality=city(pair, 1), role="colleague", until=timezone.localdate() - DAY
    )
    stranger = contact_of(make_pair())

    text = page_of(user, pair, "people").text

    assert past.user.email not in text
    assert stranger.email not in text


def test_city_that_has_left_reads_nobody_but_its_own_people():
    pair = make_pair()
    mine, theirs = contact_of(pair, 0), contact_of(pair, 1)
    leave(pair)

    people, home = page_of(mine, pair, "people").text, page_of(mine, pair).text
    partner = page_of(theirs, pair, "people").text

    assert mine.email in people
    assert theirs.email not in people
    assert theirs.name not in people + home
    # And the partner no longer reads the people of the city that left.
    assert mine.email not in partner
    assert str(city(pair)) in partner


def test_way_to_invite_is_shown_to_who_may_invite():
    pair = make_pair()

    def invites(user):
        return [href for href in page_of(user, pair, "people").hrefs() if "invite" in href]

    own = f"municipality={city(pair).pk}"
    assert [own in href for href in invites(contact_of(pair))] == [True]
    assert invites(contact_of(pair, role="colleague")) == []
    assert len(invites(make_user("coordinator"))) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_people_ask_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    pair = make_pair()
    client = entered(contact_of(pair))
    for _number in range(rows):
        RoleAssignmentFactory(municipality=city(pair, 1), role="colleague")

    with django_assert_num_queries(7):
        client.get(url_of(pair, "people"))


# --- history --------------------------------------------------------------------------------------


def test_history_tells_everything_in_words_the_newest_first():
    pair = make_pair()
    user = contact_of(pair)
    member = pair.members.first()
    subjects = [
        (pair, {"field": "status", "old": "planned", "new": "active"}),
        (member, {"field": "membership", "old": "", "new": "member"}),
        (ProfileVersionFactory(tandem=pair, number=3), {"old": "draft", "new": "submitted"}),
        (TandemTopicFactory(tandem=pair, focus_de="Bürgerbudget"), {"old": "", "new": "added"}),
        (
            DocumentFactory(tandem=pair, title="Konzept"),
            {"field": "visibility", "old": "partnership", "new": "public"},
        ),
        (CommitmentFactory(tandem=pair, text="Wir laden ein."), {"old": "", "new": "open"}),
        (
            dated(timezone.localdate(), tandem=pair, title_de="Besuch"),
            {"field": "status", "old": "announced", "new": "held"},
        ),
    ]
    for subject, change in subjects:
        note_change(subject, **change, by=user)

    visible = "Zugang jetzt: öffentlich (zuvor: diese Partnerschaft)"
    page = page_of(user, pair, "history").one("section", class_="workspace")

    assert [entry.text for entry in page.all("div", class_="entry__what")] == [
        f"Treffen: Besuch Stattgefunden {user.name}",
        f"Zusage: Wir laden ein. Zugesagt {user.name}",
        f"Dokument: Konzept {visible} {user.name}",
        f"Thema einer Partnerschaft: Bürgerbudget Hinzugefügt {user.name}",
        f"Profil, Fassung 3 Eingereicht {user.name}",
        f"{member.municipality} Beigetreten {user.name}",
        f"Partnerschaft Aktiv {user.name}",
    ]


@pytest.mark.parametrize(
    ("of", "change", "words"),
    [
        ("tandem", {"field": "kind", "old": "tandem", "new": "tridem"}, "Ist jetzt: Tridem"),
        ("tandem", {"field": "name", "old": "A", "new": "Krefeld – Venlo"}, "Krefeld – Venlo"),
        ("tandem", {"field": "agreement", "old": "", "new": "2024-01-31"}, "31. Januar 2024"),
        ("tandem", {"field": "successor", "old": "", "new": "B"}, "neue Partnerschaft"),
        ("version", {"field": "confirmation", "old": "", "new": "sofia"}, "Bestätigt von Sofia"),
        ("version", {"field": "confirmation", "old": "", "new": "gone"}, "Bestätigt von gone"),
        ("member", {"field": "membership", "old": "member", "new": "left"}, "Verlässt"),
        (
            "member",
            {"field": "left_on", "old": "2023-12-31", "new": "2024-01-31"},
            "vom 31. Dezember 2023 auf den 31. Januar 2024",
        ),
        ("topic", {"field": "guest", "old": "", "new": "let in"}, "Gast zugelassen"),
        ("topic", {"field": "guest", "old": "let in", "new": "2024-01-31"}, "31. Januar 2024"),
        ("topic", {"field": "state", "old": "", "new": "resumed"}, "Wieder aufgenommen"),
        ("document", {"field": "added_at", "old": "", "new": "added"}, "Hinzugefügt"),
        ("document", {"field": "removed_at", "old": "present", "new": "removed"}, "Entfernt"),
        ("meeting", {"field": "guest", "old": "", "new": "let in"}, "Gast zugelassen"),
        ("meeting", {"field": "unheard of", "old": "", "new": "of"}, "Of"),
        (
            "commitment",
            {"field": "due_on", "old": "2023-12-31", "new": "2024-01-31"},
            "vom 31. Dezember 2023 auf den 31. Januar 2024",
        ),
        ("guest of topic", {"field": "guest", "old": "", "new": "let in"}, "als Gast beim Thema"),
        ("guest of meeting", {"field": "guest", "old": "", "new": "let in"}, "als Gast beim"),
    ],
)
def test_history_has_words_for_every_change(of, change, words):
    pair = make_pair()
    member = pair.members.order_by("position")[1]
    member.municipality.slug, member.municipality.name_de = "sofia", "Sofia"
    member.municipality.save()
    subject = {
        "tandem": lambda: pair,
        "version": lambda: ProfileVersionFactory(tandem=pair),
        "member": lambda: member,
        "topic": lambda: TandemTopicFactory(tandem=pair),
        "document": lambda: DocumentFactory(tandem=pair),
        "meeting": lambda: dated(timezone.localdate(), tandem=pair),
        "commitment": lambda: CommitmentFactory(tandem=pair),
        "guest of topic": lambda: TopicGuestFactory(topic=TandemTopicFactory(tandem=pair)),
        "guest of meeting": lambda: MeetingGuestFactory(
            meeting=dated(timezone.localdate(), tandem=pair)
        ),
    }[of]()
    note_change(subject, **change, by=None)

    page = page_of(contact_of(pair), pair, "history").one("section", class_="workspace")

    assert words in page.text


def test_what_only_the_team_may_read_is_in_no_members_history():
    pair = make_pair()
    member, team = contact_of(pair), make_user("coordinator")
    hidden = DocumentFactory(tandem=pair, title=f"{SECRET} 1", visibility="team")
    removed = DocumentFactory(
        tandem=pair, title=f"{SECRET} 2", visibility="team", removed_at=timezone.now()
    )
    shown = DocumentFactory(tandem=pair, title="Entfernt", removed_at=timezone.now())
    for document in (hidden, removed, shown):
        note_change(document, old="", new="added", note=document.title, by=team)
        note_change(document, field="removed_at", old="present", new="removed", by=team)

    for name in ("history", "home"):
        assert SECRET not in page_of(member, pair, name).text
        assert SECRET in page_of(team, pair, name).text
    assert "Entfernt" in page_of(member, pair, "history").text


def test_own_document_for_the_team_is_in_the_history_of_the_city_and_not_of_its_partner():
    pair = make_pair()
    document = DocumentFactory(
        tandem=pair, title=SECRET, visibility="team", municipality=city(pair, 0)
    )
    note_change(document, old="", new="added", by=None)

    assert SECRET in page_of(contact_of(pair, 0), pair, "history").text
    assert SECRET not in page_of(contact_of(pair, 1), pair, "history").text


def test_reason_that_is_not_public_is_for_the_city_itself_and_the_team():
    pair = make_pair()
    own, partner = contact_of(pair, 0), contact_of(pair, 1)
    member = pair.members.order_by("position")[0]
    note_change(member, field="membership", old="member", new="left", note=SECRET, by=None)
    note_change(pair, field="status", old="active", new="ended_early", note="Grund X", by=None)

    for name in ("history", "home"):
        assert SECRET in page_of(own, pair, name).text
        assert SECRET not in page_of(partner, pair, name).text
        assert SECRET in page_of(make_user("bbsr"), pair, name).text
        assert "Grund X" not in page_of(partner, pair, name).text


def test_city_that_has_left_reads_what_happened_up_to_its_last_day_and_no_names():
    pair = make_pair()
    own, partner = contact_of(pair, 0), contact_of(pair, 1)
    topic = TandemTopicFactory(tandem=pair, focus_de="Bürgerbudget")
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        note_change(topic, old="", new="added", note="vorher", by=partner)
    note_change(topic, old="", new="changed", note=SECRET, by=partner)
    leave(pair)

    for name in ("history", "home"):
        text = page_of(own, pair, name).text
        assert "vorher" in text
        assert SECRET not in text
        assert partner.name not in text


def test_last_day_itself_still_counts():
    pair = make_pair()
    own = contact_of(pair, 0)
    member = leave(pair, days=1)
    last = dt.datetime.combine(
        member.left_on, dt.time(23, 30), tzinfo=timezone.get_default_timezone()
    )
    topic = TandemTopicFactory(tandem=pair)
    for note, moment in (("noch da", last), (SECRET, last + dt.timedelta(hours=1))):
        with time_machine.travel(moment, tick=False):
            note_change(topic, old="", new="changed", note=note, by=None)

    text = page_of(own, pair, "history").text

    assert "noch da" in text
    assert SECRET not in text


def test_changes_of_other_partnerships_are_not_told():
    pair, other = make_pair(), make_pair()
    note_change(TandemTopicFactory(tandem=other), old="", new="added", note=SECRET, by=None)
    note_change(other, field="status", old="planned", new="active", note=SECRET, by=None)

    assert SECRET not in page_of(make_user("coordinator"), pair, "history").text


def test_long_history_comes_in_pages():
    pair = make_pair()
    topic = TandemTopicFactory(tandem=pair)
    for number in range(26):
        note_change(topic, old="", new="changed", note=f"Schritt {number:02d}", by=None)
    user = contact_of(pair)

    first, second = (page_of(user, pair, "history", query) for query in ("", "?page=2"))

    assert "Schritt 25" in first.text
    assert "Schritt 00" in second.text
    assert "Schritt 00" not in first.text
    assert entered(user).get(url_of(pair, "history") + "?page=3").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_history_asks_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    pair = make_pair()
    client = entered(contact_of(pair))
    for _number in range(rows):
        for subject in (
            TandemTopicFactory(tandem=pair),
            DocumentFactory(tandem=pair),
            CommitmentFactory(tandem=pair),
            dated(timezone.localdate(), tandem=pair),
        ):
            note_change(subject, old="", new="added", by=None)

    with django_assert_num_queries(16):
        client.get(url_of(pair, "history"))


def test_history_holds_what_was_deleted_with_its_subject_no_more():
    pair = make_pair()
    topic = TandemTopicFactory(tandem=pair)
    note_change(topic, old="", new="added", by=None)
    topic.delete()

    assert StatusChange.objects.exists()
    assert "Bisher ist hier nichts festgehalten" in page_of(contact_of(pair), pair, "history").text


# --- meetings -------------------------------------------------------------------------------------


def test_internal_meetings_are_listed_with_their_guests():
    pair = make_pair()
    today = timezone.localdate()
    meeting = dated(today + DAY, tandem=pair, status="planned", title_de="Besuch")
    guest = MeetingGuestFactory(meeting=meeting)
    dated(today - DAY, tandem=pair, title_de="Auftakt")
    dated(today + DAY, tandem=make_pair(), status="planned", title_de=SECRET)

    page = page_of(contact_of(pair), pair, "meetings")

    assert "Besuch" in page.section("Bevorstehend").text
    assert f"Gast: {guest.municipality}" in page.section("Bevorstehend").text
    assert "Auftakt" in page.section("Vergangene Treffen").text
    assert SECRET not in page.text


def test_way_to_let_a_guest_in_is_shown_to_who_leads_meetings():
    pair = make_pair()
    meeting = dated(timezone.localdate() + DAY, tandem=pair, status="planned")
    url = reverse("workspace:meeting-guests", args=[pair.slug, meeting.pk])

    for user, may in (
        (contact_of(pair), True),
        (make_user("coordinator"), True),
        (contact_of(pair, role="colleague"), False),
    ):
        assert (url in page_of(user, pair, "meetings").hrefs()) is may


def test_city_that_has_left_reads_meetings_up_to_its_last_day():
    pair = make_pair()
    own = contact_of(pair)
    today = timezone.localdate()
    dated(today - 9 * DAY, tandem=pair, title_de="Vorher", status="planned")
    dated(today - DAY, tandem=pair, title_de=f"{SECRET} 1")
    dated(today + DAY, tandem=pair, title_de=f"{SECRET} 2", status="announced")
    leave(pair)

    for name in ("meetings", "home"):
        page = page_of(own, pair, name)
        assert "Vorher" in page.text
        assert SECRET not in page.text


@pytest.mark.parametrize("rows", [1, 3])
def test_meetings_ask_as_much_for_one_row_as_for_three(rows, django_assert_num_queries):
    pair = make_pair()
    client = entered(contact_of(pair))
    for number in range(rows):
        for day in (timezone.localdate() - DAY, timezone.localdate() + number * DAY):
            MeetingGuestFactory(meeting=dated(day, tandem=pair))

    with django_assert_num_queries(12):
        client.get(url_of(pair, "meetings"))


# --- a city that has left -------------------------------------------------------------------------


def test_city_that_has_left_is_told_so_and_asked_for_nothing():
    pair = make_pair()
    own = contact_of(pair)
    member = leave(pair)

    page = page_of(own, pair)

    assert "hat diese Partnerschaft" in page.text
    assert page.all("section", class_="next") == []
    assert str(member.left_on.year) in page.text


def test_city_that_has_left_reads_open_commitments_as_they_stood():
    pair = make_pair()
    own, partner = contact_of(pair, 0), contact_of(pair, 1)
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        before = CommitmentFactory(tandem=pair, text="Vorher.", municipality=city(pair, 1))
    CommitmentFactory(tandem=pair, text=f"{SECRET}.", municipality=city(pair, 1))
    leave(pair)
    actions.keep_commitment(commitment=before, note="x", by=partner)

    text = page_of(own, pair).section("Offene Zusagen").text

    assert "Vorher." in text
    assert SECRET not in text


def test_city_that_came_back_reads_everything():
    pair = make_pair()
    own = contact_of(pair)
    member = leave(pair, days=30)
    TandemMemberFactory(tandem=pair, municipality=member.municipality)
    note_change(TandemTopicFactory(tandem=pair), old="", new="added", note="dazwischen", by=None)

    page = page_of(own, pair)

    assert "dazwischen" in page.text
    assert len(page.all("section", class_="next")) == 1


def test_last_row_of_the_year_is_in_the_history_of_who_left_with_it():
    """``changes_in`` asks by the day on our clock, not by the day in Greenwich."""
    pair = make_pair()
    own = contact_of(pair)
    member = pair.members.order_by("position")[0]
    member.left_on = dt.date(2023, 12, 31)
    member.save()
    topic = TandemTopicFactory(tandem=pair)
    with time_machine.travel(dt.datetime(2023, 12, 31, 23, 30, tzinfo=dt.UTC), tick=False):
        note_change(topic, old="", new="changed", by=None)

    assert list(changes_in(access_of(own, pair))) == []


def test_municipality_of_two_partnerships_reads_each_by_itself():
    pair, other = make_pair(), make_pair()
    shared = city(pair)
    TandemMemberFactory(tandem=other, municipality=shared, position=2)
    contact_of(other, 0)
    MunicipalityFactory()
    user = make_user("contact", shared)

    assert entered(user).get(url_of(pair)).status_code == 200
    assert entered(user).get(url_of(other)).status_code == 200
