"""What comes of a peer consultation: a first step, one public sentence, and the rest forgotten."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.actions import change_status, note_change
from meetings.actions.commitment import MOST_OF_ONE_MEETING, make_commitment
from meetings.actions.consultation import lock_consultation, refuse_cancelled, require_part
from meetings.actions.one_by_one import do_one_by_one
from meetings.enums import (
    CONSULTATION_TRANSITIONS,
    ConsultationRole as Role,
    ConsultationState as State,
    Phase,
)
from meetings.models import Consultation, ConsultationMember, Contribution, Meeting
from meetings.phases import may_withdraw
from meetings.telling import tell_of_meeting
from tandems.locks import lock_tandem
from tandems.models import TandemMember


@transaction.atomic
def close_consultation(
    *,
    meeting: Meeting,
    valuable: str,
    first_step: str = "",
    due_on: dt.date | None = None,
    member: TandemMember | None = None,
    by: Any,
) -> Consultation:
    """Close a consultation: the case giver says what was valuable, and perhaps the first step.

    With a day (``due_on``) the first step becomes a commitment of ``member``, which is the city of
    the case in one of the partnerships that meet; from then on the partnership reads it. Raises
    :class:`PermissionDenied` for everybody else and :class:`ValidationError` before the last phase,
    for one that is closed (code ``known``), for one of a cancelled meeting, and for what the
    commitment must not be.
    """
    if due_on is not None and member is not None:
        # Both partnerships before the meeting, in the order of their keys, as everywhere.
        for key in sorted({member.tandem_id, meeting.tandem_id or member.tandem_id}):
            lock_tandem(key)
    locked = lock_consultation(meeting=meeting, by=by)
    require_part(consultation=locked, roles=(Role.CASE_GIVER,), by=by)
    if locked.state == State.CLOSED:
        raise ValidationError(_("The consultation has been closed already."), code="known")
    refuse_cancelled(consultation=locked, by=by)
    if locked.state == State.RUNNING and locked.phase != Phase.CLOSE:
        raise ValidationError(_("The last phase has not begun yet."), code="early")
    now = timezone.now()
    changes: dict[str, Any] = {"valuable": valuable, "first_step": first_step, "closed_at": now}
    closed = change_status(
        locked,
        field="state",
        new=State.CLOSED,
        transitions=CONSULTATION_TRANSITIONS,
        changes=changes,
        by=by,
    )
    closed.phases.filter(phase=Phase.CLOSE).update(ended_at=now)
    if due_on is not None:
        closed.commitment = _commit(locked, member, first_step, due_on, by)
        closed.save()
    return closed


@transaction.atomic
def release_sentence(
    *, meeting: Meeting, sentence_de: str, sentence_en: str, by: Any
) -> Consultation:
    """Put one sentence on the public page of the meeting; the case giver alone decides that.

    Raises :class:`PermissionDenied` for everybody else and :class:`ValidationError` before the
    consultation is closed, without a sentence, and for what stands there already (``known``).
    """
    locked = lock_consultation(meeting=meeting, by=by)
    require_part(consultation=locked, roles=(Role.CASE_GIVER,), by=by)
    if locked.state != State.CLOSED:
        raise ValidationError(_("A sentence is released when the consultation is over."))
    if not sentence_de and not sentence_en:
        raise ValidationError({"sentence_de": _("Write the sentence in one language at least.")})
    words = {"de": sentence_de, "en": sentence_en}
    stood = {code: getattr(locked, f"released_sentence_{code}") or "" for code in words}
    was_public = locked.released_at is not None
    if was_public and stood == words:
        raise ValidationError(_("This sentence is public already."), code="known")
    _word(locked, words)
    locked.released_at = timezone.now()
    locked.validate_constraints()
    locked.save()
    old, new = ("released", "changed") if was_public else ("", "released")
    note_change(locked, field="sentence", old=old, new=new, by=by)
    if not was_public and locked.meeting.is_public:
        tell_of_meeting(locked.meeting, "consultation_released", by=by)
    return locked


@transaction.atomic
def withdraw_sentence(*, meeting: Meeting, by: Any) -> Consultation:
    """Take the sentence off the public page, and forget it.

    Who may, see :func:`meetings.phases.may_withdraw`; nobody needs a way into the meeting for that.
    Raises :class:`PermissionDenied` and, where none is public any more, :class:`ValidationError`.
    """
    locked = lock_consultation(meeting=meeting, by=by)
    if not may_withdraw(by, locked):
        raise PermissionDenied
    if locked.released_at is None:
        raise ValidationError(_("No sentence is public any more."), code="known")
    locked.released_at = None
    _word(locked, {"de": "", "en": ""})
    locked.save()
    note_change(locked, field="sentence", old="released", new="withdrawn", by=by)
    return locked


def forget_consultations(*, by: Any = None) -> int:
    """Delete what was said in consultations that are long over; return of how many.

    That is a year after closing or stopping, or after the last change of one that nobody closed.
    The contributions, the key question and what was valuable go; the sentence, the first step, who
    had a part and when the phases were stay. One that fails does not hold up the others.
    """
    before = _a_year_before(timezone.now())
    said = Contribution.objects.filter(consultation=OuterRef("pk"))
    rows = Consultation.objects.annotate(over_at=Coalesce("closed_at", "changed_at"))
    rows = rows.filter(over_at__lt=before)
    rows = rows.filter(~Q(key_question="") | ~Q(valuable="") | Exists(said))
    found = {row.pk: row.meeting for row in rows.select_related("meeting").order_by("pk")}
    return do_one_by_one(
        rows=[(key,) for key in found],
        act=lambda key: _forget(found[key], before, by),
        told="A consultation could not be forgotten.",
        by=by,
    )


@transaction.atomic
def forget_in_consultations(*, user: Any, by: Any) -> None:
    """Take a person whose account is erased out of consultations; what it said stays, nameless.

    In one that is not over its part stays, as nobody's, until somebody else has it.
    """
    Contribution.objects.filter(written_by=user).update(written_by=None)
    Consultation.objects.filter(prepared_by=user).update(prepared_by=None)
    over = [State.CLOSED, State.STOPPED]
    ConsultationMember.objects.filter(user=user, consultation__state__in=over).delete()


def _forget(meeting: Meeting, before: dt.datetime, by: Any) -> bool:
    """Delete what was said, unless somebody has gone on meanwhile."""
    locked = lock_consultation(meeting=meeting, by=by)
    if (locked.closed_at or locked.changed_at) >= before:
        return False
    locked.contributions.all().delete()
    locked.key_question = locked.valuable = ""
    locked.save()
    return True


def _word(locked: Consultation, words: dict[str, str]) -> None:
    """Write the sentence in each language."""
    for code, text in words.items():
        setattr(locked, f"released_sentence_{code}", text)


def _commit(
    locked: Consultation, member: TandemMember | None, text: str, due_on: dt.date, by: Any
) -> Any:
    """Make the first step a commitment of the city of the case, agreed at this meeting.

    What stands against it is told at the field, so that the rest can be said without a day.
    """
    if not text:
        raise ValidationError({"first_step": _("Say what the first step is.")})
    if member is None or member.municipality_id != locked.case_city_id:
        raise ValidationError(
            {"due_on": _("The city of the case is in no partnership now; leave the day out.")}
        )
    if locked.meeting.commitments.count() >= MOST_OF_ONE_MEETING:
        told = _("Five commitments come from this meeting already; leave the day out.")
        raise ValidationError({"due_on": told})
    try:
        return make_commitment(
            member=member,
            text=text,
            language=locked.language,
            due_on=due_on,
            meeting=locked.meeting,
            by=by,
        )
    except ValidationError as error:
        if getattr(error, "code", "") != "known":
            raise
        # What is recorded is another one: the consultation is not closed, as the code would say.
        raise ValidationError({"first_step": error.messages}) from error


def _a_year_before(moment: dt.datetime) -> dt.datetime:
    """Return the same day of the year before; of 29 February, the 28th."""
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year - 1, day=day)
