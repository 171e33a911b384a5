"""The released profile on the public page: dated, confirmed, in languages, with pictures."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tandems.enums import ProfileSection, ProfileState, Visibility
from tandems.models import ProfileText
from tests.factories import (
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemTopicFactory,
    make_pair,
    make_user,
)
from tests.reading import read
from tests.workspace import (
    DocumentFactory,
    DocumentVersionFactory,
    PictureFactory,
    ProfileCommentFactory,
    ProfileConfirmationFactory,
    ProfilePictureFactory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
OLD = "This says how things stood more than 180 days ago."


def page_of(client, tandem, language="en"):
    return read(client.get(f"/{language}/tandems/{tandem.slug}/"))


def released(**values):
    return ProfileVersionFactory(tandem=make_pair(), **values)


def section(profile, texts, **values):
    facts = {"section": ProfileSection.CHALLENGE, "is_point": False, "result_kind": ""}
    return ProfileEntryFactory(profile=profile, texts=texts, **{**facts, **values})


def test_the_page_says_as_of_when_and_which_cities_have_confirmed_it_but_never_who(
    client, time_machine
):
    time_machine.move_to(TODAY)
    profile = released(as_of=dt.date(2026, 6, 1))
    home, partner = profile.tandem.members.order_by("position")
    person = make_user("contact", home.municipality)
    for number, member in enumerate((home, partner)):
        ProfileConfirmationFactory(
            profile=profile,
            municipality=member.municipality,
            given_by=person,
            given_at=TODAY + dt.timedelta(minutes=number),
        )
    ProfileCommentFactory(profile=profile, text="GEHEIM", written_by=person)

    page = page_of(client, profile.tandem)

    names = f"{home.municipality.name_en} and {partner.municipality.name_en}"
    assert f"As of 1 June 2026, confirmed by {names}" in page.main.section("Profile").text
    assert person.name not in page.html
    assert "GEHEIM" not in page.html


def test_what_no_city_has_confirmed_says_its_date_alone(client):
    profile = released(as_of=dt.date(2026, 6, 1))

    text = page_of(client, profile.tandem).main.section("Profile").text

    assert "As of 1 June 2026" in text
    assert "confirmed" not in text


@pytest.mark.parametrize(("days", "warned"), [(180, False), (181, True)])
def test_the_page_warns_when_the_text_is_older_than_180_days(client, time_machine, days, warned):
    time_machine.move_to(TODAY)
    profile = released(as_of=TODAY.date() - dt.timedelta(days=days))

    assert (OLD in page_of(client, profile.tandem).main.text) is warned


@pytest.mark.parametrize("state", set(ProfileState.values) - {"released"})
def test_nothing_but_the_released_version_is_shown(client, state):
    profile = released(state=state, summary__en="GEHEIM", as_of=TODAY.date())
    ProfilePictureFactory(profile=profile, picture__tandem=profile.tandem, alt_en="GEHEIM")

    page = page_of(client, profile.tandem)

    assert "GEHEIM" not in page.html
    assert "No profile has been released yet." in page.main.text
    assert "<img" not in page.html.partition("<main")[2].partition("</main")[0]


def test_a_text_in_no_language_of_the_page_is_marked_and_named(client):
    profile = released()
    section(profile, {"it": "Solo italiano"})

    page = page_of(client, profile.tandem)

    assert page.body.languages_of("Solo italiano") == {"it"}
    assert page.main.section("Challenges").texts("p", class_="muted") == ["In Italian"]


def test_a_reader_gets_the_own_language_then_english(client):
    profile = released()
    section(profile, {"it": "Italiano", "en": "English words", "de": "Deutsche Worte"})

    for language, words in (("de", "Deutsche Worte"), ("en", "English words")):
        text = page_of(client, profile.tandem, language).main.text
        assert words in text
        assert "Italiano" not in text


@pytest.mark.parametrize(
    ("state", "note"), [("translated", "Translation"), ("checked", "Checked translation")]
)
def test_a_translation_says_so(client, state, note):
    profile = released()
    entry = section(profile, {"de": "Zuerst", "en": "Then"})
    ProfileText.objects.filter(entry=entry, language="en").update(state=state)

    found = page_of(client, profile.tandem).main.section("Challenges")

    assert found.texts("p", class_="muted") == [note]
    german = page_of(client, profile.tandem, "de").main.one("section", class_="part--challenge")
    assert german.texts("p", class_="muted") == []


def test_a_translation_that_is_out_of_date_says_since_when(client):
    profile = released()
    for is_point in (False, True):
        entry = section(profile, {"de": "Zuerst", "en": "Then"}, is_point=is_point)
        since = dt.datetime(2026, 5, 3, 22, 30, tzinfo=dt.UTC)
        ProfileText.objects.filter(entry=entry, language="en").update(outdated_since=since)

    found = page_of(client, profile.tandem).main.section("Challenges")

    text, point, _points = found.texts("p", class_="muted")
    words = "ut of date: the original changed on 4 May 2026"
    assert text == f"Translation; o{words}"
    assert point == f"O{words}"


def test_translated_points_are_said_to_be_once(client):
    profile = released()
    for _ in range(3):
        ProfileEntryFactory(profile=profile)

    found = page_of(client, profile.tandem).main.section("Results")

    assert found.texts("p", class_="muted") == ["These points are translations."]


def test_what_cities_type_is_never_markup(client):
    profile = released(summary__en="<script>alert(1)</script> ![x](https://evil.example/x.png)")
    section(profile, {"en": "<img src=x onerror=y>"}, is_point=True)
    section(profile, {"en": "[click](javascript:alert(1))"})

    main = page_of(client, profile.tandem).main

    assert main.all("img") == []
    assert main.all("script") == []
    assert not any("javascript" in href for href in main.hrefs())


def test_pictures_have_sizes_words_and_their_source(client):
    profile = released()
    picture = PictureFactory(tandem=profile.tandem, width=1_600, height=900)
    ProfilePictureFactory(
        profile=profile,
        picture=picture,
        alt_en='A "table" & people',
        caption_de="Treffen",
        sources=["https://photo.example/"],
    )

    found = page_of(client, profile.tandem).main.section("Pictures")

    image = found.one("img")
    base = f"/en/tandems/{profile.tandem.slug}/pictures/{picture.key}"
    assert image["src"] == f"{base}/medium.jpg"
    assert image["srcset"] == (
        f"{base}/small.jpg 480w, {base}/medium.jpg 960w, {base}/large.jpg 1600w"
    )
    assert (image["width"], image["height"], image["loading"]) == ("1600", "900", "lazy")
    assert image["alt"] == 'A "table" & people'
    assert found.languages_of("Treffen") == {"de"}
    assert "Picture: Stadt Krefeld, CC BY 4.0" in found.text
    assert found.hrefs() == ["https://photo.example/"]


def test_public_documents_stand_there_with_type_and_size(client):
    tandem = make_pair()
    topic = TandemTopicFactory(tandem=tandem)
    document = DocumentFactory(
        tandem=tandem, title="Leitfaden", visibility=Visibility.PUBLIC, topic=topic
    )
    DocumentVersionFactory(document=document, number=1, size=1)
    DocumentVersionFactory(document=document, number=2, size=2_048)

    found = page_of(client, tandem).main.section("Documents")

    (title,) = found.all("h3")
    assert title.hrefs() == [f"/en/tandems/{tandem.slug}/documents/{document.key}/"]
    assert "2.0 KB" in found.text.replace("\xa0", " ")


def test_other_documents_do_not(client):
    tandem = make_pair()
    for visibility in (Visibility.TEAM, Visibility.PARTNERSHIP, Visibility.NETWORK):
        DocumentVersionFactory(document__tandem=tandem, document__visibility=visibility)
    gone = {"visibility": Visibility.PUBLIC, "removed_at": timezone.now(), "tandem": tandem}
    DocumentVersionFactory(document=DocumentFactory(**gone))
    DocumentVersionFactory(document__visibility=Visibility.PUBLIC)

    page = page_of(client, tandem)

    assert "Leitfaden" not in page.main.text
    assert "Documents" not in page.main.texts("h2")


def test_the_page_knows_nobody_and_sets_no_cookie(client):
    profile = released()

    response = client.get(profile.tandem.get_absolute_url())

    assert not response.cookies
    assert "csrf" not in response.content.decode().lower()
