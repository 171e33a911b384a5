"""The deadline to the second, with grace, zones and the night when the clock is changed."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from post_office.models import Email

from calls import actions, deadline
from calls.enums import CallState, Step
from calls.models import Application, Submission
from calls.templatetags.call_tags import deadline_words
from tests.applications import (
    editor_of,
    just_before,
    make_complete,
    make_draft,
    make_open_call,
    make_submitted,
    save,
)
from tests.factories import CallFactory, make_user

pytestmark = pytest.mark.django_db
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def call_that_closes(moment, **fields):
    return make_open_call(closes_at=moment, opens_at=moment - dt.timedelta(days=60), **fields)


def refusal(act):
    """Return the code and the words of what an action refuses, nothing if it does not."""
    try:
        act()
    except ValidationError as error:
        return error.code, error.messages[0]
    return None


@pytest.mark.parametrize(
    ("after", "opened", "is_taken"),
    [
        (-SECOND, None, True),
        (dt.timedelta(0), None, False),
        (dt.timedelta(0), -SECOND, True),
        (29 * MINUTE + 59 * SECOND, -SECOND, True),
        (30 * MINUTE, -SECOND, False),
        (SECOND, dt.timedelta(0), False),
        (SECOND, SECOND, False),
    ],
)
def test_write_is_taken_to_the_second(after, opened, is_taken, time_machine):
    application = make_complete()
    call, person = application.call, editor_of(application)
    time_machine.move_to(call.closes_at + after, tick=False)
    opened_at = call.closes_at + opened if opened is not None else None
    acts = [
        lambda: actions.save_step(
            application=application,
            step=Step.CHALLENGE,
            values={},
            opened_with={},
            opened_at=opened_at,
            by=person,
        ),
        lambda: actions.submit_application(application=application, opened_at=opened_at, by=person),
    ]

    codes = [found[0] if (found := refusal(act)) else None for act in acts]

    assert codes == ([None, None] if is_taken else ["deadline", "deadline"])
    assert Submission.objects.count() == int(is_taken)


def test_everything_else_is_refused_after_the_deadline(time_machine):
    draft, sent = make_draft(), make_submitted()
    withdrawn = make_draft()
    actions.withdraw_application(application=withdrawn, by=editor_of(withdrawn))
    latest = max(row.call.closes_at for row in (draft, sent, withdrawn))
    time_machine.move_to(latest + SECOND, tick=False)

    found = [
        refusal(lambda: make_draft(draft.call, make_user())),
        refusal(lambda: actions.reopen_application(application=sent, by=editor_of(sent))),
        refusal(lambda: actions.withdraw_application(application=sent, by=editor_of(sent))),
        refusal(lambda: actions.begin_again(application=withdrawn, by=editor_of(withdrawn))),
    ]

    assert [code for code, _words in found] == ["deadline"] * 4


def test_refusal_names_the_moment_on_the_clock_of_the_call(time_machine):
    closes = dt.datetime(2027, 1, 10, 13, tzinfo=dt.UTC)
    application = make_draft(call_that_closes(closes, time_zone="Europe/Sofia"))
    time_machine.move_to(closes, tick=False)

    _code, words = refusal(
        lambda: save(application, Step.CHALLENGE, editor_of(application), challenge="spät")
    )

    assert "am 10. Januar 2027 um 15:00 Uhr (Europe/Sofia)" in words
    assert Application.objects.get().challenge == ""


@pytest.fixture
def _now(time_machine):
    time_machine.move_to(dt.datetime(2026, 9, 1, tzinfo=dt.UTC), tick=False)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        # The hour from 2 to 3 comes twice; the first one counts (PEP 495, fold=0).
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ("Europe/Lisbon", "2026-10-25T01:30:00", "2026-10-25T00:30:00"),
        ("Europe/Athens", "2026-10-25T03:30:00", "2026-10-25T00:30:00"),
        ("Europe/Berlin", "2027-03-28T03:00:00", "2027-03-28T01:00:00"),
        ("Europe/London", "2027-03-28T00:59:00", "2027-03-28T00:59:00"),
        ("Europe/Bucharest", "2027-03-28T04:00:00", "2027-03-28T01:00:00"),
    ],
)
@pytest.mark.usefixtures("_now")
def test_deadline_in_a_night_of_changed_clocks_is_one_moment(zone, local, utc, time_machine):
    closes = dt.datetime.fromisoformat(local).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    call = make_open_call(closes_at=closes, opens_at=moment - dt.timedelta(days=60), time_zone=zone)
    call.refresh_from_db()
    assert call.closes_at == moment
    time_machine.move_to(moment - dt.timedelta(days=1), tick=False)
    application = make_draft(call)
    person = editor_of(application)

    answers = []
    for second in (-1, 0):
        time_machine.move_to(moment + second * SECOND, tick=False)
        answers.append(refusal(lambda: save(application, Step.PEOPLE, person, sponsor="Rat")))

    assert [answer and answer[0] for answer in answers] == [None, "deadline"]


def test_reader_in_another_zone_reads_both_clocks():
    call = CallFactory(
        closes_at=dt.datetime(2027, 1, 10, 13, tzinfo=dt.UTC), time_zone="Europe/Berlin"
    )

    with timezone.override("Europe/Sofia"):
        sofia = deadline_words(call)
    with timezone.override("Europe/Vienna"), translation.override("en"):
        vienna = deadline_words(call)

    assert sofia == (
        "10. Januar 2027, 14:00 Uhr (Europe/Berlin), "
        "bei Ihnen 10. Januar 2027, 15:00 Uhr (Europe/Sofia)"
    )
    assert vienna == "10 January 2027, 14:00 (Europe/Berlin)"


def test_reader_beyond_midnight_reads_the_other_day():
    call = CallFactory(
        closes_at=dt.datetime(2027, 1, 10, 22, 30, tzinfo=dt.UTC), time_zone="Europe/Berlin"
    )

    with timezone.override("Europe/Athens"):
        assert "bei Ihnen 11. Januar 2027, 00:30 Uhr" in deadline_words(call)


def test_stamp_tells_when_a_form_was_opened_and_only_that_form_of_that_person():
    application, other = make_draft(), make_draft()
    person = editor_of(application)
    moment = timezone.now()

    text = deadline.stamp(application, person, moment)

    assert deadline.opened_at(text, application, person) == moment
    assert deadline.opened_at(text, other, person) is None
    assert deadline.opened_at(text, application, make_user()) is None


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "\x00", "é" * 5_000])
def test_stamp_that_is_not_ours_says_nothing(text):
    application = make_draft()

    assert deadline.opened_at(text, application, editor_of(application)) is None


def test_longer_deadline_counts_at_once(time_machine):
    application = make_draft()
    call = application.call
    time_machine.move_to(just_before(call), tick=False)
    later = call.closes_at + dt.timedelta(days=1)
    actions.extend_deadline(
        call=call, closes_at=later, note="Feiertag", by=make_user("coordinator")
    )
    time_machine.move_to(call.closes_at + 60 * MINUTE, tick=False)

    save(application, Step.CHALLENGE, editor_of(application), challenge="rechtzeitig")

    assert Application.objects.get().challenge == "rechtzeitig"


def test_longer_deadline_is_told_to_everybody_who_writes_with_the_reason():
    call, english = make_open_call(time_zone="Europe/Berlin"), make_user()
    english.language, english.time_zone = "en", "Europe/Sofia"
    english.save()
    draft, sent = make_draft(call), make_submitted(call, english)
    withdrawn = make_draft(call)
    actions.withdraw_application(application=withdrawn, by=editor_of(withdrawn))
    make_draft(make_open_call())
    Email.objects.all().delete()

    later = call.closes_at + dt.timedelta(days=7)
    actions.extend_deadline(call=call, closes_at=later, note="Feiertag", by=make_user("bbsr"))

    mails = {mail.to[0]: mail for mail in Email.objects.all()}
    assert set(mails) == {editor_of(draft).email, english.email}
    assert "Frist verlängert bis" in mails[editor_of(draft).email].subject
    told = mails[english.email].message
    assert "The reason: Feiertag" in told
    assert "for you" in told
    assert "(Europe/Sofia)" in told
    assert f"/en/calls/{call.slug}/apply/{sent.key}/" in told


def test_call_is_not_closed_before_the_minutes_of_grace_are_over(time_machine):
    call, boss = make_open_call(), make_user("coordinator")
    time_machine.move_to(call.closes_at + 29 * MINUTE, tick=False)
    with pytest.raises(ValidationError, match="Nachfrist"):
        actions.change_call_state(call=call, state=CallState.CLOSED, by=boss)

    time_machine.move_to(call.closes_at + 30 * MINUTE, tick=False)

    assert actions.change_call_state(call=call, state=CallState.CLOSED, by=boss).state == "closed"


def test_call_without_minutes_of_grace_ends_with_its_deadline(time_machine):
    application = make_draft(make_open_call(grace_minutes=0))
    call, person = application.call, editor_of(application)
    opened = just_before(call)
    time_machine.move_to(call.closes_at, tick=False)

    found = refusal(
        lambda: actions.submit_application(application=application, opened_at=opened, by=person)
    )

    assert found is not None
    assert found[0] == "deadline"


def test_call_opens_to_the_second(time_machine):
    now = timezone.now()
    call = make_open_call(opens_at=now + MINUTE, closes_at=now + 60 * MINUTE)
    time_machine.move_to(now + MINUTE - SECOND, tick=False)
    with pytest.raises(ValidationError, match="noch nicht geöffnet"):
        make_draft(call)

    time_machine.move_to(now + MINUTE, tick=False)

    assert make_draft(call).call == call
