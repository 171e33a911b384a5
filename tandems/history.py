"""What happened in a partnership: one list out of the history of states, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of
from core.dates import day
from core.models import StatusChange, labels_of
from core.text import filled, in_language
from tandems.access import Access
from tandems.enums import Visibility
from tandems.happened import HAPPENED, MOVED, OF_DAYS, SIDES, TOLD
from tandems.models import Document, ProfileVersion, Tandem, TandemMember, TopicGuest

ModelT = TypeVar("ModelT", bound=models.Model)
Subjects = models.QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, to what, what, why, by whom, and where to read more."""

    at: dt.datetime
    about: str
    what: str
    note: str
    by: str
    url: str


def changes_in(access: Access) -> models.QuerySet[StatusChange]:
    """Return what happened in the partnership and the person may read, the newest first.

    A city that has left reads what happened by its last day.
    """
    found = Q(pk__in=[])
    for rows in subjects_for(access):
        kind = ContentType.objects.get_for_model(rows.model)
        found |= Q(content_type=kind, object_id__in=rows.order_by().values("pk"))
    changes = StatusChange.objects.filter(found)
    if access.until is not None:
        changes = changes.filter(changed_at__date__lte=access.until)
    return changes.select_related("changed_by").order_by("-changed_at", "-pk")


def subjects_for(access: Access) -> list[Subjects]:
    """Return all that belongs to the partnership and that the person may read."""
    user, tandem, until = access.user, access.tandem, access.until
    # They live above and hang on the partnership.
    meetings: Any = tandem.meetings.visible_to(user)
    guests: Any = meetings.model._meta.get_field("guests").related_model
    return [
        Tandem.objects.filter(pk=tandem.pk),
        tandem.members.select_related("municipality"),
        tandem.profile_versions.until(until),
        tandem.topics.select_related("topic"),
        TopicGuest.objects.filter(topic__tandem=tandem).select_related(
            "municipality", "topic__topic"
        ),
        documents_for(access),
        tandem.commitments.visible_to(user).select_related("municipality"),
        meetings,
        guests.objects.filter(meeting__in=meetings.order_by().values("pk")).select_related(
            "municipality", "meeting"
        ),
        minutes_in(meetings, until),
        tandem.learning_entries.visible_to(user),
        tandem.check_ins.select_related("municipality"),
    ]


def minutes_in(meetings: Any, until: dt.date | None) -> Subjects:
    """Return the minutes of meetings; for a city that has left, those begun by its last day."""
    minutes: Any = meetings.model._meta.get_field("minutes").related_model
    rows: Subjects = minutes.objects.filter(meeting__in=meetings.order_by().values("pk"))
    rows = rows.select_related("meeting")
    return rows if until is None else rows.filter(begun_at__date__lte=until)


def documents_for(access: Access) -> Subjects:
    """Return the documents that the person may read, and the removed ones that it might.

    What only the team may read is in nobody else's history, not even that it is there.
    """
    tandem, user = access.tandem, access.user
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None:
        return tandem.documents.all()
    removed = Q(removed_at__isnull=False) & (
        ~Q(visibility=Visibility.TEAM) | Q(municipality__in=reach)
    )
    if access.until is not None:
        removed &= Q(added_at__date__lte=access.until)
    present = Document.objects.visible_to(user).filter(tandem=tandem).order_by()
    return tandem.documents.filter(removed | Q(pk__in=present.values("pk")))


def told(changes: Iterable[StatusChange], access: Access) -> list[Event]:
    """Return changes in words; what they are about is fetched with one query of each kind."""
    changes = list(changes)
    wanted: dict[int, set[int]] = {}
    for change in changes:
        wanted.setdefault(change.content_type_id, set()).add(change.object_id)
    subjects: dict[tuple[int, int], Any] = {}
    for rows in subjects_for(access):
        kind = ContentType.objects.get_for_model(rows.model).pk
        for pk, row in rows.in_bulk(wanted[kind]).items() if kind in wanted else ():
            subjects[kind, pk] = row
    return [
        tell(change, subject, access)
        for change in changes
        if (subject := subjects.get((change.content_type_id, change.object_id))) is not None
    ]


def tell(change: StatusChange, subject: Any, access: Access) -> Event:
    """Return a change in words."""
    by = change.changed_by
    # Of a partnership that it has left, a city reads nobody's name but its own people's.
    is_named = by is not None and (access.until is None or by == access.user)
    return Event(
        at=change.changed_at,
        about=name_of(subject),
        what=capfirst(what_happened(change, subject, access.tandem)),
        note=change.note if may_read_note(change, subject, access) else "",
        by=str(by) if is_named else "",
        url=page_of(subject, access.tandem),
    )


