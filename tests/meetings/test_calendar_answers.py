"""What calendar programs mail when somebody answers, in the forms in which the common ones do."""

from __future__ import annotations

import base64
import datetime as dt
from email import message_from_bytes, policy

import pytest

from meetings.calendar_answers import LONGEST_NOTE, answer_in
from meetings.enums import Reply

TO = "answers+7-0123456789abcdef0123456789abcdef@portal.example"
SENT = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)


def calendar(
    *, method="REPLY", partstat="ACCEPTED", attendee="mailto:ada@example.org", extra="", more=""
):
    """Return the calendar in an answer; ``extra`` are lines of the event, ``more`` another one."""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Calendar program//EN",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        "UID:0b6e8d8e-1@vernetztineuropa",
        "DTSTAMP:20260302T083000Z",
        "SEQUENCE:3",
        "ORGANIZER;CN=Hamm and Arezzo:mailto:" + TO,
        f"ATTENDEE;PARTSTAT={partstat}:{attendee}",
        "DTSTART:20260401T080000Z",
        *extra.splitlines(),
        "END:VEVENT",
        *more.splitlines(),
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def mail(body, *, to=TO, kind="text/calendar; method=REPLY; charset=UTF-8", head=""):
    """Return a mail of one part, as it arrives."""
    raw = (
        f"From: Ada <ada@example.org>\r\nTo: {to}\r\nSubject: Accepted: Sensors\r\n"
        f"Date: Mon, 02 Mar 2026 09:30:00 +0100\r\nMIME-Version: 1.0\r\n{head}"
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    )
    return parsed(raw.encode())


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


def parts(*contents, kind="alternative"):
    """Return a mail of several parts, each a head and a body."""
    body = "".join(f"--limit\r\n{head}\r\n\r\n{text}\r\n" for head, text in contents)
    return mail(body + "--limit--\r\n", kind=f'multipart/{kind}; boundary="limit"')


def test_answer_tells_who_answers_what_about_which_revision():
    answer = answer_in(mail(calendar()))

    assert answer is not None
    assert answer.recipients == (TO,)
    assert answer.uid == "0b6e8d8e-1@vernetztineuropa"
    assert (answer.sender, answer.reply, answer.note) == ("ada@example.org", Reply.YES, "")
    assert (answer.sequence, answer.sent_at) == (3, SENT)


def outlook():
    """Words and a calendar side by side, with a zone by Windows' name and an answer in capitals."""
    zone = (
        "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16010101T030000\n"
        "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE"
    )
    extra = "COMMENT;LANGUAGE=de-DE:Komme mit dem Zug\\, ab 9 Uhr\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY"
    body = calendar(extra=extra, more=zone, attendee="MAILTO:Ada@Example.org")
    return parts(
        ("Content-Type: text/plain; charset=utf-8", "Komme mit dem Zug, ab 9 Uhr"),
        ('Content-Type: text/calendar; charset="utf-8"; method=REPLY', body),
    )


def gmail():
    """The calendar twice, in base64, with the comment as a parameter."""
    attendee = calendar().replace(
        "ATTENDEE;PARTSTAT=ACCEPTED",
        'ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="Komme mit dem Zug, ab 9'
        ' Uhr"',
    )
    coded = base64.encodebytes(attendee.encode()).decode()
    kind = "Content-Type: text/calendar; charset=UTF-8; method=REPLY"
    file = 'Content-Type: application/ics; name="invite.ics"\r\nContent-Disposition: attachment'
    encoding = "\r\nContent-Transfer-Encoding: base64"
    return parts(
        ("Content-Type: text/plain; charset=utf-8", "Ada has accepted this invitation."),
        (kind + encoding, coded),
        (file + encoding, coded),
        kind="mixed",
    )


def latin():
    """A calendar in an older charset than it names nowhere else."""
    body = calendar(extra="COMMENT:Komme mit dem Zug, ab 9 Uhr")
    return mail(body, kind="text/calendar; method=REPLY; charset=iso-8859-15")


@pytest.mark.parametrize("form", [outlook, gmail, latin])
def test_answer_is_found_in_the_form_of_each_program(form):
    answer = answer_in(form())

    assert answer is not None
    assert (answer.sender, answer.reply) == ("ada@example.org", Reply.YES)
    assert answer.note == "Komme mit dem Zug, ab 9 Uhr"


@pytest.mark.parametrize(
    ("partstat", "reply"),
    [
        ("ACCEPTED", Reply.YES),
        ("accepted", Reply.YES),
        ("TENTATIVE", Reply.MAYBE),
        ("DECLINED", Reply.NO),
    ],
)
def test_answer_is_yes_maybe_or_no(partstat, reply):
    assert answer_in(mail(calendar(partstat=partstat))).reply == reply


@pytest.mark.parametrize(
    "body",
    [
        calendar(partstat="NEEDS-ACTION"),
        calendar(partstat="DELEGATED"),
        calendar(method="REQUEST"),
        calendar(method="COUNTER"),
        calendar(extra="ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.org"),
        calendar(more="BEGIN:VEVENT\nUID:2\nDTSTAMP:20260302T083000Z\nEND:VEVENT"),
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
    ],
    ids=["none", "delegated", "request", "counter", "two people", "two events", "empty"],
)
def test_what_is_no_answer_of_one_person_to_one_invitation_is_left(body):
    assert answer_in(mail(body)) is None


def test_mail_without_a_calendar_holds_no_answer():
    assert answer_in(mail("I shall come.", kind="text/plain; charset=utf-8")) is None


def test_comment_is_one_plain_line_of_a_bounded_length():
    extra = "COMMENT:one\\ntwo\u202e\x07 " + "long " * 100

    answer = answer_in(mail(calendar(extra=extra)))

    assert answer.note.startswith("one two long long")
    assert len(answer.note) <= LONGEST_NOTE


def test_recipients_are_those_of_the_envelope_too():
    head = "Delivered-To: Answers+9-AA@portal.example\r\nX-Original-To: other@portal.example\r\n"

    answer = answer_in(mail(calendar(), to="list@example.org, Hamm <hamm@example.org>", head=head))

    assert answer.recipients == (
        "answers+9-aa@portal.example",
        "other@portal.example",
        "list@example.org",
        "hamm@example.org",
    )


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 02 Mar 2026 09:30:00 -0000"])
def test_mail_may_name_no_moment(date):
    raw = mail(calendar()).as_bytes().replace(b"Mon, 02 Mar 2026 09:30:00 +0100", date.encode())

    assert answer_in(parsed(raw)).sent_at is None


@pytest.mark.parametrize("body", ["no calendar", calendar(extra="SEQUENCE:many")])
def test_calendar_that_cannot_be_read_is_refused(body):
    with pytest.raises(ValueError, match=r"\w"):
        answer_in(mail(body))
