"""What writes the topics of a partnership, and lets other municipalities read one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, override

from accounts.enums import Notification
from accounts.permissions import Permission, require
from calls.content import marks_of, merge
from core.actions import note_change
from core.dates import day
from core.models import save_new
from core.pages import LANGUAGES
from municipalities.models import Municipality, Topic
from tandems.actions.notices import tell_people
from tandems.actions.partnership import mark_maintained
from tandems.enums import LearningStage
from tandems.locks import lock_tandem
from tandems.models import Tandem, TandemTopic, TopicGuest

#: What people write about a topic → its label.
LABELS = {
    "topic": _("Field of action"),
    "focus_de": _("Specific focus in German"),
    "focus_en": _("Specific focus in English"),
    "direction": _("Who gives, who seeks"),
    "stage": _("Stage of learning"),
    "sources": _("Sources"),
}


@dataclass(frozen=True, slots=True)
class TopicContent:
    """What people write about a topic; ``topic``, ``giver`` and ``seeker`` are primary keys.

    Who gives and who seeks is one fact: ``direction`` is (mutual, giver, seeker), so that of two
    editors nobody's giver ends up beside somebody else's seeker.
    """

    topic: int | None
    focus_de: str
    focus_en: str
    direction: tuple[bool, int | None, int | None]
    stage: str
    sources: list[str]

    @classmethod
    def of(cls, row: TandemTopic) -> TopicContent:
        """Return what is stored."""
        focus = {f"focus_{code}": getattr(row, f"focus_{code}") or "" for code in LANGUAGES}
        return cls(
            topic=row.topic_id,
            **focus,
            direction=(row.is_mutual, row.giver_id, row.seeker_id),
            stage=row.stage,
            sources=list(row.sources),
        )

    @property
    def marks(self) -> dict[str, str]:
        """Return the mark of each value: a form carries them to tell what it was opened with."""
        return marks_of(asdict(self))

    def words(self, name: str) -> str:
        """Return one of the values as people read it."""
        value = getattr(self, name)
        if name == "topic":
            return str(Topic.objects.filter(pk=value).first() or "–")
        if name == "direction":
            is_mutual, giver, seeker = value
            places = Municipality.objects.in_bulk([key for key in (giver, seeker) if key])
            if giver and seeker:
                names = {"giver": places.get(giver), "seeker": places.get(seeker)}
                return gettext("%(giver)s gives, %(seeker)s seeks") % names
            return gettext("both give and seek") if is_mutual else gettext("not documented")
        if name == "stage":
            return str(LearningStage(value).label)
        return ", ".join(value) if isinstance(value, list) else value or "–"


@dataclass(frozen=True, slots=True)
class SavedTopic:
    """What became of a change: the topic, and the stored values of fields in conflict by name."""

    topic: TandemTopic
    conflicts: dict[str, Any]


@transaction.atomic
def add_topic(*, tandem: Tandem, content: TopicContent, by: Any) -> TandemTopic:
    """Add a topic behind the others; it stands on the public page at once.

    Raises :class:`PermissionDenied` for who does not speak for a member and
    :class:`ValidationError` for what the topic must not be, and for one that stands there already.
    """
    # Locked, so that the second press of the button meets what the first one wrote.
    locked = lock_tandem(tandem.pk)
    require(by, Permission.SUBMIT_PROFILE, locked)
    same = locked.topics.going_on().filter(topic=content.topic)
    if any(TopicContent.of(row) == content for row in same):
        raise ValidationError(_("This topic is listed already."), code="double")
    last = locked.topics.aggregate(last=Max("position"))["last"]
    row = TandemTopic(tandem=locked, position=0 if last is None else last + 1)
    _fill(row, asdict(content))
    _refuse_foreign_seeker(row)
    with override("de"):
        save_new(row)
    _note(row, "added", "", by)
    _tell(row, "topic_added", by)
    return row


@transaction.atomic
def change_topic(
    *, topic: TandemTopic, content: TopicContent, opened: Mapping[str, str], by: Any
) -> SavedTopic:
    """Change what a topic says; ``opened`` holds the marks of what the form was opened with.

    A field that somebody else has changed meanwhile to something else is in conflict: then nothing
    is written, and the caller shows both values. Raises like :func:`add_topic`.
    """
    locked = _locked(topic, by)
    before = TopicContent.of(locked)
    write, conflicts = merge(asdict(before), asdict(content), opened)
    if conflicts or not write:
        return SavedTopic(locked, conflicts)
    _fill(locked, write)
    if locked.seeker_id != before.direction[2]:
        _refuse_foreign_seeker(locked)
    with override("de"):
        locked.full_clean()
        locked.save()
    after = TopicContent.of(locked)
    steps = [f"{LABELS[name]}: {before.words(name)} → {after.words(name)}" for name in write]
    _note(locked, "changed", "; ".join(steps), by)
    _tell(locked, "topic_changed", by)
    return SavedTopic(locked, {})


@transaction.atomic
def end_topic(*, topic: TandemTopic, ended_on: dt.date, by: Any) -> TandemTopic:
    """Note until when the partnership worked on a topic; it stays on the page, and so do guests.

    Raises :class:`ValidationError` for a day to come and for a topic that has ended already.
    """
    locked = _locked(topic, by)
    if locked.ended_on:
        raise ValidationError(_("This topic has ended already."), code="ended")
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": _("Choose today or an earlier date.")})
    locked.ended_on = ended_on
    with override("de"):
        locked.save()
    _note(locked, "ended", day(ended_on), by)
    _tell(locked, "topic_ended", by)
    return locked


@transaction.atomic
def resume_topic(*, topic: TandemTopic, by: Any) -> TandemTopic:
    """Note that the partnership works on a topic again, or had never stopped.

    Raises :class:`ValidationError` for a topic that has not ended.
    """
    locked = _locked(topic, by)
    if not locked.ended_on:
        raise ValidationError(_("The partnership works on this topic already."), code="going on")
    note, locked.ended_on = day(locked.ended_on), None
    with override("de"):
        locked.save()
    _note(locked, "resumed", note, by)
    _tell(locked, "topic_changed", by)
    return locked


@transaction.atomic
def let_guest_in(
    *, topic: TandemTopic, municipality: Municipality, until: dt.date | None = None, by: Any
) -> TopicGuest:
    """Let a municipality outside the partnership read a topic, from today until a day or for good.

    Raises :class:`PermissionDenied` for who does not speak for a member and
    :class:`ValidationError` for a member, a guest, a day in the past or a topic that has ended.
    """
    locked = _locked(topic, by)
    today = timezone.localdate()
    if locked.ended_on:
        raise ValidationError(_("This topic has ended already."), code="ended")
    if until is not None and until < today:
        raise ValidationError({"until": _("Choose today or a later date.")})
    if municipality.pk in locked.acting_municipalities:
        raise ValidationError(
            {"municipality": _("Choose a municipality that does not belong to your partnership.")}
        )
    if locked.guests.current_on(today).filter(municipality=municipality).exists():
        raise ValidationError(
            {"municipality": _("This municipality is a guest of the topic already.")}
        )
    guest = TopicGuest(
        topic=locked, municipality=municipality, since=today, until=until, let_in_by=by
    )
    save_new(guest)
    _note_guest(locked, municipality, "", "let in", by)
    _tell(locked, "topic_guest", by, municipality)
    return guest


@transaction.atomic
def end_guest(*, guest: TopicGuest, until: dt.date | None = None, by: Any) -> TopicGuest:
    """End the stay of a guest at once, or (``until``) give it another last day.

    Who came today and goes today leaves a line in the history alone: no earlier day was the last.
    Raises :class:`ValidationError` for a day in the past and for a stay that is over.
    """
    locked = _locked(guest.topic, by)
    today = timezone.localdate()
    current = locked.guests.current_on(today).select_related("municipality")
    stay = current.filter(pk=guest.pk).first()
    if stay is None:
        raise ValidationError(_("This guest access has ended already."), code="over")
    if until is not None and until < today:
        raise ValidationError({"until": _("Choose today or a later date.")})
    place, before = stay.municipality, stay.until
    if until is None and stay.since == today:
        stay.delete()
    else:
        stay.until = until or today - dt.timedelta(days=1)
        stay.validate_constraints()
        stay.save()
    if until is None:
        _note_guest(locked, place, "let in", "ended", by)
        _tell(locked, "topic_guest_ended", by, place)
    elif until != before:
        old = before.isoformat() if before else "let in"
        _note_guest(locked, place, old, until.isoformat(), by)
    return stay


def _locked(topic: TandemTopic, by: Any) -> TandemTopic:
    """Return the topic as it is stored now, locked after its partnership, for who may write it."""
    tandem = lock_tandem(topic.tandem_id)
    locked = TandemTopic.objects.select_for_update(no_key=True).get(pk=topic.pk)
    locked.tandem = tandem
    require(by, Permission.SUBMIT_PROFILE, locked)
    return locked


def _fill(row: TandemTopic, values: Mapping[str, Any]) -> None:
    """Put values of :class:`TopicContent` into a row."""
    for name, value in values.items():
        if name == "direction":
            row.is_mutual, row.giver_id, row.seeker_id = value
        else:
            setattr(row, "topic_id" if name == "topic" else name, value)


def _refuse_foreign_seeker(row: TandemTopic) -> None:
    """Refuse a seeker that never belonged to the partnership; a giver may come from elsewhere."""
    if row.seeker_id and not row.tandem.members.filter(municipality=row.seeker_id).exists():
        raise ValidationError({"seeker": _("Choose a municipality of the partnership.")})


def _note(row: TandemTopic, step: str, note: str, by: Any) -> None:
    """Write a step of the topic down; from now on files of facts leave the partnership alone."""
    note_change(row, old="", new=step, note=note, by=by)
    mark_maintained(tandem=row.tandem, by=by)


def _note_guest(row: TandemTopic, place: Municipality, old: str, new: str, by: Any) -> None:
    # Guests are no facts of a file either: a file that writes the topic anew would lose them.
    note_change(row, field="guest", old=old, new=new, note=str(place), by=by)
    mark_maintained(tandem=row.tandem, by=by)


def _tell(row: TandemTopic, event: str, by: Any, city: Municipality | None = None) -> None:
    tell_people(
        tandem=row.tandem,
        kind=Notification.TANDEM_TOPICS,
        event=event,
        path=reverse("workspace:topic", args=[row.tandem.slug, row.pk]),
        facts={"topic": str(row)},
        city=city,
        by=by,
    )
