"""The pages on which a profile is written: who is let in, what is refused, what is kept."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.sessions import SEEN
from tandems.models import ProfileEntry, ProfileText, ProfileVersion
from tests.factories import (
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
    sign_in,
)
from tests.reading import read
from tests.walking import Walker
from tests.workspace import ProfileConfirmationFactory, ProfilePictureFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def drafted(**texts):
    """Return a draft with a goal, a contact of each city, and the cities."""
    pair = make_pair()
    cities = [member.municipality for member in pair.members.order_by("position")]
    people = [make_user("contact", city) for city in cities]
    draft = ProfileVersionFactory(tandem=pair, state="draft", released_at=None, summary=False)
    if texts:
        goal(draft, texts)
    return draft, people, cities


def goal(draft, texts, **fields):
    fields = {"section": "goal", "is_point": False, "result_kind": "", **fields}
    return ProfileEntryFactory(profile=draft, texts=texts, **fields)


def entered(user):
    client = Client()
    sign_in(client, user)
    return client


def url(draft, name, *args):
    return reverse(f"workspace:{name}", args=[draft.tandem.slug, *args])


def in_english(path):
    """Return the address of a page in English."""
    return path.replace("/de/", "/en/", 1)


def section_url(draft, section="goal", query=""):
    return url(draft, "section", section) + query


def form_of(response, name="text"):
    return {
        key: value[0] for key, value in read(response).main.one("form", id=name).values().items()
    }


def texts(draft, section="goal"):
    rows = ProfileText.objects.filter(entry__profile=draft, entry__section=section)
    return {row.language: row.text for row in rows}


def paths(draft, key):
    """Return the pages of the profile by name, and whether they change something by POST."""
    return {
        "profile": (url(draft, "profile"), False),
        "start": (url(draft, "profile-start"), True),
        "preview": (url(draft, "profile-preview"), False),
        "markdown": (url(draft, "profile-markdown"), True),
        "check": (url(draft, "profile-check"), True),
        "section": (section_url(draft), True),
        "add": (url(draft, "point-add", "goal"), True),
        "point": (url(draft, "point", key), True),
        "move": (url(draft, "point-move", key), True),
        "remove": (url(draft, "point-remove", key), True),
    }


# Who is let in


def test_who_is_let_in():
    draft, (contact, _other), (ours, _theirs) = drafted(de="Ein Ziel.")
    key = ProfileEntryFactory(profile=draft, section="goal", result_kind="").key
    guest = TandemMemberFactory(tandem=draft.tandem, role="guest").municipality
    neighbour = make_pair().members.first().municipality
    insiders = [contact, make_user("colleague", ours), make_user("coordinator"), make_user("bbsr")]
    outsiders = [
        make_user(),
        make_user("contact"),
        make_user("contact", guest),
        make_user("contact", neighbour),
        make_user("reviewer"),
        make_user("observer"),
    ]
    pages = paths(draft, key)

    for user in insiders:
        client = entered(user)
        statuses = {name: client.get(path).status_code for name, (path, _acts) in pages.items()}
        expected = {**dict.fromkeys(pages, 200), **dict.fromkeys(["start", "markdown"], 302)}
        assert statuses == {**expected, **dict.fromkeys(["check", "move"], 302)}
    for user in outsiders:
        client = entered(user)
        data = {"text": "x", "section": "goal"}
        for path, acts in pages.values():
            assert client.get(path).status_code == 404
            if acts:
                assert client.post(path, data).status_code == 404
    visitor = Client()
    for path, _acts in pages.values():
        assert visitor.get(path).url.startswith("/de/accounts/login/")
        assert entered(contact).put(path).status_code == 405
    assert texts(draft) == {"de": "Ein Ziel."} | texts(draft)


def test_city_that_left_reads_what_was_public_on_its_last_day_and_changes_nothing():
    draft, _people, (ours, _theirs) = drafted(de="Geheimes neues Ziel.")
    released = ProfileVersionFactory(
        tandem=draft.tandem, state="superseded", released_at=dt.datetime(2023, 6, 1, tzinfo=dt.UTC)
    )
    goal(released, {"de": "Altes Ziel."})
    later = ProfileVersionFactory(
        tandem=draft.tandem, released_at=dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    )
    goal(later, {"de": "Späteres Ziel."})
    left = TandemMemberFactory(
        tandem=draft.tandem, municipality__languages=["bg"], left_on=dt.date(2023, 12, 31)
    )
    key = ProfileEntryFactory(profile=draft, section="goal", result_kind="").key
    client = entered(make_user("contact", left.municipality))

    for name in ("profile", "preview", "section"):
        response = client.get(paths(draft, key)[name][0])
        words = read(response).main.text
        assert response.status_code == 200
        assert "31. Dezember 2023" in words
        assert "Geheimes" not in words
        assert "Späteres" not in words
    assert "Altes Ziel." in words
    assert client.get(url(draft, "point", key)).status_code == 404
    assert client.get(url(draft, "point-remove", key)).status_code == 403
    for name in ("start", "check", "section", "add", "move", "remove"):
        data = {"text": "x", "section": "goal", "language": "de"}
        assert client.post(paths(draft, key)[name][0], data).status_code == 403
    assert ours


@pytest.mark.parametrize(
    ("path", "query"),
    [("nowhere", ""), ("goal", "?language=xx"), ("goal", "?language=fr"), ("offer", "?city=paris")],
)
def test_what_is_no_section_language_or_city_is_not_found(path, query):
    draft, (contact, _other), _cities = drafted()

    assert entered(contact).get(section_url(draft, path, query)).status_code == 404


# Writing


def test_officers_write_a_profile_from_nothing_without_script():
    pair = make_pair()
    german, italian = (
        make_user("contact", row.municipality) for row in pair.members.order_by("position")
    )
    walker = Walker(german)
    walker.open(in_english(reverse("workspace:profile", args=[pair.slug])))
    walker.press("Start a draft")
    version = ProfileVersion.objects.get()
    walker.open(section_url(version, "goal", "?language=de"))
    form = walker.page.main.one("form", id="text")
    answer = walker.client.post(
        form["action"], {**one(form), "text": "Unser **Ziel**.", "go": "next"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == section_url(version, "activity", "?language=de")

    other = Walker(italian)
    other.open(section_url(version, "goal", "?language=it"))
    assert "Unser Ziel." in other.page.main.text
    form = other.page.main.one("form", id="text")
    assert "required" not in form.one("textarea").attributes
    assert form.one("textarea")["lang"] == "it"
    other.client.post(form["action"], {**one(form), "text": "Il nostro obiettivo.", "go": "stay"})

    assert texts(version) == {"de": "Unser **Ziel**.", "it": "Il nostro obiettivo."}
    words = other.open(in_english(reverse("workspace:profile", args=[pair.slug]))).main.text
    assert "Italian translated by a person" in words
    page = other.open(url(version, "profile-preview"))
    assert page.main.all("strong")[-1].text == "Ziel"


def one(form):
    return {key: value[0] for key, value in form.values().items()}


def test_double_click_saves_once_and_says_so():
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    data = {**form_of(client.get(section_url(draft))), "text": "Ein Ziel.", "go": "stay"}

    answers = [client.post(section_url(draft), data) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert ProfileText.objects.count() == 1


def test_script_saves_in_the_background_and_learns_the_new_marks():
    draft, (contact, _other), _cities = drafted(de="Ein Ziel.")
    client = entered(contact)
    data = form_of(client.get(section_url(draft)))

    for text in ("Zwei Ziele.", "Drei Ziele."):
        answer = client.post(
            section_url(draft), {**data, "text": text}, headers={"accept": "application/json"}
        ).json()
        assert answer["saved"]
        data["marks"] = answer["marks"]

    assert texts(draft) == {"de": "Drei Ziele."}


def test_second_editor_sees_both_texts_and_chooses():
    draft, (german, italian), _cities = drafted(de="Ein Ziel.")
    first, second = entered(german), entered(italian)
    mine = form_of(first.get(section_url(draft)))
    yours = form_of(second.get(section_url(draft)))
    first.post(section_url(draft), {**mine, "text": "Zwei Ziele."})
    data = {**yours, "text": "Drei Ziele."}

    told = second.post(section_url(draft), data, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["saved"]) == (409, False)
    page = second.post(section_url(draft), data)
    assert page.status_code == 409
    conflict = read(page).main.one("section", class_="conflict").text
    assert "Zwei Ziele." in conflict
    assert "Drei Ziele." in conflict
    assert german.name in conflict
    again = form_of(page)
    assert again["text"] == "Drei Ziele."

    # Either text can be taken; what is saved then counts.
    other = second.post(section_url(draft), {**again, "use": "text"})
    assert form_of(other)["text"] == "Zwei Ziele."
    assert texts(draft) == {"de": "Zwei Ziele."}
    second.post(section_url(draft), again)
    assert texts(draft) == {"de": "Drei Ziele."}


@pytest.mark.parametrize("length", [20_001, 200_000, 700_000])
def test_text_that_is_too_long_is_refused_with_words_and_kept(length):
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    text = "ä" * length
    data = {**form_of(client.get(section_url(draft))), "text": text}

    page = client.post(section_url(draft), data)

    assert form_of(page)["text"] == text
    error = read(page).main.one("div", class_="form-errors").text
    assert re.search(r"20[.,]000", error), error
    assert texts(draft) == {}
    quiet = client.post(section_url(draft), data, headers={"accept": "application/json"})
    assert re.search(r"20[.,]000", quiet.json()["message"])


def test_longest_text_is_kept_whole():
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    text = "ä" * 20_000

    client.post(section_url(draft), {**form_of(client.get(section_url(draft))), "text": text})

    assert texts(draft) == {"de": text}


def test_picture_from_elsewhere_is_refused_with_words_and_the_text_kept():
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    text = "Siehe ![Bild](https://evil.example/pixel.gif)."

    page = client.post(
        section_url(draft), {**form_of(client.get(section_url(draft))), "text": text}
    )

    assert form_of(page)["text"] == text
    assert read(page).main.one("div", class_="kern-form-input--error")
    assert texts(draft) == {}


def test_markup_of_word_and_scripts_are_removed_with_a_message():
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    text = "<p class=MsoNormal>Ein <b>Ziel</b>.<o:p></o:p></p><script>alert(1)</script>"
    data = {**form_of(client.get(section_url(draft))), "text": text}

    page = client.post(section_url(draft), data, follow=True)

    assert texts(draft) == {"de": "Ein **Ziel**."}
    assert read(page).main.all("p", class_="note--warn")
    html = client.get(url(draft, "profile-preview")).content.decode()
    assert "<strong>Ziel</strong>" in html
    assert "alert(1)" not in html


def test_script_that_only_looks_like_text_is_harmless():
    draft, (contact, _other), _cities = drafted(
        de='<unbekannt onclick="x()"> [x](javascript:alert(1)) <svg/onload=alert(1)>'
    )
    client = entered(contact)

    for path in (
        section_url(draft),
        section_url(draft, query="?language=it"),
        url(draft, "profile-preview"),
    ):
        main = read(client.get(path)).main
        assert [e for e in main.walk() if e.tag in {"unbekannt", "svg"}] == []
        assert not any("javascript" in href for href in main.hrefs())


def test_preview_shows_the_text_without_saving_it():
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    data = {**form_of(client.get(section_url(draft))), "text": "Ein **Ziel**."}

    page = client.post(url(draft, "profile-markdown"), data)
    quiet = client.post(
        url(draft, "profile-markdown"), data, headers={"accept": "application/json"}
    )

    preview = read(page).main.one("section", **{"aria-labelledby": "preview"})
    assert preview.texts("strong") == ["Ziel"]
    assert "hidden" not in preview.attributes
    assert form_of(page)["text"] == "Ein **Ziel**."
    assert quiet.json() == {"html": "<p>Ein <strong>Ziel</strong>.</p>\n", "message": ""}
    assert texts(draft) == {}
    # Its form saves to the section.
    form = read(page).main.one("form", id="text")
    client.post(form["action"], {**form_of(page), "go": "stay"})
    assert texts(draft) == {"de": "Ein **Ziel**."}


@pytest.mark.parametrize("text", ["", "ä" * 20_001])
def test_preview_says_why_there_is_nothing_to_see(text):
    draft, (contact, _other), _cities = drafted()
    client = entered(contact)
    data = {"text": text, "section": "goal", "language": "de"}

    quiet = client.post(
        url(draft, "profile-markdown"), data, headers={"accept": "application/json"}
    )

    assert quiet.json()["html"] == ""
    assert quiet.json()["message"]


def test_form_comes_back_filled_after_the_session_has_ended():
    draft, (contact, _other), _cities = drafted(de="Ein Ziel.", it="Un obiettivo.")
    client = entered(contact)
    where = section_url(draft, query="?language=it")
    data = {**form_of(client.get(where)), "text": "Due obiettivi."}
    session = client.session
    session[SEEN] = 0
    session.save()

    answer = client.post(where, data)
    assert "/accounts/login/" in answer.url
    sign_in_again(client, contact)
    page = client.get(section_url(draft))

    assert form_of(page)["text"] == "Due obiettivi."
    assert form_of(page)["language"] == "it"
    assert texts(draft)["it"] == "Un obiettivo."
    client.post(where, form_of(page))
    assert texts(draft)["it"] == "Due obiettivi."


def sign_in_again(client, user):
    kept = client.session["kept_form"]
    sign_in(client, user)
    session = client.session
    session["kept_form"] = kept
    session.save()


# Versions that are no draft


@pytest.mark.parametrize("state", ["submitted", "confirmed"])
def test_what_is_being_confirmed_is_read_only_and_says_what_to_do(state):
    draft, (contact, _other), _cities = drafted(de="Ein Ziel.")
    client = entered(contact)
    data = {**form_of(client.get(section_url(draft))), "text": "Zwei Ziele."}
    ProfileVersion.objects.update(state=state)

    page = read(client.get(section_url(draft)))
    assert page.main.all("textarea") == []
    assert url(draft, "profile-return") in page.main.hrefs()
    assert "Ein Ziel." in page.main.text
    # The back button: the text is still in the form, with words.
    late = client.post(section_url(draft), data)
    assert late.status_code == 200
    assert form_of(late)["text"] == "Zwei Ziele."
    assert read(late).main.one("div", class_="form-errors")
    assert texts(draft) == {"de": "Ein Ziel."}


def test_text_typed_into_a_draft_that_was_put_away_begins_a_new_one():
    draft, (contact, _other), _cities = drafted(de="Ein Ziel.")
    client = entered(contact)
    data = {**form_of(client.get(section_url(draft))), "text": "Zwei Ziele."}
    ProfileVersion.objects.update(state="set_aside")

    page = client.post(section_url(draft), data)
    assert page.status_code == 200
    assert form_of(page)["text"] == "Zwei Ziele."
    again = client.post(section_url(draft), {**form_of(page), "go": "start"})

    fresh = ProfileVersion.objects.get(state="draft")
    assert again.status_code in {302, 409}
    if again.status_code == 409:
        client.post(section_url(draft), {**form_of(again), "go": "stay"})
    assert texts(fresh) == {"de": "Zwei Ziele."}


def test_start_goes_back_to_the_section_and_twice_is_once():
    pair = make_pair()
    contact = make_user("contact", pair.members.first().municipality)
    client = entered(contact)
    path = reverse("workspace:profile-start", args=[pair.slug])
    data = {"section": "goal", "language": "it"}

    answers = [client.post(path, data) for _click in range(2)]

    expected = reverse("workspace:section", args=[pair.slug, "goal"]) + "?language=it"
    assert [answer.url for answer in answers] == [expected] * 2
    assert ProfileVersion.objects.count() == 1


# What each city gives and seeks


def test_neighbour_reads_what_the_partner_gives_and_changes_nothing():
    draft, (german, italian), (krefeld, arezzo) = drafted()
    goal(draft, {"it": "Diamo."}, section="offer", municipality=arezzo)
    client = entered(german)
    theirs = section_url(draft, "offer", f"?city={arezzo.slug}&language=it")

    own = read(client.get(section_url(draft, "offer"))).main
    page = read(client.get(theirs)).main
    assert own.one("form", id="text").values()["city"] == [krefeld.slug]
    assert page.all("textarea") == []
    assert "Diamo." in page.text
    data = {"text": "No.", "language": "it", "city": arezzo.slug}
    assert client.post(theirs, data).status_code == 403
    assert entered(italian).post(theirs, {**data, "marks": ""}).status_code == 409
    assert texts(draft, "offer") == {"it": "Diamo."}


# Checking


def test_buttons_beside_a_text_say_what_it_is():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.", it="Un obiettivo.")
    client = entered(german)
    where = section_url(draft, query="?language=it")
    aside = read(client.get(where)).main.one("aside", class_="stack--l")
    (form,) = aside.all("form")
    data = one(form)

    answer = client.post(form["action"], {**data, "go": "checked"})
    assert answer.url == where
    assert ProfileText.objects.get(language="it").state == "checked"
    client.post(form["action"], {**data, "go": "original"})
    assert ProfileText.objects.get(language="it").state == "original"
    for wrong in ({}, {**data, "go": "gone"}, {**data, "entry": uuid.uuid4(), "go": "checked"}):
        assert client.post(form["action"], wrong).status_code == 302
    assert read(client.get(where)).main.all("p", class_="note--warn")


def test_check_of_a_text_that_changed_meanwhile_is_refused():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.", it="Un obiettivo.")
    client = entered(german)
    page = client.get(section_url(draft, query="?language=it"))
    data = one(read(page).main.one("aside", class_="stack--l").one("form"))
    ProfileText.objects.filter(language="de").update(text="Zwei Ziele.")

    client.post(url(draft, "profile-check"), {**data, "go": "checked"})

    assert ProfileText.objects.get(language="it").state == "translated"


# Points


def test_point_is_added_changed_moved_and_removed():
    draft, (german, _italian), _cities = drafted()
    client = entered(german)
    add = url(draft, "point-add", "result")
    values = {
        "text_de": "Ein\nLeitfaden.",
        "text_it": "Una guida.",
        "result_kind": "report",
        "evidence": "exists",
        "sources": "https://www.krefeld.de/\n\nhttps://www.arezzo.it/",
    }
    data = {**form_of(client.get(add), "point"), **values}
    for _click in range(2):
        assert client.post(add, data).url.endswith("#points")
    entry = ProfileEntry.objects.get()
    assert texts(draft, "result") == {"de": "Ein Leitfaden.", "it": "Una guida."}
    assert entry.sources == ["https://www.krefeld.de/", "https://www.arezzo.it/"]
    assert (entry.result_kind, entry.evidence) == ("report", "exists")

    edit = url(draft, "point", entry.key)
    shown = form_of(client.get(edit), "point")
    assert shown["sources"] == "https://www.krefeld.de/\nhttps://www.arezzo.it/"
    client.post(edit, {**shown, "text_it": "", "sources": ""})
    assert texts(draft, "result") == {"de": "Ein Leitfaden."}

    second = ProfileEntryFactory(profile=draft, texts={"de": "Zweiter."})
    client.post(url(draft, "point-move", second.key), {"direction": "up"})
    page = read(client.get(section_url(draft, "result")))
    listed = page.main.one("section", **{"aria-labelledby": "points"})
    assert [item.all("p")[0].text for item in listed.all("li")] == ["Zweiter.", "Ein Leitfaden."]

    remove = url(draft, "point-remove", second.key)
    assert "Zweiter." in read(client.get(remove)).main.text
    for _click in range(2):
        assert client.post(remove).status_code == 302
    assert list(ProfileEntry.objects.all()) == [entry]
    assert client.get(remove).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sources", "www.krefeld.de"),
        ("sources", "javascript:alert(1)"),
        ("sources", "\n".join(f"https://www.krefeld.de/{n}" for n in range(21))),
        ("result_kind", "song"),
        ("text_de", "x" * 1_001),
        ("text_de", "![x](https://evil.example/)"),
    ],
)
def test_wrong_entry_of_a_point_is_refused_at_its_field_and_nothing_lost(field, value):
    draft, (german, _italian), _cities = drafted()
    client = entered(german)
    add = url(draft, "point-add", "result")
    data = {
        **form_of(client.get(add), "point"),
        "text_de": "Ein Leitfaden.",
        "text_it": "Una guida.",
    }

    page = client.post(add, {**data, field: value})

    assert page.status_code == 200
    assert form_of(page, "point")["text_it"] == "Una guida."
    if field != "result_kind":
        assert form_of(page, "point")[field].splitlines() == value.splitlines()
    errors = read(page).main.one("div", class_="form-errors")
    assert f"#id_{field}" in errors.hrefs()
    assert not ProfileEntry.objects.exists()


def test_point_without_a_text_is_refused():
    draft, (german, _italian), _cities = drafted()
    client = entered(german)
    add = url(draft, "point-add", "goal")

    page = client.post(add, form_of(client.get(add), "point"))

    assert "#id_text_de" in read(page).main.one("div", class_="form-errors").hrefs()


def test_point_that_somebody_removed_meanwhile_can_be_put_back():
    draft, (german, _italian), _cities = drafted()
    entry = ProfileEntryFactory(profile=draft)
    client = entered(german)
    edit = url(draft, "point", entry.key)
    data = {**form_of(client.get(edit), "point"), "text_de": "Noch besser."}
    entry.delete()

    page = client.post(edit, data)
    assert page.status_code == 409
    client.post(edit, form_of(page, "point"))

    assert texts(draft, "result")["de"] == "Noch besser."
    assert client.get(url(draft, "point", uuid.uuid4())).status_code == 404


def test_point_is_not_written_while_there_is_no_draft():
    draft, (german, _italian), _cities = drafted()
    client = entered(german)
    add = url(draft, "point-add", "goal")
    data = {**form_of(client.get(add), "point"), "text_de": "Ein Ziel."}
    draft.delete()

    page = client.post(add, data)

    assert page.status_code == 200
    assert form_of(page, "point")["text_de"] == "Ein Ziel."
    assert client.get(add).status_code == 200
    assert client.get(url(draft, "point-add", "summary")).status_code == 404


# What the profile page says


def test_profile_page_says_who_must_do_what_next():
    draft, (german, italian), (krefeld, arezzo) = drafted()
    team = make_user("coordinator")
    home = url(draft, "profile")

    def links(user):
        return read(entered(user).get(home)).main.hrefs()

    submit, confirm = url(draft, "profile-submit"), url(draft, "profile-confirm")
    release, back = url(draft, "profile-release"), url(draft, "profile-return")
    assert submit in links(german)
    assert submit not in links(make_user("colleague", krefeld))

    ProfileVersion.objects.update(state="submitted")
    ProfileConfirmationFactory(profile=draft, municipality=krefeld)
    assert str(arezzo.name_de) in read(entered(german).get(home)).main.text
    assert confirm in links(italian)
    assert confirm not in links(german)
    assert confirm not in links(make_user("colleague", arezzo))
    assert back in links(german)
    assert release not in links(team)

    ProfileConfirmationFactory(profile=draft, municipality=arezzo)
    ProfileVersion.objects.update(state="confirmed")
    assert release in links(team)
    assert release not in links(german)


def test_version_whose_missing_city_has_left_waits_for_its_release_alone():
    draft, _people, (krefeld, arezzo) = drafted()
    ProfileVersion.objects.update(state="submitted")
    ProfileConfirmationFactory(profile=draft, municipality=krefeld)
    draft.tandem.members.filter(municipality=arezzo).update(
        left_on=timezone.localdate() - dt.timedelta(days=1)
    )

    page = read(entered(make_user("coordinator")).get(url(draft, "profile")))

    assert url(draft, "profile-release") in page.main.hrefs()


def test_profile_page_shows_the_state_of_each_text():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.", it="Un obiettivo.")
    late = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    ProfileText.objects.filter(language="it").update(outdated_since=late)
    ProfileVersionFactory(tandem=draft.tandem, as_of=timezone.localdate() - 181 * DAY)

    main = read(entered(german).get(url(draft, "profile"))).main

    entries = main.all("li", class_="entry")
    (part,) = (item for item in entries if section_url(draft) in item.hrefs())
    assert "2. März 2026" in part.text
    assert main.all("span", class_="status--unconfirmed")


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_as_often_for_one_entry_as_for_three(rows, django_assert_num_queries):
    draft, (german, _italian), _cities = drafted()
    for _number in range(rows):
        ProfileEntryFactory(profile=draft, texts={"de": "x", "it": "y"})
    goal(draft, {"de": "Ein Ziel.", "it": "y"} if rows > 1 else {"de": "Ein Ziel."})
    client = entered(german)
    client.get(url(draft, "profile"))

    with django_assert_num_queries(12):
        client.get(url(draft, "profile"))
    with django_assert_num_queries(11):
        client.get(section_url(draft, "result"))
    with django_assert_num_queries(10):
        client.get(url(draft, "profile-preview"))


def test_marks_that_are_no_marks_do_no_harm():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.")

    for marks in ("", "[]", "{", json.dumps({"text": 3})):
        page = entered(german).post(section_url(draft), {"text": "Zwei.", "marks": marks})
        assert page.status_code == 409
    assert texts(draft) == {"de": "Ein Ziel."}


def test_preview_shows_the_pictures_and_that_it_is_a_draft():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.")
    picture = ProfilePictureFactory(profile=draft, picture__tandem=draft.tandem)

    main = read(entered(german).get(url(draft, "profile-preview"))).main

    assert main.one("img")["alt"] == picture.alt_de
    assert main.one("p", class_="note--warn").all("strong")
    ProfileVersion.objects.update(state="released", released_at=timezone.now())
    assert read(entered(german).get(url(draft, "profile-preview"))).main.all("strong") == []


def test_pages_read_well_while_nothing_is_there():
    pair = make_pair()
    alone = make_pair()
    alone.members.all().delete()
    for tandem in (pair, alone):
        client = entered(make_user("coordinator"))
        for name in ("profile", "profile-preview", "pictures"):
            assert client.get(reverse(f"workspace:{name}", args=[tandem.slug])).status_code == 200
        section = reverse("workspace:section", args=[tandem.slug, "activity"])
        page = read(client.get(section)).main
        assert page.all("textarea") == []
        assert page.one("p", class_="note--warn")
        offer = client.get(reverse("workspace:section", args=[tandem.slug, "offer"]))
        assert offer.status_code == (200 if tandem == pair else 404)
        profile = read(client.get(reverse("workspace:profile", args=[tandem.slug]))).main
        assert any("/sections/offer/" in href for href in profile.hrefs()) is (tandem == pair)


def test_move_and_check_that_come_too_late_say_so():
    draft, (german, _italian), _cities = drafted(de="Ein Ziel.", it="Un obiettivo.")
    point = ProfileEntryFactory(profile=draft)
    client = entered(german)
    page = client.get(section_url(draft, query="?language=it"))
    data = one(read(page).main.one("aside", class_="stack--l").one("form"))
    ProfileVersion.objects.update(state="submitted")

    for path, sent in (
        (url(draft, "profile-check"), {**data, "go": "checked"}),
        (url(draft, "point-move", point.key), {"direction": "up"}),
        (url(draft, "point-remove", point.key), {}),
    ):
        answer = client.post(path, sent, follow=True)
        assert answer.status_code == 200
        assert read(answer).main.one("div", role="status").all("p", class_="note--warn")
    assert ProfileText.objects.get(language="it").state == "translated"
    start = client.post(url(draft, "profile-start"), follow=True)
    assert read(start).main.one("div", role="status").all("p", class_="note--warn")
    assert ProfileVersion.objects.count() == 1
