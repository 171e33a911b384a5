"""Writing a profile: drafts, texts in languages, two editors, what is pasted."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from calls.content import mark_of, marks_of
from core.models import StatusChange
from tandems.actions.points import MOST_POINTS, move_point, remove_point, save_point
from tandems.actions.writing import check_translation, make_original, save_text, start_draft
from tandems.content import values_of
from tandems.models import ProfileEntry, ProfileText, ProfileVersion
from tandems.pasting import as_markdown, holds_picture
from tandems.points import point_values
from tests.factories import (
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
)
from tests.races import act_at_once

DAY = dt.timedelta(days=1)
MOMENT = dt.datetime(2022, 6, 1, 12, tzinfo=dt.UTC)


def drafted(**fields):
    """Return a draft without any text, a contact of each city, and the cities."""
    pair = make_pair()
    cities = [member.municipality for member in pair.members.order_by("position")]
    people = [make_user("contact", city) for city in cities]
    draft = ProfileVersionFactory(
        tandem=pair, state="draft", released_at=None, summary=False, **fields
    )
    return draft, people, cities


def write(draft, by, text, language="de", section="goal", opened="", **fields):
    return save_text(
        profile=draft,
        section=section,
        language=language,
        text=text,
        opened_with={"text": mark_of(opened)},
        by=by,
        **fields,
    )


def texts(draft, section="goal"):
    rows = ProfileText.objects.filter(entry__profile=draft, entry__section=section)
    return {
        row.language: (row.text, row.state, row.outdated_since is not None)
        for row in rows.order_by("entry__position", "language")
    }


def point(draft, by, key, opened=None, section="result", **values):
    stored = {**point_values(None, ["de", "en"]), "result_kind": "lesson", **values}
    if section != "result":
        stored |= {"result_kind": ""}
    opened_with = marks_of(opened if opened is not None else point_values(None, ["de", "en"]))
    return save_point(
        profile=draft, section=section, key=key, values=stored, opened_with=opened_with, by=by
    )


# Drafts


@pytest.mark.django_db
def test_draft_begins_with_what_the_public_page_says():
    released = ProfileVersionFactory(
        tandem=make_pair(), number=4, sources=["https://www.krefeld.de/"]
    )
    ProfileEntryFactory(profile=released)
    by = make_user("colleague", released.tandem.members.first().municipality)

    draft = start_draft(tandem=released.tandem, by=by)

    assert (draft.number, draft.state, draft.based_on, draft.started_by) == (
        5,
        "draft",
        released,
        by,
    )
    assert values_of(draft) == values_of(released)
    assert draft.sources == released.sources
    assert [(row.old, row.new) for row in StatusChange.objects.of(draft)] == [("", "draft")]
    released.tandem.refresh_from_db()
    assert released.tandem.maintained_since is not None


@pytest.mark.django_db
def test_draft_of_a_partnership_without_a_profile_is_empty():
    pair = make_pair()

    draft = start_draft(tandem=pair, by=make_user("coordinator"))

    assert (draft.number, draft.based_on, draft.entries.count()) == (1, None, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "submitted", "confirmed"])
def test_version_on_its_way_is_not_begun_again(state):
    standing = ProfileVersionFactory(tandem=make_pair(), state=state)

    assert start_draft(tandem=standing.tandem, by=make_user("bbsr")) == standing


@pytest.mark.django_db(transaction=True)
def test_two_who_start_a_draft_at_once_get_the_same():
    pair = make_pair()
    people = [make_user("contact", row.municipality) for row in pair.members.all()]

    drafts = act_at_once(*((lambda by=by: start_draft(tandem=pair, by=by)) for by in people))

    assert drafts[0] == drafts[1] == ProfileVersion.objects.get()


@pytest.mark.django_db
def test_strangers_guests_and_cities_that_left_write_nothing():
    draft, (contact, _other), (ours, _theirs) = drafted()
    guest = TandemMemberFactory(tandem=draft.tandem, role="guest").municipality
    left = TandemMemberFactory(tandem=draft.tandem, left_on=timezone.localdate() - DAY).municipality
    strangers = [make_user(), make_user("contact"), make_user("reviewer"), make_user("observer")]

    for by in (*strangers, make_user("contact", guest), make_user("contact", left)):
        with pytest.raises(PermissionDenied):
            write(draft, by, "Ein Ziel.")
        with pytest.raises(PermissionDenied):
            start_draft(tandem=draft.tandem, by=by)
    assert write(draft, make_user("colleague", ours), "Ein Ziel.").changed
    assert write(draft, contact, "Un obiettivo.", "it").changed


# Texts


@pytest.mark.django_db
def test_first_language_is_the_original_and_the_others_are_translations():
    draft, (german, italian), _cities = drafted()

    write(draft, italian, "Un obiettivo.", "it")
    write(draft, german, "Ein Ziel.", "de")

    assert texts(draft) == {
        "de": ("Ein Ziel.", "translated", False),
        "it": ("Un obiettivo.", "original", False),
    }
    entry = draft.entries.get()
    assert (entry.is_point, entry.municipality, entry.changed_by) == (False, None, german)


@pytest.mark.django_db
def test_change_of_the_original_puts_translations_out_of_date_until_they_are_written_again():
    draft, (german, italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    write(draft, italian, "Un obiettivo.", "it")
    write(draft, german, "A goal.", "en")

    write(draft, german, "Zwei Ziele.", opened="Ein Ziel.")
    assert [row[2] for row in texts(draft).values()] == [False, True, True]

    write(draft, italian, "Due obiettivi.", "it", opened="Un obiettivo.")
    assert texts(draft) == {
        "de": ("Zwei Ziele.", "original", False),
        "en": ("A goal.", "translated", True),
        "it": ("Due obiettivi.", "translated", False),
    }


@pytest.mark.django_db
def test_who_is_late_stays_late_since_the_first_change(time_machine):
    draft, (german, _italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    write(draft, german, "A goal.", "en")
    time_machine.move_to(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=False)
    write(draft, german, "Zwei Ziele.", opened="Ein Ziel.")
    first = ProfileText.objects.get(language="en").outdated_since

    time_machine.shift(DAY)
    write(draft, german, "Drei Ziele.", opened="Zwei Ziele.")

    assert ProfileText.objects.get(language="en").outdated_since == first


@pytest.mark.django_db
def test_empty_text_removes_the_language_and_another_becomes_the_original():
    draft, (german, italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    write(draft, german, "A goal.", "en")
    write(draft, german, "Zwei Ziele.", opened="Ein Ziel.")
    write(draft, italian, "Due obiettivi.", "it")

    write(draft, german, "", opened="Zwei Ziele.")
    # The one that is not out of date leads.
    assert texts(draft) == {
        "en": ("A goal.", "translated", True),
        "it": ("Due obiettivi.", "original", False),
    }
    write(draft, german, "", "it", opened="Due obiettivi.")
    assert texts(draft) == {"en": ("A goal.", "original", False)}
    write(draft, german, "", "en", opened="A goal.")
    assert not draft.entries.exists()


@pytest.mark.django_db
def test_what_was_not_changed_is_not_written():
    draft, (german, italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    before = ProfileText.objects.get()

    assert not write(draft, italian, "Ein Ziel.", opened="Ein Ziel.").changed

    after = ProfileText.objects.get()
    assert (after.written_at, after.written_by) == (before.written_at, german)


@pytest.mark.django_db
def test_of_what_a_city_gives_and_seeks_that_city_alone_writes():
    draft, (german, italian), (krefeld, arezzo) = drafted()

    write(draft, german, "Wir geben Daten.", section="offer", municipality=krefeld)
    with pytest.raises(PermissionDenied):
        write(draft, italian, "No!", "it", section="offer", municipality=krefeld)
    with pytest.raises(PermissionDenied):
        write(draft, german, "Nein!", section="offer", municipality=arezzo)
    write(draft, italian, "Diamo.", "it", section="offer", municipality=arezzo)
    with pytest.raises(ValidationError):
        write(draft, german, "Wer?", section="offer")
    write(
        draft,
        make_user("coordinator"),
        "Wir geben mehr.",
        opened="Wir geben Daten.",
        section="offer",
        municipality=krefeld,
    )

    found = {row.municipality: row.texts.get().text for row in draft.entries.all()}
    assert found == {krefeld: "Wir geben mehr.", arezzo: "Diamo."}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["submitted", "confirmed", "released", "superseded", "set_aside"])
def test_only_a_draft_can_be_written(state):
    draft, (german, _italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    key = draft.entries.get().key
    ProfileVersion.objects.update(state=state, released_at=MOMENT)

    for act in (
        lambda: write(draft, german, "Zwei Ziele.", opened="Ein Ziel."),
        lambda: make_original(profile=draft, key=key, language="de", by=german),
        lambda: check_translation(profile=draft, key=key, language="de", seen={}, by=german),
        lambda: point(draft, german, key, text_de="x"),
        lambda: move_point(profile=draft, key=key, up=True, by=german),
        lambda: remove_point(profile=draft, key=key, by=german),
    ):
        with pytest.raises(ValidationError):
            act()
    assert texts(draft) == {"de": ("Ein Ziel.", "original", False)}


@pytest.mark.django_db(transaction=True)
def test_two_editors_lose_nothing():
    draft, (german, italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")

    saved = act_at_once(
        lambda: write(draft, german, "Zwei Ziele.", opened="Ein Ziel."),
        lambda: write(draft, italian, "Drei Ziele.", opened="Ein Ziel."),
    )

    assert [row.changed for row in saved] == [True, False]
    assert saved[1].conflicts == {"text": "Zwei Ziele."}
    assert saved[1].saved_by == german
    assert texts(draft)["de"][0] == "Zwei Ziele."


@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_first_text_at_once_meet_each_other():
    draft, (german, italian), _cities = drafted()

    first, second = act_at_once(
        lambda: write(draft, german, "Ein Ziel."), lambda: write(draft, italian, "Ziel eins.")
    )

    assert (first.changed, second.conflicts) == (True, {"text": "Ein Ziel."})
    assert ProfileEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_write_two_languages_at_once_both_are_kept():
    draft, (german, italian), _cities = drafted()

    act_at_once(
        lambda: write(draft, german, "Ein Ziel."),
        lambda: write(draft, italian, "Un obiettivo.", "it"),
    )

    assert [row[1] for row in texts(draft).values()] == ["original", "translated"]


@pytest.mark.django_db(transaction=True)
def test_who_reads_an_older_draft_object_meets_the_state_of_now():
    draft, (german, italian), _cities = drafted()

    def submit():
        ProfileVersion.objects.filter(pk=draft.pk).update(state="submitted")

    _none, refused = act_at_once(submit, lambda: write(draft, italian, "Un obiettivo.", "it"))

    assert isinstance(refused, ValidationError)
    assert not draft.entries.exists()
    assert german


# Checking


def two_texts():
    draft, (german, italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")
    write(draft, italian, "Un obiettivo.", "it")
    seen = {"de": mark_of("Ein Ziel."), "it": mark_of("Un obiettivo.")}
    return draft, german, italian, draft.entries.get().key, seen


@pytest.mark.django_db
def test_translation_is_checked_by_who_has_read_both_texts():
    draft, german, italian, key, seen = two_texts()

    check_translation(profile=draft, key=key, language="it", seen=seen, by=italian)

    row = ProfileText.objects.get(language="it")
    assert (row.state, row.checked_by) == ("checked", italian)
    assert row.checked_at is not None
    write(draft, german, "Un altro.", "it", opened="Un obiettivo.")
    row.refresh_from_db()
    assert (row.state, row.checked_by, row.checked_at) == ("translated", None, None)


@pytest.mark.django_db
def test_checking_brings_a_translation_up_to_date_that_still_says_the_same():
    draft, german, italian, key, seen = two_texts()
    write(draft, german, "Ein Ziel!", opened="Ein Ziel.")

    with pytest.raises(ValidationError):
        check_translation(profile=draft, key=key, language="it", seen=seen, by=italian)
    seen["de"] = mark_of("Ein Ziel!")
    check_translation(profile=draft, key=key, language="it", seen=seen, by=italian)

    assert texts(draft)["it"] == ("Un obiettivo.", "checked", False)


@pytest.mark.django_db
def test_original_needs_no_check_and_a_missing_text_has_none():
    draft, german, _italian, key, seen = two_texts()

    for language in ("de", "en"):
        with pytest.raises(ValidationError):
            check_translation(profile=draft, key=key, language=language, seen=seen, by=german)


@pytest.mark.django_db
def test_another_language_becomes_the_original_unless_it_is_out_of_date():
    draft, german, italian, key, _seen = two_texts()
    write(draft, german, "Zwei Ziele.", opened="Ein Ziel.")

    with pytest.raises(ValidationError):
        make_original(profile=draft, key=key, language="it", by=italian)
    write(draft, italian, "Due obiettivi.", "it", opened="Un obiettivo.")
    for _twice in range(2):
        make_original(profile=draft, key=key, language="it", by=italian)

    assert texts(draft) == {
        "de": ("Zwei Ziele.", "translated", False),
        "it": ("Due obiettivi.", "original", False),
    }


# Points


@pytest.mark.django_db
def test_point_saved_twice_is_one_point():
    draft, (german, _italian), _cities = drafted()
    key = uuid.uuid4()

    for _twice in range(2):
        point(draft, german, key, text_de="Ein Leitfaden.", text_en="A guide.", sources=[])

    entry = draft.entries.get()
    assert (entry.is_point, entry.result_kind, entry.evidence) == (True, "lesson", "documented")
    assert texts(draft, "result") == {
        "de": ("Ein Leitfaden.", "original", False),
        "en": ("A guide.", "translated", False),
    }


@pytest.mark.django_db
def test_point_keeps_what_another_editor_wrote_in_another_field():
    draft, (german, italian), _cities = drafted()
    key = uuid.uuid4()
    point(draft, german, key, text_de="Ein Leitfaden.")
    opened = point_values(draft.entries.get(), ["de", "en"])

    point(draft, german, key, opened, **{**opened, "text_de": "Zwei Leitfäden."})
    mine = {**opened, "text_en": "A guide.", "text_de": "Drei Leitfäden."}
    saved = point(draft, italian, key, opened, **mine)

    assert saved.conflicts == {"text_de": "Zwei Leitfäden."}
    # What was translated from a text that is in dispute is kept all the same.
    assert texts(draft, "result")["en"][0] == "A guide."
    assert texts(draft, "result")["de"][0] == "Zwei Leitfäden."


@pytest.mark.django_db
def test_point_needs_a_text_a_section_for_points_and_room():
    draft, (german, _italian), _cities = drafted()
    key = uuid.uuid4()

    with pytest.raises(ValidationError):
        point(draft, german, key, text_de="")
    for section in ("summary", "offer"):
        with pytest.raises(ValidationError):
            point(draft, german, key, section=section, text_de="x")
    for _number in range(MOST_POINTS):
        ProfileEntryFactory(profile=draft, section="result")
    with pytest.raises(ValidationError, match=str(MOST_POINTS)):
        point(draft, german, key, text_de="x")
    assert draft.entries.count() == MOST_POINTS


@pytest.mark.django_db
def test_points_change_places_within_their_section():
    draft, (german, _italian), _cities = drafted()
    first, goal, second = (
        ProfileEntryFactory(profile=draft, section=section, result_kind="", texts={"de": "x"})
        for section in ("failure", "goal", "failure")
    )

    def order():
        rows = draft.entries.filter(section="failure").order_by("position")
        return list(rows)

    assert move_point(profile=draft, key=second.key, up=True, by=german)
    assert order() == [second, first]
    assert not move_point(profile=draft, key=second.key, up=True, by=german)
    assert not move_point(profile=draft, key=goal.key, up=False, by=german)
    assert move_point(profile=draft, key=second.key, up=False, by=german)
    assert order() == [first, second]


@pytest.mark.django_db
def test_removed_point_stays_in_earlier_versions():
    released = ProfileVersionFactory(tandem=make_pair())
    entry = ProfileEntryFactory(profile=released)
    by = make_user("coordinator")
    draft = start_draft(tandem=released.tandem, by=by)

    remove_point(profile=draft, key=entry.key, by=by)
    with pytest.raises(ValidationError):
        remove_point(profile=draft, key=entry.key, by=by)

    assert not draft.entries.filter(is_point=True).exists()
    assert released.entries.filter(is_point=True).get() == entry


@pytest.mark.django_db
def test_text_of_a_section_is_not_removed_as_a_point():
    draft, (german, _italian), _cities = drafted()
    write(draft, german, "Ein Ziel.")

    with pytest.raises(ValidationError):
        remove_point(profile=draft, key=draft.entries.get().key, by=german)


# Pasting

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {margin:0}</style>
</head><body><!--[if gte mso 9]><xml><o:x/></xml><![endif]-->
<h1>Ziele</h1><p class=MsoNormal><span style='font-size:12.0pt'>Wir <b>wollen</b>&nbsp;das:
<o:p></o:p></span></p><p class=MsoListParagraph><![if !supportLists]><span>·<span>
&nbsp;&nbsp; </span></span>
<![endif]>Wärme &amp; Netz<o:p></o:p></p><ul><li>eins</li><li>zwei</li></ul>
<a href="https://www.krefeld.de/">Krefeld</a> <a href="javascript:alert(1)">böse</a>
<script>alert(1)</script></body></html>"""


