"""Which mails come, and how soon, is chosen on one page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.notices import choose_paces
from accounts.data import data_of
from accounts.enums import PACES, Notification
from accounts.models import User
from accounts.paces import digested_kinds, pace_of
from tests.factories import make_user, sign_in
from tests.reading import read
from tests.walking import Walker

pytestmark = pytest.mark.django_db
URL = "/en/accounts/notices/"
PLAIN = ["invitation_accepted", "weekly_summary"]
DEFAULTS = {
    "tandem_profile": "now",
    "tandem_membership": "now",
    "tandem_topics": "daily",
    "tandem_documents": "daily",
    "tandem_meetings": "daily",
    "tandem_commitments": "daily",
}


def fresh(user):
    return User.objects.get(pk=user.pk)


def sent(walker):
    return walker.page.main.one("form", class_="form").values()


def test_page_shows_the_defaults_and_keeps_the_choice():
    user = make_user("contact")
    walker = Walker(user)
    walker.open(URL)
    before = sent(walker)

    page = walker.press("Save", tandem_topics="never", tandem_profile="weekly", wanted=[PLAIN[0]])

    after = sent(walker)
    before.pop("csrfmiddlewaretoken")
    after.pop("csrfmiddlewaretoken")
    assert before == {kind: [pace] for kind, pace in DEFAULTS.items()} | {"wanted": PLAIN}
    assert after == before | {
        "tandem_topics": ["never"],
        "tandem_profile": ["weekly"],
        "wanted": [PLAIN[0]],
    }
    assert page.main.one(role="status").text
    assert (fresh(user).paces, fresh(user).muted) == (
        {"tandem_topics": "never", "tandem_profile": "weekly"},
        [PLAIN[1]],
    )


def test_same_choice_twice_changes_nothing_more():
    user = make_user("contact")
    values = {**DEFAULTS, "tandem_topics": "now", "wanted": PLAIN}
    client = Client()
    sign_in(client, user)

    answers = [client.post(URL, values).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert fresh(user).paces == {"tandem_topics": "now"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("tandem_topics", "hourly"), ("tandem_topics", ""), ("tandem_topics", "now\x00")],
)
def test_unknown_pace_is_refused_at_its_field(field, value):
    user = make_user("contact")
    client = Client()
    sign_in(client, user)

    page = read(client.post(URL, {**DEFAULTS, "wanted": [], field: value}))

    assert "aria-invalid" in page.main.one("select", name=field).attributes
    assert fresh(user).muted == []


def test_unknown_mail_is_refused():
    user = make_user("contact")
    client = Client()
    sign_in(client, user)

    response = client.post(URL, {**DEFAULTS, "wanted": ["tandem_profile"]})

    assert response.status_code == 200
    assert fresh(user).muted == []


def test_kind_that_was_ended_by_a_link_shows_so_and_comes_again_when_chosen():
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(muted=["tandem_profile"])
    walker = Walker(fresh(user))
    walker.open(URL)
    shown = sent(walker)["tandem_profile"]

    walker.press("Save", tandem_profile="daily")

    assert shown == ["never"]
    assert (fresh(user).muted, fresh(user).paces) == ([], {"tandem_profile": "daily"})


def test_kind_that_was_ended_by_a_link_stays_ended_when_nothing_else_is_said():
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(muted=["tandem_profile"])
    walker = Walker(fresh(user))
    walker.open(URL)

    walker.press("Save")

    assert pace_of(fresh(user), "tandem_profile") == "never"


@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_team_hears_weekly_and_keeps_what_is_urgent(role):
    user = make_user(role)
    walker = Walker(user)
    walker.open(URL)
    shown = {kind: sent(walker)[kind] for kind in PACES}

    walker.press("Save")

    assert shown == {kind: ["weekly"] for kind in PACES}
    assert fresh(user).paces == {}
    assert pace_of(fresh(user), "tandem_profile", is_team=True, is_urgent=True) == "now"
    assert "Even with “once a week” you are told at once" in walker.page.main.text


@pytest.mark.parametrize("role", ["reviewer", "observer", None])
def test_who_reads_no_partnership_is_not_asked_about_them(role):
    user = make_user(role)
    User.objects.filter(pk=user.pk).update(paces={"tandem_topics": "now"})
    walker = Walker(fresh(user))
    page = walker.open(URL)

    walker.press("Save", wanted=[])

    assert page.main.all("select") == []
    assert fresh(user).muted == PLAIN
    assert fresh(user).paces == {"tandem_topics": "now"}


def test_profile_page_leaves_the_choice_alone():
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(muted=["tandem_topics", "weekly_summary"])
    walker = Walker(fresh(user))
    walker.open("/en/accounts/profile/")

    walker.press("Save", name="Ana Ionescu")

    assert fresh(user).name == "Ana Ionescu"
    assert sorted(fresh(user).muted) == ["tandem_topics", "weekly_summary"]


def test_menu_leads_to_the_page():
    walker = Walker(make_user("contact"))
    walker.open("/en/accounts/profile/")

    page = walker.follow("E-mails")

    assert page.heading == "E-mails"
    assert page.body.one("a", **{"aria-current": "page"}).text == "E-mails"


def test_visitor_is_sent_to_sign_in_and_other_methods_are_refused():
    client = Client()
    assert client.get(URL).status_code == 302
    sign_in(client, make_user("contact"))
    assert client.put(URL).status_code == 405
    assert client.delete(reverse("accounts:stop-digests", args=["x"])).status_code == 405


def test_unknown_kind_or_pace_is_not_stored():
    user = make_user("contact")

    choose_paces(user=user, wanted=PLAIN, paces={"x": "now", "tandem_topics": "x"}, by=user)

    assert fresh(user).paces == {}


def test_digested_kinds_are_those_of_a_morning():
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(
        paces={"tandem_topics": "never", "tandem_profile": "weekly"}
    )

    assert digested_kinds(fresh(user)) == [
        Notification.TANDEM_PROFILE,
        Notification.TANDEM_DOCUMENTS,
        Notification.TANDEM_MEETINGS,
        Notification.TANDEM_COMMITMENTS,
    ]


def test_own_data_holds_the_choice():
    user = make_user("contact")
    User.objects.filter(pk=user.pk).update(paces={"tandem_topics": "now"})

    assert data_of(fresh(user))["account"]["how_soon_mails_are_wanted"] == {"tandem_topics": "now"}
