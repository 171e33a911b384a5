"""Pictures of a profile: put in, described, moved, taken out."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from PIL import Image

from calls.content import marks_of
from tandems.actions import pictures as actions
from tandems.models import Picture, ProfilePicture, ProfileVersion, Tandem
from tests.factories import make_user
from tests.races import act_at_once
from tests.reading import read
from tests.tandems.files_cases import DAY, WORDS, Circle, checked, entered, picture_file, upload

pytestmark = pytest.mark.django_db
TYPED = {**WORDS, "sources": "https://www.krefeld.de/ostwall"}


def sizes_of(picture):
    """Return width and height of the three files."""
    found = []
    for field in (picture.small, picture.medium, picture.large):
        with field.open() as file:
            found.append(Image.open(io.BytesIO(file.read())).size)
    return found


def test_officer_adds_describes_moves_and_removes_a_picture():
    circle = Circle()
    draft, client = circle.draft(), entered(circle.contact)
    first = circle.picture(draft)

    page = read(
        client.post(
            circle.url("picture-add"),
            {**TYPED, "file": upload(picture_file((3_000, 1_500), "red"), "Ostwall.jpg")},
            follow=True,
        )
    )

    place = ProfilePicture.objects.exclude(pk=first.pk).get()
    assert page.main.one("div", role="status").text
    assert sizes_of(place.picture) == [(480, 240), (960, 480), (1_920, 960)]
    assert (place.picture.width, place.picture.height) == (1_920, 960)
    image = page.main.all("img")[-1]
    assert (image["width"], image["height"], image["loading"]) == ("1920", "960", "lazy")
    assert image["alt"] == WORDS["alt_de"]
    assert [part.split()[1] for part in image["srcset"].split(", ")] == ["480w", "960w", "1920w"]
    assert place.sources == WORDS["sources"]

    client.post(circle.url("picture-move", place.picture.key), {"to": "up"})
    assert list(draft.pictures.values_list("pk", flat=True)) == [place.pk, first.pk]

    edited = {**TYPED, "alt_de": "Platanen", "marks": marks_on(client, circle, place)}
    client.post(circle.url("picture", place.picture.key), edited)
    place.refresh_from_db()
    assert (place.alt_de, place.alt_en) == ("Platanen", WORDS["alt_en"])

    assert client.get(circle.url("picture-remove", place.picture.key)).status_code == 200
    client.post(circle.url("picture-remove", place.picture.key))
    assert list(draft.pictures.values_list("pk", flat=True)) == [first.pk]
    assert Picture.objects.count() == 2


def marks_on(client, circle, place):
    page = read(client.get(circle.url("picture", place.picture.key)))
    return page.main.one("input", name="marks")["value"]


def test_photo_loses_its_place_in_all_sizes_and_small_ones_stay_small():
    exif = Image.Exif()
    exif[0x010F] = "Kamera von Anna Beispiel"
    content = picture_file((600, 300), exif=exif)

    place = Circle().picture(content=content)

    assert sizes_of(place.picture) == [(480, 240), (600, 300), (600, 300)]
    for field in (place.picture.small, place.picture.medium, place.picture.large):
        with field.open() as file:
            assert b"Anna" not in file.read()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA", "P"])
def test_transparent_and_grey_png_become_jpeg(mode):
    content = picture_file((30, 20), None, "PNG", mode)

    place = added_png(content)

    with place.picture.large.open() as file:
        image = Image.open(io.BytesIO(file.read()))
    assert (image.format, image.size) == ("JPEG", (30, 20))


def added_png(content):
    circle = Circle()
    return actions.add_picture(
        profile=circle.draft(), file=checked(content, "a.png"), words=WORDS, by=circle.contact
    )


def test_what_is_transparent_becomes_white_and_deep_grey_stays_grey():
    clear = added_png(picture_file((8, 8), (255, 0, 0, 0), "PNG", "RGBA"))
    deep = added_png(picture_file((8, 8), 40_000, "PNG", "I;16"))

    with clear.picture.large.open() as file:
        assert Image.open(io.BytesIO(file.read())).getpixel((4, 4)) == (255, 255, 255)
    with deep.picture.large.open() as file:
        assert Image.open(io.BytesIO(file.read())).getpixel((4, 4)) == 156


@pytest.mark.parametrize("name", ["alt_de", "alt_en", "author", "licence", "file"])
def test_missing_words_are_asked_for_at_their_field_and_the_others_stay(name):
    circle = Circle()
    circle.draft()
    data = {**TYPED, "file": upload(picture_file(), "a.jpg")}
    del data[name]

    answer = entered(circle.contact).post(circle.url("picture-add"), data)

    page = read(answer)
    assert answer.status_code == 200
    assert page.body.one("div", id=f"id_{name}_error").text
    assert page.title.startswith("Fehler:")
    kept = "alt_en" if name == "alt_de" else "alt_de"
    assert page.body.one("input", name=kept)["value"] == WORDS[kept]
    assert not ProfilePicture.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", upload(b"%PDF-1.7\n", "a.pdf")),
        ("file", upload(b"<svg onload=alert(1)>", "a.svg")),
        ("file", upload(b"", "a.jpg")),
        ("file", upload(picture_file()[:200], "a.jpg")),
        ("sources", "javascript:alert(1)"),
        ("sources", "https://a.example/" + "x" * 600),
        ("alt_de", "x" * 301),
        ("alt_de", "a\x00b"),
        ("licence", "mine"),
    ],
)
def test_wrong_input_is_refused_with_words(field, value):
    circle = Circle()
    circle.draft()
    if field == "file":
        value.seek(0)
    data = {**TYPED, "file": upload(picture_file(), "a.jpg"), field: value}

    answer = entered(circle.contact).post(circle.url("picture-add"), data)

    assert answer.status_code == 200
    assert read(answer).body.one("div", id=f"id_{field}_error").text
    assert not Picture.objects.exists()


def test_the_same_picture_again_is_refused_and_leaves_no_file():
    circle = Circle()
    draft, client = circle.draft(), entered(circle.contact)
    data = {**TYPED, "file": upload(picture_file(), "a.jpg")}
    client.post(circle.url("picture-add"), data)
    data["file"].seek(0)

    answer = client.post(circle.url("picture-add"), data)

    assert answer.status_code == 200
    assert read(answer).main.one("div", role="alert")
    assert draft.pictures.count() == 1


def test_a_picture_of_an_old_version_comes_back_without_a_second_file():
    circle = Circle()
    old = circle.draft()
    place = circle.picture(old)
    old.state = "set_aside"
    old.save()
    fresh = circle.draft()

    again = circle.picture(fresh, alt_de="Neu beschrieben")

    assert again.picture == place.picture
    place.refresh_from_db()
    assert place.alt_de == WORDS["alt_de"]


def test_a_profile_takes_so_many_pictures_and_no_more(monkeypatch):
    monkeypatch.setattr(actions, "MOST_PICTURES", 1)
    circle = Circle()
    draft = circle.draft()
    circle.picture(draft)

    with pytest.raises(ValidationError) as refused:
        circle.picture(draft, picture_file(colour="red"))

    assert refused.value.code == "full"
    assert Picture.objects.count() == 1


def test_fault_between_files_and_row_leaves_no_file(monkeypatch):
    circle = Circle()
    draft, written = circle.draft(), []
    monkeypatch.setattr(
        actions, "store", lambda file, real=actions.store: written.append(real(file)) or written[-1]
    )
    monkeypatch.setattr(Picture, "save", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        circle.picture(draft)

    assert len(written) == 3
    assert not any(default_storage.exists(name) for name in written)


@pytest.mark.parametrize("state", ["submitted", "confirmed", "released"])
def test_only_a_draft_is_changed_and_the_page_says_so(state):
    circle = Circle()
    draft = circle.draft()
    place = circle.picture(draft)
    draft.state = state
    if state == "released":
        draft.released_at = draft.started_at
    draft.save()
    client, key = entered(circle.contact), place.picture.key

    for act in (
        lambda: circle.picture(draft, picture_file(colour="red")),
        lambda: actions.change_picture(place=place, words=WORDS, opened={}, by=circle.contact),
        lambda: actions.move_picture(place=place, up=True, by=circle.contact),
        lambda: actions.remove_picture(place=place, by=circle.contact),
    ):
        place.profile.refresh_from_db()
        with pytest.raises(ValidationError):
            act()
    page = read(client.get(circle.url("pictures")))
    assert circle.url("picture-add") not in page.main.hrefs()
    for name, args in (("picture-add", []), ("picture", [key]), ("picture-remove", [key])):
        answer = client.post(circle.url(name, *args), {**TYPED}, follow=True)
        assert answer.redirect_chain[-1][0] == circle.url("pictures")
        assert read(answer).main.one("div", role="status").text
    assert draft.pictures.count() == 1


def test_back_button_after_removing_says_what_happened():
    circle = Circle()
    place = circle.picture()
    client = entered(circle.contact)
    actions.remove_picture(place=place, by=circle.contact)

    for name in ("picture", "picture-remove", "picture-move"):
        answer = client.post(circle.url(name, place.picture.key), {**TYPED}, follow=True)
        assert answer.status_code == 200
        assert read(answer).main.one("div", role="status").text


def test_two_editors_see_both_texts_and_choose():
    circle = Circle()
    place = circle.picture()
    client = entered(circle.contact)
    marks = marks_on(client, circle, place)
    url = circle.url("picture", place.picture.key)
    entered(circle.neighbour).post(url, {**TYPED, "alt_de": "Andere", "marks": marks})

    answer = client.post(url, {**TYPED, "alt_de": "Meine", "marks": marks})

    page = read(answer)
    place.refresh_from_db()
    assert (answer.status_code, place.alt_de) == (409, "Andere")
    assert {"Meine", "Andere"} <= set(page.main.one("section", role="alert").texts("div"))
    assert page.main.one("input", name="alt_de")["value"] == "Meine"
    fresh = page.main.one("input", name="marks")["value"]
    client.post(url, {**TYPED, "alt_de": "Meine", "marks": fresh})
    place.refresh_from_db()
    assert place.alt_de == "Meine"


def test_expired_session_gives_the_words_back(time_machine):
    circle = Circle()
    place = circle.picture()
    client, url = entered(circle.contact), circle.url("picture", place.picture.key)
    client.get(url)
    session = client.session
    session["seen_at"] = session["began_at"] = 0
    session.save()
    client.post(url, {**TYPED, "alt_de": "Lange getippt"})
    again = client.session.get("kept_form")
    assert again
    user = circle.contact
    client.force_login(user, backend="accounts.backends.SignInBackend")

    page = read(client.get(url))

    place.refresh_from_db()
    assert page.main.one("input", name="alt_de")["value"] == "Lange getippt"
    assert place.alt_de == WORDS["alt_de"]


@pytest.mark.parametrize(
    ("who", "reading", "writing"),
    [
        ("contact", 200, 200),
        ("colleague", 200, 200),
        ("neighbour", 200, 200),
        ("coordinator", 200, 200),
        ("stranger", 404, 404),
        ("observer", 404, 404),
        ("reviewer", 404, 404),
        ("left", 200, 403),
        ("visitor", 302, 302),
    ],
)
def test_who_reads_and_who_writes(who, reading, writing):
    circle = Circle()
    key = circle.picture().picture.key
    person = getattr(circle, who, None)
    if who in {"observer", "reviewer"}:
        person = make_user(who)
    if who == "left":
        circle.leave()
        person = circle.contact
    client = entered(person)

    assert client.get(circle.url("pictures")).status_code == reading
    for name, args in (("picture-add", []), ("picture", [key]), ("picture-remove", [key])):
        assert client.get(circle.url(name, *args)).status_code == writing, name
    moved = client.post(circle.url("picture-move", key), {"to": "up"}).status_code
    assert moved == (302 if writing == 200 else writing)


def test_wrong_method_and_wrong_partnership():
    circle, other = Circle(), Circle()
    key = circle.picture().picture.key
    client = entered(other.contact)
    other.draft()

    assert entered(circle.contact).get(circle.url("picture-move", key)).status_code == 405
    assert entered(circle.contact).post(circle.url("pictures")).status_code == 405
    assert client.get(other.url("picture", key)).status_code == 404


def test_city_that_left_and_strangers_act_on_nothing():
    circle = Circle()
    place = circle.picture()
    circle.leave()

    for person in (circle.contact, circle.stranger, make_user("observer")):
        place = ProfilePicture.objects.get(pk=place.pk)
        with pytest.raises(PermissionDenied):
            actions.remove_picture(place=place, by=person)
        with pytest.raises(PermissionDenied):
            actions.change_picture(place=place, words=WORDS, opened={}, by=person)


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_number_of_questions(number, django_assert_num_queries):
    circle = Circle()
    draft = circle.draft()
    for row in range(number):
        circle.picture(draft, picture_file((10 + row, 10)))
    client = entered(circle.contact)
    client.get(circle.url("pictures"))

    with django_assert_num_queries(9):
        client.get(circle.url("pictures"))


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_picture_at_once_add_it_once():
    circle = Circle()
    draft = circle.draft()
    file = checked(picture_file(), "a.jpg")

    def add(by):
        return actions.add_picture(profile=draft, file=file, words=WORDS, by=by)

    results = act_at_once(lambda: add(circle.contact), lambda: add(circle.neighbour))

    assert [type(result).__name__ for result in results] == ["ProfilePicture", "ValidationError"]
    assert Picture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_words_at_once_lose_nothing():
    circle = Circle()
    place = circle.picture()
    marks = marks_of({name: getattr(place, name) for name in actions.WORDS})

    def change(text, by):
        return actions.change_picture(
            place=place, words={**WORDS, "alt_de": text}, opened=marks, by=by
        )

    results = act_at_once(
        lambda: change("Eins", circle.contact), lambda: change("Zwei", circle.neighbour)
    )

    assert results == [{}, {"alt_de": "Eins"}]


@pytest.mark.django_db(transaction=True)
def test_picture_that_comes_while_the_draft_is_submitted_is_refused():
    """The cities confirm what they saw: nothing slips in behind it."""
    circle = Circle()
    draft = circle.draft()

    def submit():
        with transaction.atomic():
            Tandem.objects.select_for_update().get(pk=circle.tandem.pk)
            locked = ProfileVersion.objects.select_for_update().get(pk=draft.pk)
            locked.state = "submitted"
            locked.save()

    results = act_at_once(submit, lambda: circle.picture(draft))

    assert results[0] is None
    assert isinstance(results[1], ValidationError)
    assert not Picture.objects.exists()


def test_page_of_a_partnership_without_a_profile_reads_well():
    circle = Circle()

    page = read(entered(circle.contact).get(circle.url("pictures")))

    assert circle.url("profile") in page.main.hrefs()
    assert circle.url("picture-add") not in page.main.hrefs()


def test_city_that_left_sees_the_pictures_that_were_public_by_then():
    circle = Circle()
    public = circle.draft()
    circle.picture(public)
    public.state, public.released_at = "released", timezone.now() - 10 * DAY
    public.save()
    draft = circle.draft()
    circle.picture(draft, picture_file(colour="red"), alt_de="Neues Bild")
    circle.leave(days=2)

    page = read(entered(circle.contact).get(circle.url("pictures")))

    assert [image["alt"] for image in page.main.all("img")] == [WORDS["alt_de"]]
    assert "Neues Bild" not in page.main.text


def test_first_picture_marks_the_page_as_kept_by_its_cities():
    circle = Circle()
    assert circle.tandem.maintained_since is None

    circle.picture()

    circle.tandem.refresh_from_db()
    assert circle.tandem.maintained_since is not None
