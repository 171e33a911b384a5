"""What comes of the invented meetings: who was there, minutes, commitments, the learning log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone, translation

from calls.content import marks_of
from meetings.actions import (
    drop_commitment,
    keep_commitment,
    make_commitment,
    move_commitment,
    show_commitment,
)
from meetings.actions.agreeing import (
    agree_to_minutes,
    comment_on_minutes,
    release_public_part,
    send_minutes,
)
from meetings.actions.attendance import attendance_values, record_attendance
from meetings.actions.correcting import correct_minutes
from meetings.actions.learning import EntryContent, add_entry
from meetings.actions.meeting import hold_meeting
from meetings.actions.minutes import PUBLIC_PART, begin_minutes, save_entry, save_public_part
from meetings.asked import seal_of
from meetings.models import Commitment, Meeting, Minutes, MinutesEntry
from vernetzt.loading.demo_call import LANGUAGES
from vernetzt.loading.demo_meetings.stage import Stage, around, end_of, moment_of

#: So many days after a meeting things are done; the last city agrees later than the others.
BEGUN, SENT, COMMENTED, AGREED, AGREED_LAST, RELEASED = 1, 2, 3, 3, 6, 7
#: Week and weekday on which a correction is begun.
CORRECTED = (-1, 3)
#: So many days the cities have to agree.
TIME_TO_AGREE = dt.timedelta(days=14)
#: The language in which both cities write minutes.
SPOKEN = "en"


def conclude(stage: Stage, name: str) -> None:
    """Note that a meeting was held, who was there, what was promised, and write the minutes."""
    about, meeting = stage.about(name), stage.meeting(name)
    over = end_of(meeting)
    settle_until(stage, over)
    with around(over + dt.timedelta(minutes=20)):
        hold_meeting(meeting=meeting, by=stage.contact("lindenau"))
        if "attendance" in about:
            record(stage, name)
        for row in about.get("commitments", []):
            promise(stage, meeting, row)
    if "minutes" in about:
        write_minutes(stage, name, over)


def record(stage: Stage, name: str) -> None:
    """Note who was there; of a city more people than are named."""
    meeting, about = stage.meeting(name), stage.about(name)["attendance"]
    by = stage.people["vale.colleague"]
    stored = attendance_values(meeting=meeting, by=by)
    absent = {stage.people[person].pk for person in about["absent"]}
    people = {
        f"person-{key}": user not in absent
        for key, user in meeting.attendances.values_list("pk", "user")
    }
    counted = {f"city-{stage.cities[city].pk}": people for city, people in about["counted"].items()}
    record_attendance(meeting=meeting, values={**people, **counted}, opened=marks_of(stored), by=by)


def promise(stage: Stage, meeting: Meeting | None, row: dict[str, Any]) -> None:
    """Record a commitment, and keep in mind what will become of it."""
    commitment = make_commitment(
        member=stage.member(row["city"]),
        text=row["text"],
        language=row["language"],
        due_on=stage.day(row["due_week"], 4),
        meeting=meeting,
        person=stage.people[row["person"]],
        topic=stage.topics[row["topic"]],
        by=stage.contact(row["city"]),
    )
    if row["is_public"]:
        show_commitment(commitment=commitment, is_public=True, by=stage.contact(row["city"]))
    expect(stage, commitment, row)


def expect(stage: Stage, commitment: Commitment, row: dict[str, Any]) -> None:
    """Keep in mind what will become of a commitment, and when."""
    for step in row["steps"]:
        stage.fates.append((moment_of(stage.day(step["week"], 3)), commitment.pk, step))


def settle_until(stage: Stage, moment: dt.datetime) -> None:
    """Say what became of commitments up to a moment, in the order in which it was said."""
    due = sorted((fate for fate in stage.fates if fate[0] < moment), key=lambda fate: fate[0])
    stage.fates = [fate for fate in stage.fates if fate[0] >= moment]
    for then, key, step in due:
        commitment, by = Commitment.objects.get(pk=key), stage.people[step["by"]]
        with around(then):
            if step["step"] == "kept":
                keep_commitment(commitment=commitment, note=step["note"], by=by)
            elif step["step"] == "dropped":
                drop_commitment(commitment=commitment, note=step["note"], by=by)
            else:
                later = stage.day(step["to_week"], 4)
                move_commitment(commitment=commitment, due_on=later, note=step["note"], by=by)


def write_minutes(stage: Stage, name: str, over: dt.datetime) -> None:
    """Write the minutes of a meeting and send them out; agree and release as far as is said."""
    about = stage.about(name)["minutes"]

    def later(days: int) -> Any:
        return around(over + dt.timedelta(days=days))

    with later(BEGUN), translation.override(SPOKEN):
        key = begin_minutes(meeting=stage.meeting(name), by=stage.people[about["writers"][0]]).pk
        fill(stage, name, Minutes.objects.get(pk=key))
    with later(SENT) as moment:
        day = timezone.localdate(moment) + TIME_TO_AGREE
        sender = stage.people[about["sent_by"]]
        send_minutes(minutes=Minutes.objects.get(pk=key), agree_by=day, by=sender)
    if "comment" in about:
        with later(COMMENTED):
            comment(stage, name, Minutes.objects.get(pk=key))
    for person, days in zip(about["agreed_by"], (AGREED, AGREED_LAST), strict=False):
        minutes = Minutes.objects.get(pk=key)
        with later(days):
            agree_to_minutes(
                minutes=minutes,
                municipality=stage.cities[person.partition(".")[0]],
                seen=seal_of(minutes),
                by=stage.people[person],
            )
    if "released_by" in about:
        with later(RELEASED):
            person = stage.people[about["released_by"]]
            release_public_part(minutes=Minutes.objects.get(pk=key), by=person)
    if "correction" in about:
        correct(stage, name)


def fill(stage: Stage, name: str, minutes: Minutes) -> None:
    """Write what was said to each item and question, in turns, and the public part."""
    about, meeting = stage.about(name), stage.meeting(name)
    writers = [stage.people[person] for person in about["minutes"]["writers"]]
    items = dict(zip(meeting.agenda.order_by("position"), about["agenda"], strict=True))
    questions = {
        (stage.cities[city].pk, number): row
        for city, rows in about["questions"].items()
        for number, row in enumerate(rows, start=1)
    }
    for number, entry in enumerate(minutes.entries.order_by("position")):
        if entry.question is not None:
            asked = entry.question
            said = questions[asked.municipality_id, asked.position]["said"]
        elif entry.agenda_item is not None:
            said = items[entry.agenda_item]["said"]
        else:
            said = f"{entry.text}\n\n{about['minutes']['carried']}"
        write_entry(entry, said, writers[number % len(writers)])
    values = {f"public_text_{code}": about["minutes"]["public"][code] for code in LANGUAGES}
    empty = marks_of(dict.fromkeys(PUBLIC_PART, ""))
    save_public_part(minutes=minutes, values=values, opened_with=empty, by=writers[0])


def write_entry(entry: MinutesEntry, text: str, by: Any) -> None:
    """Save the text of an entry of the minutes."""
    stored = {"heading": entry.heading, "text": entry.text}
    values = {**stored, "text": text}
    save_entry(entry=entry, values=values, opened_with=marks_of(stored), by=by)


def comment(stage: Stage, name: str, minutes: Minutes) -> None:
    """Ask for a change of what was said to one item."""
    about = stage.about(name)["minutes"]["comment"]
    comment_on_minutes(
        minutes=minutes,
        municipality=stage.cities[about["by"].partition(".")[0]],
        text=about["text"],
        entry=entry_of(minutes, about["item"]),
        by=stage.people[about["by"]],
    )


def correct(stage: Stage, name: str) -> None:
    """Begin a correction of agreed minutes, and change what was wrong."""
    about = stage.about(name)["minutes"]["correction"]
    by = stage.people[about["by"]]
    with around(moment_of(stage.day(*CORRECTED))):
        draft = correct_minutes(meeting=stage.meeting(name), note=about["note"], by=by)
        write_entry(entry_of(draft, about["item"]), about["text"], by)


def entry_of(minutes: Minutes, item: int) -> MinutesEntry:
    """Return what minutes say to one item of the agenda, counted from 1."""
    rows = minutes.entries.filter(agenda_item__isnull=False, question__isnull=True)
    return rows.order_by("position")[item - 1]


def write_log(stage: Stage) -> None:
    """Write what each city learned into the learning log."""
    for row in stage.data["log"]:
        meeting = stage.meeting(row["meeting"])
        over = end_of(meeting)
        content = EntryContent(
            happened_on=timezone.localdate(over).isoformat(),
            meeting=meeting.pk,
            topic=stage.topics[row["topic"]].pk,
            **{name: row[name] for name in ("kind", "learned", "surprised", "contradicts")},
            **{name: row[name] for name in ("next_step", "visibility", "language")},
        )
        with around(over + dt.timedelta(days=row["days_after"])):
            add_entry(member=stage.member(row["city"]), content=content, by=stage.people[row["by"]])