def may_read_note(change: StatusChange, subject: Any, access: Access) -> bool:
    """Tell whether the reason is for this person.

    Why a city leaves, or a partnership ends, is told to others only where that is public; then it
    stands on the public page, and this note is for the team and the city itself.
    """
    if access.is_team or not isinstance(subject, Tandem | TandemMember):
        return True
    if isinstance(subject, Tandem):
        return False
    own = reach_of(access.user, Permission.READ_WORKSPACE) or set()
    return subject.municipality_id in own


def name_of(subject: Any) -> str:
    """Return what a change is about."""
    if isinstance(subject, Tandem):
        return _("Partnership")
    if isinstance(subject, ProfileVersion):
        return _("Profile, version %(number)s") % {"number": subject.number}
    if isinstance(subject, TandemMember):
        return str(subject.municipality)
    if isinstance(subject, TopicGuest):
        names = {"city": subject.municipality, "topic": subject.topic}
        return _("%(city)s as guest of the topic “%(topic)s”") % names
    if subject._meta.model_name == "meetingguest":
        names = {"city": subject.municipality, "meeting": subject.meeting}
        return _("%(city)s as guest of the meeting “%(meeting)s”") % names
    if subject._meta.model_name == "learningentry":
        # Its words may have changed since, and are not for everybody who reads this list.
        return _("Entry of the learning log, %(day)s") % {"day": day(subject.happened_on)}
    kind = capfirst(str(subject._meta.verbose_name))
    name = str(subject)
    if subject._meta.model_name == "commitment":
        name = in_language(name, subject.language)
    return filled(_("%(kind)s: %(name)s"), {"kind": kind, "name": name})


def what_happened(change: StatusChange, subject: Any, tandem: Tandem) -> str:
    """Return what a change says, in words."""
    if change.field == "state" and not change.old and subject._meta.model_name == "commitment":
        return _("made")
    known = HAPPENED.get(change.field, HAPPENED[""])
    if change.new in known:
        return str(known[change.new])
    values = {name: in_words(subject, change.field, getattr(change, name)) for name in SIDES}
    if change.field == "confirmation":
        places = (row.municipality for row in tandem.members.all())
        values["new"] = next((str(one) for one in places if one.slug == change.new), change.new)
    told_of = TOLD.get(change.field) or (MOVED.get(change.field) if change.old else None)
    return str(told_of) % values if told_of else values["new"]


def in_words(subject: Any, field: str, value: str) -> str:
    """Return a stored value as people write it: the label of a choice, a day, or itself."""
    if field in OF_DAYS:
        # Where a guest had no last day, there is a word instead of one.
        return day(dt.date.fromisoformat(value)) if value[:1].isdigit() else ""
    try:
        labels = labels_of(subject._meta.get_field(field))
    except (FieldDoesNotExist, AttributeError):
        # Some actions note what is no state of the record.
        labels = {}
    return str(labels.get(value, value))


def page_of(subject: Any, tandem: Tandem) -> str:
    """Return where to read more about the subject of a change; empty where there is no page."""
    slug = tandem.slug
    model = subject._meta.model_name
    if model == "profileversion":
        return reverse("workspace:version", args=[slug, subject.number])
    if model == "document":
        return "" if subject.removed_at else reverse("workspace:document", args=[slug, subject.key])
    if model in {"tandemtopic", "topicguest"}:
        pk = subject.pk if model == "tandemtopic" else subject.topic_id
        return reverse("workspace:topic", args=[slug, pk])
    if model == "commitment":
        return reverse("workspace:commitment", args=[slug, subject.pk])
    if model == "meetingguest":
        return reverse("meeting:home", args=[subject.meeting_id])
    if model == "meeting":
        return reverse("meeting:home", args=[subject.pk])
    if model == "minutes":
        return reverse("meeting:minutes", args=[subject.meeting_id])
    if model == "learningentry":
        return reverse("workspace:log-entry", args=[slug, subject.pk])
    if model == "checkin":
        return reverse("workspace:commitments", args=[slug])
    return ""


def as_on(rows: Iterable[ModelT], until: dt.date | None) -> list[ModelT]:
    """Return rows as they stood at the end of a day: what changed later is taken back, unsaved.

    Only what the history of states holds can be taken back (``None``: they stand as they are).
    """
    found = list(rows)
    if until is None or not found:
        return found
    kind = ContentType.objects.get_for_model(type(found[0]))
    later = StatusChange.objects.filter(
        content_type=kind, object_id__in=[row.pk for row in found], changed_at__date__gt=until
    )
    by_row = {row.pk: row for row in found}
    # Some actions note what is no state of the record.
    columns: dict[str, Any] = {field.name: field for field in found[0]._meta.concrete_fields}
    # The newest first: what was there before the earliest later change is written last.
    for change in later.order_by("-changed_at", "-pk"):
        row = by_row[change.object_id]
        field = columns.get(change.field)
        if change.old and field is not None:
            setattr(row, field.attname, field.to_python(change.old))
    return found