def test_markup_of_word_becomes_markdown():
    text, found = as_markdown(WORD)

    assert found
    assert [line for line in text.splitlines() if line] == [
        "## Ziele",
        "Wir **wollen** das:",
        "- Wärme & Netz",
        "- eins",
        "- zwei",
        "[Krefeld](https://www.krefeld.de/) böse",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a < b und b > c",
        "<https://www.krefeld.de/>",
        "<Name der Stadt>",
        "<Siehe:Anhang>",
        "5 &amp; 6",
        "offen <!-- geblieben",
        "**fett** [Link](https://www.krefeld.de/)\n\n- eins\n- zwei",
    ],
)
def test_what_people_typed_stays(text):
    assert as_markdown(text) == (text, False)


def test_bullets_of_other_programs_become_a_list():
    assert as_markdown("•\tEins\n·  Zwei") == ("- Eins\n- Zwei", False)


@pytest.mark.parametrize(
    "text",
    [
        *("<!--" * 50_000, "<script>" * 25_000, "<b " * 60_000, "<" * 200_000, "<![if " * 30_000),
        *("<a href='" * 20_000, "<b>" + "\n- \n" * 40_000, "<b>" + "** " * 60_000),
        *("![" * 100_000, "<style>" * 20_000 + "</style>", "·" * 200_000, "<p>" + " " * 200_000),
    ],
    ids=lambda text: text[:6],
)
def test_no_text_takes_long(text):
    begin = timezone.now()

    as_markdown(text)
    holds_picture(text)

    assert timezone.now() - begin < dt.timedelta(seconds=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![Rathaus](https://evil.example/pixel.gif)", True),
        ("![][bild]", True),
        ("Achtung! [Link](https://www.krefeld.de/)", False),
        ("Wirklich![1]", False),
    ],
)
def test_pictures_in_markdown_are_noticed(text, found):
    assert holds_picture(text) is found
