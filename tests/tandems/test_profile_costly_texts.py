"""Texts that would keep the server busy are refused; only who writes has texts rendered."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tandems.forms.profile import MOST_BRACKETS, MOST_COLUMNS, WrittenField
from tandems.pasting import holds_picture
from tests.reading import read
from tests.tandems.files_cases import DAY, Circle, entered

WIDE = MOST_COLUMNS + 1


def table(columns, lead=""):
    lines = ["a", "-", "b"]
    return "\n".join(f"{lead}|{f'{sign}|' * columns}" for sign in lines)


def field():
    return WrittenField(limit=20_000, rows=3, language="de")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[a" * 10_000, "brackets"),
        ("![" * 10_000, "brackets"),
        ("[a](b)\n" * (MOST_BRACKETS + 1), "brackets"),
        (table(WIDE), "columns"),
        (table(WIDE, lead="> "), "columns"),
        (("a|" * WIDE + "a\n" + "-|" * WIDE + "-\n" + "x\n" * 9_000), "columns"),
        ("a\n" + " " * 19_000 + "\n-" + " -" * 20, None),
        ("[a](https://a.eu)\n" * MOST_BRACKETS, None),
        (table(MOST_COLUMNS), None),
        ("Ja | nein\n" * 300, None),
        ("----------\n" * 100, None),
    ],
)
def test_text_that_costs_too_much_is_refused(text, code):
    if code is None:
        assert field().clean(text)
        return
    with pytest.raises(ValidationError) as refused:
        field().clean(text)
    assert [error.code for error in refused.value.error_list] == [code]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![a[b]c](http://evil.example/x.gif)", True),
        ("![a[b][c]d][bild]", True),
        ("[![Logo](http://evil.example/x.gif)](http://a.eu)", True),
        ("![a\\]b](http://evil.example/x.gif)", True),
        ("![a [Link](http://a.eu)", False),
        ("\\![a](http://a.eu)", False),
        ("!\\[a](http://a.eu)", False),
        ("![a]] (x)", False),
        ("![" * 50_000 + "]" * 50_000, False),
    ],
    ids=lambda value: str(value)[:20],
)
def test_pictures_are_noticed_whatever_their_names_hold(text, found):
    assert holds_picture(text) is found


@pytest.mark.django_db
def test_refused_text_stays_in_the_form_with_words_beside_it():
    circle = Circle()
    circle.draft()
    client = entered(circle.contact)
    url = reverse("workspace:section", args=[circle.tandem.slug, "goal"])
    text = "[a" * 10_000

    page = client.post(url, {"text": text, "language": "de"})
    quiet = client.post(
        circle.url("profile-markdown"),
        {"text": text, "section": "goal", "language": "de"},
        headers={"accept": "application/json"},
    )

    main = read(page).main
    assert main.one("textarea", name="text").text.strip() == text
    assert main.one("div", class_="kern-form-input--error")
    assert quiet.json()["html"] == ""
    assert str(MOST_BRACKETS) in quiet.json()["message"]


@pytest.mark.django_db
def test_only_who_writes_the_profile_has_texts_rendered():
    circle = Circle()
    circle.draft()
    data = {"text": "Ein **Ziel**.", "section": "goal", "language": "de"}
    offer = {**data, "section": "offer", "city": circle.theirs.municipality.slug}

    def status(person, sent):
        return entered(person).post(circle.url("profile-markdown"), sent).status_code

    assert [status(one, data) for one in (circle.contact, circle.colleague)] == [200, 200]
    assert [status(one, offer) for one in (circle.contact, circle.neighbour)] == [403, 200]
    circle.ours.left_on = timezone.localdate() - DAY
    circle.ours.save()
    assert status(circle.contact, data) == 403
