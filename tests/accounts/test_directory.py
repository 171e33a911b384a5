"""Who works on what in which municipality: for officers and the team, with consent only."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone, translation

from accounts import actions
from accounts.actions.directory import (
    delete_unused_entries,
    forget_in_directory,
    save_entry,
    withdraw_entry,
)
from accounts.data import data_of
from accounts.forms.directory import CONSENT
from accounts.models import DirectoryEntry, RoleAssignment, User
from tests.factories import (
    MunicipalityFactory,
    RoleAssignmentFactory,
    TandemMemberFactory,
    TopicFactory,
    make_pair,
    make_user,
    sign_in,
)
from tests.races import act_at_once
from tests.reading import read
from tests.walking import Walker
from tests.workspace import DirectoryEntryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]
URL = "/en/accounts/directory/"
ENTRY, WITHDRAW = f"{URL}entry/", f"{URL}withdraw/"
TODAY = dt.timedelta(0)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def enter(role="contact", place=None, **fields):
    topics = fields.pop("topics", [])
    name = fields.pop("name", None)
    user = make_user(role, place)
    if name:
        User.objects.filter(pk=user.pk).update(name=name)
        user.refresh_from_db()
    entry = DirectoryEntryFactory(user=user, **fields)
    entry.topics.set(topics)
    return entry


def client_of(user):
    client = Client()
    sign_in(client, user)
    return client


def names(query="", user=None):
    page = read(client_of(user or make_user("coordinator")).get(f"{URL}{query}"))
    return page.main.texts("h3")


# --- who reads it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("contact", 200),
        ("deputy", 200),
        ("colleague", 200),
        ("coordinator", 200),
        ("bbsr", 200),
        ("reviewer", 403),
        ("observer", 403),
        (None, 403),
    ],
)
def test_officers_and_the_team_read_it(role, status):
    client = client_of(make_user(role))

    assert client.get(URL).status_code == status


@pytest.mark.parametrize("url", [URL, ENTRY, WITHDRAW])
def test_visitor_is_sent_to_sign_in_and_other_methods_are_refused(url):
    client = Client()
    assert client.get(url).status_code == 302
    assert "login" in client.get(url).headers["Location"]
    sign_in(client, make_user("contact"))
    assert client.delete(url).status_code == 405


def test_list_is_only_read():
    assert client_of(make_user("contact")).post(URL).status_code == 405


def test_officer_of_another_municipality_reads_what_was_agreed():
    place = MunicipalityFactory(name_en="Sofia", country="BG")
    topic = TopicFactory(name_en="Open data")
    entry = enter(
        "deputy",
        place,
        name="Ana Ionescu",
        office="Department of digitalisation",
        works_on="Sensors.\n<b>Data</b>",
        topics=[topic],
        languages=["bg", "de"],
    )

    page = read(client_of(make_user("colleague")).get(URL))

    text = page.main.one("li", class_="entry").text
    for words in ("Ana Ionescu", "Sofia", "Department of digitalisation", "Open data", "Bulgarian"):
        assert words in text
    assert "Sensors. <b>Data</b>" in text
    assert entry.user.email not in page.html
    assert page.faults == []


@pytest.mark.parametrize("shows", [True, False])
def test_address_stands_there_only_where_that_was_agreed(shows):
    entry = enter(shows_address=shows)

    page = read(client_of(make_user("contact")).get(URL))

    assert (entry.user.email in page.html) is shows


def test_person_without_a_name_is_shown_by_the_office_not_by_the_address():
    entry = enter(name=" ")
    User.objects.update(name="")

    assert names() == [entry.office]


# --- who stands in it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [(-DAY, None, 1), (TODAY, TODAY, 1), (-2 * DAY, -DAY, 0), (DAY, None, 0)],
)
def test_only_who_acts_for_a_municipality_today_is_shown(since, until, shown):
    enter()
    today = timezone.localdate()
    RoleAssignment.objects.update(
        since=today + since, until=None if until is None else today + until
    )

    assert len(names()) == shown


def test_people_without_entry_blocked_people_and_staff_are_not_shown():
    make_user("contact")
    blocked = enter()
    User.objects.filter(pk=blocked.user_id).update(is_active=False)
    for role in ("coordinator", "reviewer", None):
        enter(role)

    assert names() == []


def test_municipality_that_is_not_public_yet_is_known_to_itself_and_the_team():
    planned = make_pair(status="planned")
    place = planned.members.order_by("position")[0].municipality
    entry = enter(place=place, name="Secret Person")
    both = MunicipalityFactory(name_en="Public place")
    RoleAssignmentFactory(user=enter("deputy", place, name="Two Places").user, municipality=both)

    stranger = read(client_of(make_user("contact")).get(URL))

    assert "Secret Person" not in stranger.html
    assert "Two Places" in stranger.html
    assert place.name_en not in stranger.html
    assert place.slug not in stranger.html
    assert names(f"?q={place.name_en.replace(' ', '+')}", make_user("contact")) == []
    assert "Secret Person" in names(user=entry.user)
    assert "Secret Person" in names()


# --- filters --------------------------------------------------------------------------------------


@pytest.fixture
def three():
    data, trees = TopicFactory(key="data"), TopicFactory(key="trees")
    krefeld = MunicipalityFactory(slug="krefeld", name_en="Krefeld", country="DE")
    lodz = MunicipalityFactory(slug="lodz", name_en="Łódź", country="PL")
    enter("contact", krefeld, name="A", topics=[data, trees], languages=["de", "nl"])
    enter("deputy", krefeld, name="B", topics=[trees], office="Grünflächenamt", languages=["de"])
    enter("contact", lodz, name="C", works_on="Sensors in parks", languages=["pl", "en"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A", "B", "C"]),
        ("?topic=data", ["A"]),
        ("?topic=trees", ["A", "B"]),
        ("?language=nl", ["A"]),
        ("?language=en", ["C"]),
        ("?country=PL", ["C"]),
        ("?place=krefeld", ["A", "B"]),
        ("?place=krefeld&topic=data", ["A"]),
        ("?q=grunflachenamt", ["B"]),
        ("?q=lodz", ["C"]),
        ("?q=PARKS+sensors", ["C"]),
        ("?q=krefeld+stadtentwicklung", ["A"]),
        ("?q=nobody", []),
        ("?q=%25", []),
        ("?q=%00", ["A", "B", "C"]),
        ("?topic=unknown", ["A", "B", "C"]),
        ("?language=xx&country=ZZ&place=nowhere", ["A", "B", "C"]),
    ],
)
def test_filter_finds(three, query, found):
    assert names(query) == found


def test_filter_that_is_not_known_is_named(three):
    page = read(client_of(make_user("contact")).get(f"{URL}?topic=unknown"))

    assert "Field of action" in page.main.one("p", class_="note--warn").text


def test_nobody_found_and_nobody_there_are_told_apart():
    client = client_of(make_user("contact"))

    empty, missed = (read(client.get(f"{URL}{query}")).main for query in ("", "?q=x"))

    assert "Nobody is listed in the directory yet." in empty.text
    assert empty.all("form", role="search") == []
    assert "Nobody in the directory matches these filters." in missed.text
    assert URL in missed.hrefs()


@pytest.mark.parametrize("page", ["0", "x", "2", "9" * 9])
def test_page_that_is_not_there_is_404(page):
    assert client_of(make_user("contact")).get(f"{URL}?page={page}").status_code == 404


def test_long_list_has_pages_that_keep_the_filter():
    place = MunicipalityFactory(country="IT")
    for _ in range(21):
        enter("colleague", place)

    page = read(client_of(make_user("contact")).get(f"{URL}?country=IT"))

    assert len(page.main.all("h3")) == 20
    assert "21 people" in page.main.text
    assert "?country=IT&page=2" in page.main.hrefs()


@pytest.mark.parametrize("number", [1, 3])
def test_number_of_queries_does_not_grow_with_the_list(number, django_assert_num_queries):
    for _ in range(number):
        enter(topics=[TopicFactory()], languages=["de"])
    client = client_of(make_user("contact"))
    client.get(URL)

    with django_assert_num_queries(10):
        client.get(URL)


# --- the own entry --------------------------------------------------------------------------------


def test_person_adds_changes_and_withdraws_the_own_entry():
    topic = TopicFactory()
    user = make_user("colleague")
    walker = Walker(user)
    walker.open(URL)
    walker.follow("Add my entry")

    page = walker.press(
        "Save",
        office="Planning  office",
        works_on="Trees",
        topics=[topic.pk],
        languages=["en", "de"],
        shows_address="on",
        agrees="on",
    )

    entry = DirectoryEntry.objects.get()
    assert page.heading == "Directory"
    assert (entry.user, entry.office, entry.works_on) == (user, "Planning office", "Trees")
    assert (list(entry.topics.all()), entry.languages) == ([topic], ["de", "en"])
    assert entry.shows_address
    with translation.override("en"):
        assert entry.consent == str(CONSENT)

    page = walker.follow("Change my entry")
    assert entry.consent in page.main.text
    assert page.main.all("input", name="agrees") == []
    walker.press("Save", office="Green office", topics=[], shows_address=[])
    changed = DirectoryEntry.objects.get()
    assert (changed.pk, changed.office, changed.shows_address) == (entry.pk, "Green office", False)
    assert not changed.topics.exists()
    assert (changed.consent, changed.consented_at) == (entry.consent, entry.consented_at)

    walker.open(URL)
    walker.follow("Delete my entry")
    assert DirectoryEntry.objects.exists()
    walker.press("Delete my entry now")
    assert not DirectoryEntry.objects.exists()
    assert user.email not in walker.open(URL).html


def values(**fields):
    return {"office": "Planning office", "languages": ["de"], "agrees": "on", **fields}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("office", ""),
        ("office", " \u200b "),
        ("office", "x" * 151),
        ("works_on", "x" * 501),
        ("agrees", ""),
    ],
)
def test_wrong_input_is_refused_at_its_field_and_nothing_typed_is_lost(field, value):
    client = client_of(make_user("contact"))
    typed = values(works_on="What I typed") | {field: value}

    page = read(client.post(ENTRY, typed))

    wrong = page.main.one(id=f"id_{field}")
    assert wrong["aria-invalid"] == "true"
    assert not DirectoryEntry.objects.exists()
    if field != "works_on":
        assert "What I typed" in page.main.one("textarea", name="works_on").text


@pytest.mark.parametrize(
    "wrong", [{"languages": ["xx"]}, {"topics": ["99999"]}, {"topics": ["x"]}, {"office": "a\x00b"}]
)
def test_value_that_was_not_offered_is_refused(wrong):
    client = client_of(make_user("contact"))

    assert client.post(ENTRY, values(**wrong)).status_code == 200
    assert not DirectoryEntry.objects.exists()


def test_foreign_fields_change_nothing():
    other = enter()
    client = client_of(make_user("contact"))

    client.post(ENTRY, values(user=other.user_id, consent="x", pk=other.pk))

    other.refresh_from_db()
    assert other.office == "Amt für Stadtentwicklung"
    mine = DirectoryEntry.objects.exclude(pk=other.pk).get()
    assert mine.consent != "x"


def test_markup_is_shown_as_text():
    client = client_of(make_user("contact"))

    client.post(ENTRY, values(office="<script>alert(1)</script>", works_on="<img src=x>"))

    page = read(client.get(URL))
    assert "<script>alert(1)</script>" in page.main.text
    assert page.main.all("img") == []


@pytest.mark.parametrize("role", ["coordinator", "bbsr", "reviewer", None])
def test_who_acts_for_no_municipality_has_no_entry(role):
    user = make_user(role)
    client = client_of(user)

    assert client.get(ENTRY).status_code == 403
    assert client.post(ENTRY, values()).status_code == 403
    with pytest.raises(PermissionDenied):
        save(user)
    assert not DirectoryEntry.objects.exists()


def save(user, by=None, **fields):
    wanted = {
        "office": "Planning office",
        "works_on": "",
        "topics": [],
        "languages": [],
        "shows_address": False,
        "consent": "I agree.",
        **fields,
    }
    return save_entry(user=user, **wanted, by=by or user)


@pytest.mark.parametrize("role", ["contact", "coordinator", "bbsr"])
def test_nobody_writes_or_withdraws_the_entry_of_somebody_else(role):
    entry = enter()
    other = make_user(role)

    with pytest.raises(PermissionDenied):
        save(entry.user, by=other)
    with pytest.raises(PermissionDenied):
        withdraw_entry(user=entry.user, by=other)
    assert DirectoryEntry.objects.get().office == entry.office


def test_entry_withdrawn_in_another_tab_asks_for_consent_again():
    user = make_user("contact")
    client = client_of(user)
    client.post(ENTRY, values())
    opened = read(client.get(ENTRY)).main.one("form", class_="form").values()
    withdraw_entry(user=user, by=user)

    page = read(client.post(ENTRY, opened))

    assert page.main.one("input", name="agrees")["aria-invalid"] == "true"
    assert not DirectoryEntry.objects.exists()
    with pytest.raises(ValidationError):
        save(user, consent="")


def test_entry_withdrawn_while_the_form_is_on_its_way_is_not_written_without_consent(monkeypatch):
    user = make_user("contact")
    client = client_of(user)
    client.post(ENTRY, values())

    def overtaken(**details):
        withdraw_entry(user=user, by=user)
        return save_entry(**details)

    monkeypatch.setattr("accounts.views.directory.save_entry", overtaken)
    page = read(client.post(ENTRY, values(office="Green office")))

    assert "An entry needs your consent." in page.main.text
    assert page.main.one("input", name="office")["value"] == "Green office"
    assert not DirectoryEntry.objects.exists()


def test_form_that_comes_too_late_is_there_again_after_signing_in():
    user = make_user("contact")
    user.set_password("drei-blaue-Boote-im-Nebel")
    user.save()
    credentials = {"login": user.email, "password": "drei-blaue-Boote-im-Nebel", "next": ENTRY}
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=False) as clock:
        client = Client()
        client.post("/en/accounts/login/", credentials)
        clock.shift(2 * HOUR)

        late = client.post(ENTRY, values(works_on="What I typed", topics=[TopicFactory().pk]))
        page = read(client.post("/en/accounts/login/", credentials, follow=True))

    form = page.main.one("form", class_="form").values()
    assert late.status_code == 302
    assert (form["office"], form["works_on"]) == (["Planning office"], ["What I typed"])
    assert (form["languages"], form["agrees"], len(form["topics"])) == (["de"], ["on"], 1)
    assert not DirectoryEntry.objects.exists()


def test_who_agreed_to_an_older_sentence_is_asked_again():
    entry = enter(consent="An older sentence.")
    walker = Walker(entry.user)
    walker.open(ENTRY)

    walker.press("Save", agrees="on")

    entry.refresh_from_db()
    with translation.override("en"):
        assert entry.consent == str(CONSENT)


def test_withdrawing_twice_says_so():
    walker = Walker(enter().user)
    walker.open(WITHDRAW)
    walker.press("Delete my entry now")

    again = read(walker.client.post(WITHDRAW, follow=True))
    shown = read(walker.client.get(WITHDRAW))
    buttons = shown.main.texts("button")

    assert "You have no entry in the directory." in again.body.text
    assert "Delete my entry now" not in buttons


def test_who_is_out_of_office_can_still_withdraw():
    entry = enter()
    RoleAssignment.objects.update(until=timezone.localdate() - DAY)
    client = client_of(entry.user)

    assert client.get(ENTRY).status_code == 403
    assert client.post(WITHDRAW).status_code == 302
    assert not DirectoryEntry.objects.exists()


# --- what goes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "deleted"), [(29, 0), (31, 1)])
def test_entry_goes_some_time_after_the_last_role(days, deleted):
    long_ago = timezone.now() - 400 * DAY
    enter(consented_at=long_ago)
    RoleAssignment.objects.update(until=timezone.localdate() - days * DAY)
    kept = enter(consented_at=long_ago)

    assert delete_unused_entries() == deleted
    assert kept in DirectoryEntry.objects.all()


def test_fresh_entry_stays_whatever_the_role():
    enter(None)

    assert delete_unused_entries() == 0


def test_entry_goes_with_an_erased_account():
    entry = enter()

    forget_in_directory(user=entry.user, by=entry.user)

    assert not DirectoryEntry.objects.exists()
    assert actions.erase_person(user=entry.user, by=entry.user).name == ""


def test_own_data_holds_the_entry():
    entry = enter(topics=[TopicFactory(key="data")], languages=["de"])

    held = data_of(entry.user)["directory_entry"]

    assert (held["office"], held["topics"], held["languages"]) == (entry.office, ["data"], ["de"])
    assert held["consent"] == entry.consent
    assert data_of(make_user("contact"))["directory_entry"] is None


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one_entry():
    user = make_user("contact")

    answers = act_at_once(lambda: save(user), lambda: save(user, office="Green office"))

    assert DirectoryEntry.objects.get().office == "Green office"
    assert {type(answer) for answer in answers} == {DirectoryEntry}


def test_menu_shows_the_directory_to_who_may_read_it():
    assert URL in read(client_of(make_user("contact")).get("/en/dashboard/")).body.hrefs()
    assert URL not in read(client_of(make_user("observer")).get("/en/dashboard/")).body.hrefs()


def test_member_that_left_still_reads_the_directory():
    member = TandemMemberFactory(left_on=dt.date(2023, 12, 31))

    assert client_of(make_user("contact", member.municipality)).get(URL).status_code == 200
