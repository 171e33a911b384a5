"""Letters about the selection: their words, drafting, editing, and the one release."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation
from post_office.models import Email

from calls import actions, letters
from calls.content import marks_of
from calls.enums import LetterState, OfferState, Outcome, Pool
from calls.models import (
    Application,
    Call,
    ConflictDeclaration,
    EligibilityCheck,
    Letter,
    Offer,
    Procedure,
)
from core.models import StatusChange
from tests.applications import editor_of
from tests.factories import make_user
from tests.selection import (
    LEAK,
    applications_of,
    decided,
    declare,
    filed,
    make_call_in_review,
    make_reviewer,
)

HOSTILE = "[Klick](https://evil.example)\r\nBcc: all@example.org <b>{{ 7|add:7 }}"
STEPS = tuple(f"Step {step}" for step in range(6))
FACTS = letters.Facts(
    outcome=Outcome.REFUSED,
    language="en",
    place="Wörkheim",
    pool=Pool.GERMAN,
    title="Call 2026",
    reference="2026-1-007",
    findings=[
        letters.Finding("Transferability", Decimal("1.50"), STEPS),
        letters.Finding("Need", Decimal(11) / 3, STEPS),
    ],
    result_url="https://portal.example/en/calls/c/apply/k/result/",
    call_url="https://portal.example/en/calls/c/",
    calls_url="https://portal.example/en/calls/",
    meetings_url="https://portal.example/en/meetings/",
)


def test_refusal_gives_the_reasons_by_criterion_and_what_there_is_instead():
    words = letters.draft(FACTS)

    assert words.subject == "Decision on your application: Wörkheim (2026-1-007)"
    assert "- Transferability: 1.5 of 5 points – Step 2.\n- Need: 3.67 of 5 points – Step 4." in (
        words.body
    )
    assert "Most convincing: Need." in words.body
    assert "Less convincing: Transferability." in words.body
    assert "- Transferability – full points mean: Step 5." in words.body
    assert "no place this time" not in words.body
    assert "cannot offer Wörkheim a place this time" in words.body
    assert "https://portal.example/en/meetings/" in words.body
    assert "As long as your application is kept, you can take over its texts" in words.body
    assert letters.DATE_MARKS["en"] not in words.body


def test_formal_refusal_names_the_condition():
    words = letters.draft(replace(FACTS, findings=[], unmet="No municipality.\nA foundation."))

    assert "a formal condition of the call: No municipality. A foundation." in words.body
    assert "points" not in words.body


def test_reserve_tells_the_rank_in_the_own_pool_and_what_happens():
    european = replace(FACTS, outcome=Outcome.RESERVE, rank=2, pool=Pool.EUROPEAN)

    german = letters.draft(replace(european, pool=Pool.GERMAN)).body

    assert "rank 2 on the reserve list of the German municipalities" in german
    assert "rank 2 on the reserve list of the European municipalities outside Germany" in (
        letters.draft(european).body
    )
    assert "moves up in the order of the ranks" in german


def test_acceptance_says_by_when_and_where_to_confirm():
    accepted = replace(FACTS, outcome=Outcome.ACCEPTED)
    due_at = dt.datetime(2026, 3, 29, 23, 59, 59, tzinfo=ZoneInfo("Europe/Berlin"))

    body = letters.finished(letters.draft(accepted).body, "en", due_at, "Europe/Berlin")

    assert "Please confirm the place by 29 March 2026, 23:59 (Europe/Berlin)." in body
    assert f"\n{FACTS.result_url}\n" in body
    assert "[date]" not in body
    assert "full points mean" not in body


def test_who_moves_up_or_has_confirmed_reads_so():
    accepted = replace(FACTS, outcome=Outcome.ACCEPTED)

    moved = letters.draft(replace(accepted, has_moved_up=True)).body
    confirmed = letters.draft(replace(accepted, has_confirmed=True)).body

    assert "A place has become free, and Wörkheim is next on the reserve list" in moved
    assert "[date]" in moved
    assert "You have confirmed your place already" in confirmed
    assert "[date]" not in confirmed


def test_later_letter_names_the_one_that_it_replaces():
    assert "This letter replaces our letter of 3 May 2026" in (
        letters.draft(replace(FACTS, replaces=dt.date(2026, 5, 3))).body
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_what_applicants_typed_stays_text_on_one_line(outcome):
    words = letters.draft(replace(FACTS, outcome=outcome, place=HOSTILE * 3, rank=1))

    assert "\n" not in words.subject
    assert "\r" not in words.subject + words.body
    assert len(words.subject) <= 200
    assert not any(line.startswith("Bcc") for line in words.body.splitlines())
    assert "{{ 7|add:7 }}" in words.body


@pytest.mark.parametrize(
    ("mean", "step", "words"),
    [("0", 0, "0"), ("2.5", 3, "2.5"), ("2.49", 2, "2.49"), ("5", 5, "5"), ("3.005", 3, "3.01")],
)
def test_mean_leads_to_the_nearest_step(mean, step, words):
    finding = letters.Finding("Need", Decimal(mean), STEPS)

    with translation.override("en"):
        assert (finding.step, letters.points(finding.mean)) == (step, words)


# From here on with the database.


def pair(german=2, european=1, **fields):
    """Return a decided session with the first of each pool accepted, a second German on reserve."""
    call = make_call_in_review(german, european, **fields)
    rows = applications_of(call)
    outcomes = dict.fromkeys(rows, "refused")
    outcomes[rows[0]] = outcomes[rows[german]] = "accepted"
    if german > 1:
        outcomes[rows[1]] = ("reserve", 1)
    return decided(call, outcomes), rows


def letter_to(application, outcome=None):
    rows = Letter.objects.filter(application=application)
    return (rows.filter(outcome=outcome) if outcome else rows).order_by("-pk").first()


def edit(letter, by, body, opened=None, subject=None):
    stored = {"subject": letter.subject, "body": letter.body}
    return actions.edit_letter(
        letter=letter,
        subject=letter.subject if subject is None else subject,
        body=body,
        opened_with=marks_of(opened or stored),
        by=by,
    )


@pytest.mark.django_db
def test_every_decision_gets_a_draft_from_the_reviews_that_count():
    call = make_call_in_review(2, 0)
    first, second = applications_of(call)
    reviewers = [make_reviewer(name) for name in ("difu", "adelphi", "steinbeis")]
    for reviewer, step in zip(reviewers, (3, 4, 4), strict=True):
        filed(first, reviewer, step, text=LEAK)
    conflicted = make_reviewer("iscn")
    filed(first, conflicted, 0)
    ConflictDeclaration.objects.filter(person=conflicted).update(kind="other", sentence="Ja.")
    session = decided(call, {first: "refused", second: ("reserve", 1)})

    drafted = actions.draft_letters(session=session, by=make_user("coordinator"))

    assert drafted == actions.Drafted(new=2, renewed=0, kept=0)
    refused, reserve = letter_to(first), letter_to(second)
    assert (refused.outcome, reserve.outcome) == (Outcome.REFUSED, Outcome.RESERVE)
    assert refused.language == "de"
    assert "3,67" in refused.body
    assert "Übertragbarkeit" in refused.body
    assert "Stufe 4" in refused.body
    assert call.title_de in refused.body
    assert first.reference in refused.subject
    assert "Übertragbarkeit" not in reserve.body, "nothing was filed about it"
    said = refused.body + refused.subject
    names = [word for person in reviewers for word in (person.name, person.email)]
    assert not any(word in said for word in [*names, "difu", "adelphi", "steinbeis", LEAK])
    assert f"Begründung zu {first}" not in said, "the record stays in the record"
    assert not Email.objects.exists()


@pytest.mark.django_db
def test_letter_is_in_the_language_of_who_sent_the_application():
    call = make_call_in_review(1, 3)
    german, speaks_german, speaks_english, gone = applications_of(call)
    for application, language in ((german, "en"), (speaks_german, "de"), (speaks_english, "en")):
        person = editor_of(application)
        person.language = language
        person.save()
    editor_of(gone).delete()
    session = decided(call, dict.fromkeys(applications_of(call), "refused"))

    actions.draft_letters(session=session, by=make_user("coordinator"))

    languages = [letter_to(row).language for row in applications_of(call)]
    assert languages == ["de", "de", "en", "en"]
    assert "/en/calls/" in letter_to(gone).body
    assert "/de/calls/" in letter_to(german).body


@pytest.mark.django_db
def test_unmet_condition_stands_in_the_refusal():
    session, rows = pair(3, 1)
    EligibilityCheck.objects.create(application=rows[2], is_eligible=False, reason="Kein Beschluss")

    actions.draft_letters(session=session, by=make_user("coordinator"))

    assert "Kein Beschluss" in letter_to(rows[2]).body


@pytest.mark.django_db
def test_drafting_again_renews_only_what_nobody_has_touched():
    session, rows = pair()
    team = make_user("coordinator")
    actions.draft_letters(session=session, by=team)
    edit(letter_to(rows[0]), team, letter_to(rows[0]).body + "\n\nBis bald.")
    filed(rows[0], make_reviewer(), 5)
    filed(rows[1], make_reviewer("adelphi"), 5)

    again = actions.draft_letters(session=session, by=team)

    assert again == actions.Drafted(new=0, renewed=1, kept=2)
    assert letter_to(rows[0]).body.endswith("Bis bald.")
    assert "Stufe 5" in letter_to(rows[1]).body
    assert Letter.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["contact", "reviewer", "observer"])
def test_only_who_prepares_the_selection_drafts(role):
    session, _rows = pair()

    with pytest.raises(PermissionDenied):
        actions.draft_letters(session=session, by=make_user(role))


@pytest.mark.django_db
def test_nothing_is_drafted_before_the_decision():
    session, _rows = pair()
    session.state = "recommended"
    session.save()

    with pytest.raises(ValidationError):
        actions.draft_letters(session=session, by=make_user("coordinator"))

    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_edit_is_kept_with_who_made_it():
    session, rows = pair()
    team = make_user("coordinator")
    actions.draft_letters(session=session, by=team)
    letter = letter_to(rows[1])

    edited = edit(letter, team, "Sehr geehrte Damen \r\n\r\n-- \nund Herren", subject=HOSTILE)

    fresh = Letter.objects.get(pk=letter.pk)
    assert edited.conflicts == {}
    assert fresh.body == "Sehr geehrte Damen\n\n--\nund Herren"
    assert (fresh.edited_by, fresh.edited_at is not None) == (team, True)
    assert fresh.subject == "[Klick](https://evil.example) Bcc: all@example.org <b>{{ 7|add:7 }}"


@pytest.mark.django_db
def test_saving_without_a_change_is_no_edit():
    session, rows = pair()
    team = make_user("coordinator")
    actions.draft_letters(session=session, by=team)

    edit(letter_to(rows[0]), team, letter_to(rows[0]).body)

    assert letter_to(rows[0]).edited_at is None


@pytest.mark.django_db
def test_two_editors_lose_nothing():
    session, rows = pair()
    first, second = make_user("coordinator"), make_user("bbsr")
    actions.draft_letters(session=session, by=first)
    letter = letter_to(rows[1])
    opened = {"subject": letter.subject, "body": letter.body}
    edit(letter, first, "Von der Ersten.", opened)

    saved = edit(letter, second, "Vom Zweiten.", opened, subject="Neuer Betreff")

    fresh = Letter.objects.get(pk=letter.pk)
    assert saved.conflicts == {"body": "Von der Ersten."}
    assert fresh.body == "Von der Ersten."
    assert fresh.subject == "Neuer Betreff", "what only one of them changed is taken"


@pytest.mark.django_db
def test_offer_keeps_the_mark_of_its_date():
    session, rows = pair()
    team = make_user("coordinator")
    actions.draft_letters(session=session, by=team)

    with pytest.raises(ValidationError, match=r"\[Frist\]"):
        edit(letter_to(rows[0]), team, "Willkommen!")

    assert letter_to(rows[0]).edited_at is None


@pytest.mark.django_db
def test_empty_or_endless_letter_is_refused():
    session, rows = pair()
    team = make_user("coordinator")
    actions.draft_letters(session=session, by=team)

    for body in ("", " \n", "x" * 20_001):
        with pytest.raises(ValidationError):
            edit(letter_to(rows[1]), team, body)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["coordinator", "bbsr"])
def test_conflict_closes_the_letter_to_its_editor(role):
    session, rows = pair()
    person = make_user(role)
    declare(rows[1], person, "other")
    actions.draft_letters(session=session, by=person)

    with pytest.raises(PermissionDenied):
        edit(letter_to(rows[1]), person, "Anders.")

    assert Letter.objects.count() == 3, "the set is drafted as a whole"
    assert letter_to(rows[1]) not in Letter.objects.visible_to(person)


@pytest.mark.django_db
def test_all_letters_go_out_at_once(time_machine):
    session, rows = pair(3, 1)
    time_machine.move_to(dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC), tick=False)
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)

    released = actions.release_letters(session=session, by=bbsr)

    assert released == 4
    assert set(Letter.objects.values_list("state", "released_by")) == {("released", bbsr.pk)}
    # 28 March on the clock of Berlin; fourteen days on, after the change to summer time.
    berlin = ZoneInfo("Europe/Berlin")
    due = dt.datetime(2026, 4, 11, 23, 59, 59, tzinfo=berlin)
    offers = Offer.objects.order_by("application")
    assert [(row.application, row.state) for row in offers] == [
        (rows[0], "open"),
        (rows[3], "open"),
    ]
    assert {row.due_at for row in offers} == {due}
    assert "11. April 2026, 23:59 Uhr (Europe/Berlin)" in letter_to(rows[0]).body
    assert "[Frist]" not in letter_to(rows[0]).body
    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    assert sorted(mails) == sorted(editor_of(row).email for row in rows)
    mail = mails[editor_of(rows[0]).email]
    assert mail.subject == letter_to(rows[0]).subject
    assert letter_to(rows[0]).body in mail.message
    changes = StatusChange.objects.filter(content_type__model="letter").values_list("old", "new")
    assert list(changes) == [("draft", "released")] * 4


@pytest.mark.django_db
def test_mail_is_whole_in_the_language_of_the_letter():
    session, rows = pair()
    person = editor_of(rows[0])
    person.language = "en"
    person.save()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)

    actions.release_letters(session=session, by=bbsr)

    mail = next(mail for mail in Email.objects.all() if mail.to == [person.email])
    assert '<html lang="de">' in mail.html_message
    assert "#vernetztinEuropa" in mail.message
    assert "/de/calls/" in mail.message
    assert "/en/" not in mail.message


@pytest.mark.django_db
def test_hostile_name_is_no_link_no_header_and_no_markup_in_the_mail():
    session, rows = pair()
    Application.objects.filter(pk=rows[1].pk).update(place_name=HOSTILE[:120])
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)

    actions.release_letters(session=session, by=bbsr)

    mail = next(mail for mail in Email.objects.all() if mail.to == [editor_of(rows[1]).email])
    assert "\n" not in mail.subject
    assert 'href="https://evil.example' not in mail.html_message
    assert "<b>" not in mail.html_message
    assert "{{ 7|add:7 }}" in mail.subject
    assert not mail.headers


@pytest.mark.django_db
def test_second_release_finds_nothing_and_writes_nothing():
    session, _rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    actions.release_letters(session=session, by=bbsr)
    before = list(Letter.objects.values_list("body", "released_at"))
    Email.objects.all().delete()

    assert actions.release_letters(session=session, by=make_user("bbsr")) == 0

    assert not Email.objects.exists()
    assert list(Letter.objects.values_list("body", "released_at")) == before
    assert Offer.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["coordinator", "reviewer", "observer", "contact"])
def test_only_bbsr_releases(role):
    session, _rows = pair()
    actions.draft_letters(session=session, by=make_user("coordinator"))

    with pytest.raises(PermissionDenied):
        actions.release_letters(session=session, by=make_user(role))

    assert not Letter.objects.released().exists()


@pytest.mark.django_db
def test_nothing_goes_out_while_one_letter_is_missing():
    session, rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    letter_to(rows[1]).delete()

    with pytest.raises(ValidationError):
        actions.release_letters(session=session, by=bbsr)

    assert not Letter.objects.released().exists()
    assert not Email.objects.exists()


@pytest.mark.django_db
def test_another_number_than_was_shown_is_refused():
    session, _rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)

    with pytest.raises(ValidationError) as refused:
        actions.release_letters(session=session, expected=2, by=bbsr)

    assert refused.value.code == "number"
    assert not Letter.objects.released().exists()


@pytest.mark.django_db(transaction=True)
def test_crash_in_the_middle_leaves_nothing_released_and_no_mail():
    session, rows = pair(3, 1)
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    # The last one meets the database: it has an address that no mail server takes.
    person = editor_of(rows[3])
    person.email = "x@" + "ä" * 70 + ".example"
    person.save()
    Email.objects.all().delete()

    with pytest.raises(Exception, match=r"[Ll]abel|too long"):
        actions.release_letters(session=session, by=bbsr)

    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.DRAFT}
    assert not Email.objects.exists()
    assert not Offer.objects.exists()
    assert not StatusChange.objects.filter(content_type__model="letter").exists()

    person.email = "x@example.org"
    person.save()
    assert actions.release_letters(session=session, by=bbsr) == 4
    assert Email.objects.count() == 4


@pytest.mark.django_db
def test_more_places_than_a_pool_has_are_not_given():
    session, _rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    Call.objects.filter(pk=session.call_id).update(places_european=0)

    with pytest.raises(ValidationError):
        actions.release_letters(session=session, by=bbsr)

    assert not Offer.objects.exists()


@pytest.mark.django_db
def test_release_includes_what_is_closed_to_the_person():
    session, rows = pair()
    bbsr = make_user("bbsr")
    declare(rows[1], bbsr, "twinning")
    actions.draft_letters(session=session, by=bbsr)

    assert actions.release_letters(session=session, by=bbsr) == 3


@pytest.mark.django_db
def test_released_letter_can_no_longer_be_edited():
    session, rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    before = letter_to(rows[1])
    actions.release_letters(session=session, by=bbsr)

    with pytest.raises(ValidationError) as refused:
        edit(before, bbsr, "Doch anders.")

    assert refused.value.code == "state"
    assert letter_to(rows[1]).body == before.body


@pytest.mark.django_db
def test_withdrawn_application_gets_no_letter_and_holds_up_nobody():
    session, rows = pair()
    Application.objects.filter(pk=rows[1].pk).update(state="withdrawn")
    bbsr = make_user("bbsr")

    actions.draft_letters(session=session, by=bbsr)

    assert letter_to(rows[1]) is None
    assert actions.release_letters(session=session, by=bbsr) == 2


@pytest.mark.django_db
def test_corrected_decision_has_new_letters_and_the_old_ones_stay():
    session, rows = pair(3, 1)
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    actions.release_letters(session=session, by=bbsr)
    kept = Offer.objects.get(application=rows[0])
    outcomes = {rows[0]: "accepted", rows[1]: "accepted", rows[2]: "refused", rows[3]: "refused"}
    corrected = decided(session.call, outcomes)

    with pytest.raises(ValidationError):
        actions.release_letters(session=session, by=bbsr)
    with pytest.raises(ValidationError):
        actions.draft_letters(session=session, by=bbsr)
    actions.draft_letters(session=corrected, by=bbsr)
    released = actions.release_letters(session=corrected, by=bbsr)

    assert released == 4
    assert Letter.objects.released().count() == 8
    assert Offer.objects.living().get(application=rows[0]) == kept, "a place is offered once"
    assert Offer.objects.get(application=rows[1]).state == OfferState.OPEN
    taken = Offer.objects.get(application=rows[3])
    assert taken.state == OfferState.LAPSED
    assert StatusChange.objects.of(taken).first().note
    assert letter_to(rows[3]).outcome == Outcome.REFUSED


@pytest.mark.django_db
def test_drafts_of_a_corrected_decision_never_go_out():
    session, rows = pair()
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)
    corrected = decided(session.call, dict.fromkeys(rows, "refused"))
    actions.draft_letters(session=corrected, by=bbsr)

    actions.release_letters(session=corrected, by=bbsr)

    assert {row.session for row in Letter.objects.released()} == {corrected}
    assert not Offer.objects.exists()


@pytest.mark.django_db
def test_drafting_asks_as_often_for_one_letter_as_for_five(django_assert_max_num_queries):
    for german in (1, 5):
        session, rows = pair(german, 1)
        for row in rows:
            filed(row, make_reviewer(f"org-{row.pk}"), 3)
        team = make_user("coordinator")
        with django_assert_max_num_queries(20):
            actions.draft_letters(session=session, by=team)


@pytest.mark.django_db
def test_days_to_confirm_are_those_of_the_procedure(time_machine):
    session, _rows = pair()
    Procedure.objects.update(confirm_days=3)
    time_machine.move_to(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC), tick=False)
    bbsr = make_user("bbsr")
    actions.draft_letters(session=session, by=bbsr)

    actions.release_letters(session=session, by=bbsr)

    due = dt.datetime(2026, 6, 4, 23, 59, 59, tzinfo=ZoneInfo("Europe/Berlin"))
    assert {row.due_at for row in Offer.objects.all()} == {due}
