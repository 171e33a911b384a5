"""The pages on which a profile goes its way to the public page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tandems.models import ProfileComment, ProfileText, ProfileVersion, TandemMember
from tests.factories import ProfileEntryFactory, ProfileVersionFactory, make_user
from tests.reading import read
from tests.tandems.release_cases import LEFT_ON, address, client_of, make_people, submitted
from tests.walking import Walker
from tests.workspace import ProfileCommentFactory, ProfilePictureFactory

pytestmark = pytest.mark.django_db

#: Page → state in which it has something to do.
ACTING = {
    "submit/": "draft",
    "confirm/": "submitted",
    "comment/": "submitted",
    "return/": "submitted",
    "release/": "confirmed",
    "set-aside/": "draft",
}
READING = ("changes/", "versions/", "versions/{number}/")
ALL = (*ACTING, *READING, "versions/{number}/restore/")


def url_of(people, page):
    return address(people.tandem, page.format(number=people.version.number))


def state_of(people):
    return ProfileVersion.objects.get(pk=people.version.pk).state


# --- who gets in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("who", ["stranger", "neighbour", "guest", "observer", "reviewer"])
def test_who_has_no_way_in_meets_nothing(page, who):
    people = make_people(ACTING.get(page, "superseded"), released_at=timezone.now())
    client = client_of(getattr(people, who))

    assert client.get(url_of(people, page)).status_code == 404
    if page in ACTING:
        assert client.post(url_of(people, page), {}).status_code == 404
        assert state_of(people) == ACTING[page]


@pytest.mark.parametrize("page", ALL)
def test_a_visitor_is_led_to_the_sign_in(page, client):
    people = make_people()

    response = client.get(url_of(people, page))

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize(
    ("page", "who"),
    [
        ("submit/", "colleague"), ("submit/", "left"),
        ("confirm/", "colleague"), ("confirm/", "left"), ("confirm/", "team"), ("confirm/", "bbsr"),
        ("comment/", "left"),
        ("return/", "colleague"), ("return/", "left"),
        ("release/", "contact"), ("release/", "deputy"), ("release/", "colleague"),
        ("release/", "left"),
        ("set-aside/", "colleague"), ("set-aside/", "left"),
    ],
)  # fmt: skip
def test_insiders_without_the_right_are_refused(page, who):
    people = make_people(ACTING[page])
    client = client_of(getattr(people, who))

    assert client.get(url_of(people, page)).status_code == 403
    fields = {"seen": people.version.fingerprint, "note": "Nein", "text": "Nein", "number": "1"}
    assert client.post(url_of(people, page), fields).status_code == 403
    assert state_of(people) == ACTING[page]
    assert ProfileComment.objects.count() == 0


def test_a_city_that_has_left_restores_nothing():
    people = make_people("superseded", released_at=dt.datetime(2023, 5, 1, tzinfo=dt.UTC))

    assert client_of(people.left).post(url_of(people, ALL[-1])).status_code == 403
    assert ProfileVersion.objects.count() == 1


@pytest.mark.parametrize("page", READING)
def test_pages_to_read_take_no_other_method(page):
    people = make_people()
    client = client_of(people.contact)

    assert client.post(url_of(people, page)).status_code == 405
    assert client.delete(url_of(people, page)).status_code == 405


@pytest.mark.parametrize("page", ACTING)
def test_pages_to_act_take_no_other_method(page):
    people = make_people()

    assert client_of(people.contact).delete(url_of(people, page)).status_code == 405


# --- the whole way --------------------------------------------------------------------------------


def test_a_profile_goes_its_way_from_the_draft_to_the_public_page(client):
    people = make_people()

    writer = Walker(people.contact)
    writer.open(address(people.tandem, "submit/"))
    page = writer.press("Submit for confirmation")
    assert "The other cities are asked to confirm this version." in page.main.text

    other = Walker(people.deputy)
    page = other.open(address(people.tandem, "confirm/"))
    assert "Two cities learn from each other." in page.main.text
    assert page.main.fact("Not confirmed yet by") == "Arezzo"
    page = other.press("Confirm this version")
    assert "Your city has confirmed this version." in page.main.text

    team = Walker(people.bbsr)
    page = team.open(address(people.tandem, "release/"))
    assert page.main.fact("Confirmed by").startswith("Hamm")
    page = team.press("Release this version")
    assert "stands on the public page" in page.main.text

    public = read(client.get(f"/en/tandems/{people.tandem.slug}/"))
    assert "confirmed by Hamm and Arezzo" in public.main.section("Profile").text
    for person in (people.contact, people.deputy, people.bbsr):
        assert person.name not in public.html


def test_a_comment_and_a_return_lead_back_to_the_draft():
    people = make_people("submitted")

    walker = Walker(people.deputy)
    walker.open(address(people.tandem, "confirm/"))
    walker.follow("Comment on it")
    page = walker.press("Send the comment", text="Die Zahl fehlt.")
    assert "Die Zahl fehlt." in page.main.section("Comments").text
    assert "Arezzo" in page.main.section("Comments").text

    walker.open(address(people.tandem, "return/"))
    page = walker.press("Back to the draft", note="Bitte ergänzen.")
    assert "is a draft again" in page.main.text
    assert state_of(people) == "draft"


def test_who_acts_for_two_cities_says_for_which_one():
    people = make_people()
    both = people.contact
    make_role(both, people.partner.municipality)
    client = client_of(both)
    page = read(client.get(url_of(people, "submit/")))
    seen = page.main.one("input", name="seen")["value"]
    assert page.main.one("select", name="member").texts("option") == ["Hamm", "Arezzo"]

    wrong = client.post(url_of(people, "submit/"), {"seen": seen, "member": people.gone.pk})
    assert wrong.status_code == 200
    client.post(url_of(people, "submit/"), {"seen": seen, "member": people.partner.pk})

    (given,) = people.version.confirmations.all()
    assert given.municipality == people.partner.municipality


def make_role(user, municipality):
    user.role_assignments.create(
        role="contact", municipality=municipality, since=dt.date(2022, 5, 17)
    )


# --- what was changed meanwhile -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "who"), [("submit/", "contact"), ("confirm/", "deputy"), ("release/", "bbsr")]
)
@pytest.mark.parametrize("seen", ["", "0" * 64, "\x00", "é" * 300])
def test_a_page_that_is_not_fresh_any_more_does_nothing_and_says_so(page, who, seen):
    people = make_people(ACTING[page])
    client = client_of(getattr(people, who))

    response = client.post(url_of(people, page), {"seen": seen}, follow=True)

    assert response.status_code == 200
    assert "The text was changed after you opened this page." in read(response).main.text
    assert read(response).main.one("input", name="seen")["value"] not in {"", seen}
    assert state_of(people) == ACTING[page]


@pytest.mark.parametrize(
    ("page", "who", "words"),
    [
        ("submit/", "contact", "There is no draft to submit"),
        ("confirm/", "deputy", "No version waits for a confirmation"),
        ("comment/", "colleague", "there is no comment"),
        ("return/", "contact", "There is no submitted version that could become a draft again"),
        ("release/", "bbsr", "No version waits for its release"),
        ("set-aside/", "contact", "no draft that could be set aside"),
    ],
)
def test_a_page_that_has_nothing_to_do_says_so_and_leads_to_the_profile(page, who, words):
    people = make_people("superseded", released_at=timezone.now())
    client = client_of(getattr(people, who))

    response = client.get(url_of(people, page), follow=True)

    assert response.redirect_chain[-1][0] == address(people.tandem, "")
    assert words in read(response).main.text


@pytest.mark.parametrize(("page", "field"), [("comment/", "text"), ("return/", "note")])
def test_words_typed_for_a_version_that_is_gone_stay_in_their_field(page, field):
    people = make_people("superseded", released_at=timezone.now())

    response = client_of(people.contact).post(url_of(people, page), {field: "Lange getippt."})

    assert response.status_code == 200
    assert "No version is on its way any more." in read(response).main.text
    assert "Lange getippt." in read(response).html


@pytest.mark.parametrize("release", ["release/"])
def test_a_double_click_on_the_release_is_no_error(release):
    people = make_people("confirmed")
    client = client_of(people.bbsr)
    fields = {"seen": people.version.fingerprint}

    client.post(url_of(people, release), fields)
    response = client.post(url_of(people, release), fields, follow=True)

    assert response.status_code == 200
    assert "No version waits for its release." in read(response).main.text
    assert state_of(people) == "released"


def test_a_second_click_on_confirm_is_no_error():
    people = make_people("submitted")
    client = client_of(people.deputy)
    fields = {"seen": people.version.fingerprint}

    client.post(url_of(people, "confirm/"), fields)
    response = client.post(url_of(people, "confirm/"), fields, follow=True)

    assert "Your city has confirmed this version already." in read(response).main.text
    assert people.version.confirmations.count() == 2


def test_a_page_of_an_earlier_draft_sets_no_later_one_aside():
    people = make_people()
    client = client_of(people.contact)

    response = client.post(url_of(people, "set-aside/"), {"number": "99999"}, follow=True)
    assert "Another draft is there now." in read(response).main.text
    assert state_of(people) == "draft"

    walker = Walker(people.contact)
    walker.open(url_of(people, "set-aside/"))
    walker.press("Set the draft aside")
    assert state_of(people) == "set_aside"


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "field"), [("comment/", "text"), ("return/", "note")])
@pytest.mark.parametrize("words", ["", "   ", "\u200b\x00", "x" * 2001])
def test_nothing_and_too_much_are_refused_at_the_field(page, field, words):
    people = make_people("submitted")

    response = client_of(people.contact).post(url_of(people, page), {field: words})

    assert response.status_code == 200
    assert read(response).main.one("textarea", name=field)["aria-invalid"] == "true"
    assert state_of(people) == "submitted"
    assert ProfileComment.objects.count() == 0


def test_an_empty_draft_offers_no_button():
    people = make_people()
    ProfileText.objects.all().delete()

    page = read(client_of(people.contact).get(url_of(people, "submit/")))

    assert "There is nothing to confirm yet" in page.main.text
    assert "Submit for confirmation" not in page.main.texts("button")


def test_the_pages_say_what_is_out_of_date_and_what_one_half_cannot_read():
    people = make_people()
    ProfileText.objects.filter(language="en").update(outdated_since=timezone.now())
    ProfileEntryFactory(profile=people.version, texts={"it": "Solo italiano"})

    page = read(client_of(people.contact).get(url_of(people, "submit/")))

    assert "2 texts are out of date" in page.main.text
    assert "1 text is not there in both German and English." in page.main.text


def test_a_form_kept_over_a_sign_in_is_shown_filled_and_does_nothing():
    people = make_people("submitted")
    client = client_of(people.contact)
    session = client.session
    path = url_of(people, "return/")
    session["kept_form"] = {
        "owner": people.contact.pk, "path": path, "fields": "note=Lange+getippt",
    }  # fmt: skip
    session.save()

    page = read(client.get(path))

    assert "Lange getippt" in page.main.one("textarea", name="note").text
    assert state_of(people) == "submitted"


# --- versions -------------------------------------------------------------------------------------


def test_members_and_team_read_all_versions():
    people = make_people()
    ProfileVersionFactory(tandem=people.tandem, state="superseded")

    for who in ("contact", "colleague", "deputy", "team", "bbsr"):
        page = read(client_of(getattr(people, who)).get(url_of(people, "versions/")))
        assert len(page.main.one("ul", class_="list").all("h2")) == 2


def test_a_city_that_has_left_reads_what_was_submitted_or_public_by_then():
    people = make_people()
    before = dt.datetime.combine(LEFT_ON, dt.time(12), tzinfo=dt.UTC)
    rows = {"tandem": people.tandem, "started_at": before - dt.timedelta(days=30)}
    old = ProfileVersionFactory(**rows, state="superseded", released_at=before)
    ProfileVersionFactory(**rows, state="released", released_at=before + dt.timedelta(days=1))
    ProfileVersionFactory(**rows, state="set_aside", released_at=None)
    ProfileCommentFactory(profile=old, text="Damals", written_at=before)
    ProfileCommentFactory(profile=old, text="GEHEIM", written_by=people.contact)
    client = client_of(people.left)

    listed = read(client.get(url_of(people, "versions/")))
    assert listed.main.one("ul", class_="list").texts("h2") == [f"Version {old.number}"]
    page = read(client.get(address(people.tandem, f"versions/{old.number}/")))
    assert "Damals" in page.main.text
    assert "GEHEIM" not in page.html
    for version in ProfileVersion.objects.exclude(pk=old.pk):
        there = address(people.tandem, f"versions/{version.number}/")
        assert client.get(there).status_code == 404
        compared = client.get(
            address(people.tandem, "changes/"), {"old": old.number, "new": version.number}
        )
        assert f"to version {version.number}" not in read(compared).main.text


def test_a_version_of_another_partnership_is_not_found():
    people = make_people()
    other = ProfileVersionFactory(number=4_711)

    response = client_of(people.contact).get(address(people.tandem, f"versions/{other.number}/"))

    assert response.status_code == 404


def test_a_version_is_read_in_each_of_its_languages():
    people = make_people()
    ProfileEntryFactory(profile=people.version, texts={"it": "Solo italiano"})
    client, path = client_of(people.contact), url_of(people, "versions/{number}/")

    assert read(client.get(path)).body.languages_of("Solo italiano") == {"it"}
    italian = read(client.get(path, {"language": "it"}))
    assert "Two cities learn from each other." not in italian.main.text
    assert read(client.get(path, {"language": "xx\x00"})).main.text


def test_two_versions_are_compared_word_by_word():
    people = make_people("superseded", released_at=timezone.now(), summary=False)
    new = ProfileVersionFactory(tandem=people.tandem, summary=False)
    entry = people.version.entries.get()
    ProfileEntryFactory(
        profile=new,
        key=entry.key,
        texts={"de": "Ein Beteiligungsformat wurde erprobt.", "en": "A <b> & format."},
    )

    page = read(client_of(people.contact).get(url_of(people, "changes/")))

    german, english = page.main.all("div", class_="difference")
    assert german.texts("del") == ["übernommen."]
    assert german.texts("ins") == ["erprobt."]
    assert "<b> &" in english.one("ins").text
    assert "<b>" not in page.html


@pytest.mark.parametrize("query", ["?old=x&new=y", "?old=99&new=98", "?new=\x00", "?foo=1"])
def test_comparing_what_is_not_there_is_no_error_page(query):
    people = make_people("superseded", released_at=timezone.now())
    ProfileVersionFactory(tandem=people.tandem)

    assert client_of(people.contact).get(url_of(people, "changes/") + query).status_code == 200


def test_pages_about_no_version_at_all_say_so():
    people = make_people()
    ProfileVersion.objects.all().delete()
    client = client_of(people.contact)

    for page in ("changes/", "versions/"):
        text = read(client.get(address(people.tandem, page))).main.text
        assert "There is no version of the profile yet." in text


def test_an_old_version_is_restored_after_the_page_said_what_becomes_of_the_draft():
    people = make_people("superseded", released_at=timezone.now())
    draft = ProfileVersionFactory(tandem=people.tandem, state="draft", released_at=None)
    walker = Walker(people.contact)

    page = walker.open(url_of(people, "versions/{number}/restore/"))
    assert f"There is a draft already (version {draft.number})." in page.main.text
    page = walker.press("Restore as a draft")

    assert "The draft says what the old version said." in page.main.text
    draft.refresh_from_db()
    assert draft.state == "set_aside"


@pytest.mark.parametrize("replaces", ["", "x", "99999999999999", "\x00", "²"])
def test_restoring_over_an_unknown_draft_is_refused(replaces):
    people = make_people("superseded", released_at=timezone.now())
    ProfileVersionFactory(tandem=people.tandem, state="draft", released_at=None)
    path = url_of(people, "versions/{number}/restore/")

    response = client_of(people.contact).post(path, {"replaces": replaces}, follow=True)

    assert "The draft has been replaced" in read(response).main.text
    assert ProfileVersion.objects.count() == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_database_a_constant_number_of_times(rows, django_assert_num_queries):
    people = make_people("submitted", summary=False)
    ProfileVersion.objects.filter(pk=people.version.pk).update(state="draft")
    for _ in range(rows):
        ProfileEntryFactory(profile=people.version, municipality=people.home.municipality)
        ProfilePictureFactory(profile=people.version, picture__tandem=people.tandem)
        ProfileCommentFactory(
            profile=people.version,
            written_by=people.contact,
            municipality=people.home.municipality,
        )
        ProfileVersionFactory(tandem=people.tandem, state="superseded", released_by=people.team)
    client = client_of(people.deputy)
    counts = {"versions/": 10, "versions/{number}/": 14, "changes/": 12, "submit/": 22}

    for page, count in counts.items():
        with django_assert_num_queries(count, info=page):
            client.get(url_of(people, page))


# --- the queue ------------------------------------------------------------------------------------

QUEUE = "/admin/tandems/profileversion/"


def test_the_queue_shows_what_can_be_released_the_oldest_first_and_whose_word_is_missing():
    newer, older, waiting = make_people("confirmed"), make_people("confirmed"), make_people()
    ProfileVersion.objects.filter(pk=older.version.pk).update(
        submitted_at=timezone.now() - dt.timedelta(days=5)
    )
    submitted(waiting)

    page = read(client_of(make_user("bbsr")).get(QUEUE, headers={"accept-language": "en"}))

    ready = page.main.section("Confirmed by all cities")
    assert ready.texts("strong") == [older.tandem.name, newer.tandem.name]
    assert any(href.endswith(f"/versions/{older.version.number}/") for href in ready.hrefs())
    row = page.main.section("Waiting for confirmation").one("li")
    assert "Not confirmed yet by: Arezzo" in row.text
    TandemMember.objects.filter(pk=waiting.partner.pk).update(left_on=dt.date(2024, 1, 1))
    page = read(client_of(make_user("bbsr")).get(QUEUE, headers={"accept-language": "en"}))
    assert len(page.main.section("Confirmed by all cities").all("strong")) == 3


@pytest.mark.parametrize("who", ["reviewer", "observer"])
def test_the_queue_is_for_those_who_release(who):
    people = make_people("confirmed")

    assert client_of(getattr(people, who)).get(QUEUE).status_code == 403
    assert client_of(people.team).post(QUEUE).status_code == 405
    assert client_of(people.contact).get(QUEUE).status_code in {302, 403, 404}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_asks_the_database_a_constant_number_of_times(rows, django_assert_num_queries):
    for _ in range(rows):
        make_people("confirmed")
        make_people("submitted")
    client = client_of(make_user("bbsr"))

    with django_assert_num_queries(8):
        client.get(QUEUE)
