"""What a city answers months after the end of its partnership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts.enums import Notification, UserRole
from accounts.models import RoleAssignment
from core.actions import Transitions, note_change
from core.models import save_new
from meetings.actions.commitment import record_fate
from meetings.enums import CheckInFate, CommitmentState, Cooperation
from meetings.models import CheckIn, CheckInAnswer, Commitment
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem

#: Who speaks for a city.
OFFICES = (UserRole.CONTACT, UserRole.DEPUTY)
#: Where a check-in stands, as its history tells it.
ASKED, ANSWERED, CORRECTED, SILENT = "asked", "answered", "corrected", "silent"
#: What a city says of a commitment → its state from then on.
STATES = {
    CheckInFate.KEPT: CommitmentState.KEPT,
    CheckInFate.GOING_ON: CommitmentState.OPEN,
    CheckInFate.DROPPED: CommitmentState.DROPPED,
}
#: What was settled by the answer that is being corrected: here a slip can be taken back.
CORRECTIONS: Transitions = {
    CommitmentState.KEPT: frozenset({CommitmentState.DROPPED, CommitmentState.OPEN}),
    CommitmentState.DROPPED: frozenset({CommitmentState.KEPT, CommitmentState.OPEN}),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a city says: how the cities work together today, and what became of its commitments.

    ``fates``: primary key of a commitment → what became of it (``CheckInFate``) and a sentence.
    """

    cooperation: str
    fates: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    note: str = ""
    may_publish: bool = False


def commitments_asked(
    *, check_in: CheckIn, named: Iterable[int] = (), by: Any
) -> QuerySet[Commitment]:
    """Return the commitments of the city that a check-in asks about, the most urgent first.

    These are the open and the kept ones and those of an earlier answer; a dropped one is asked
    about where the person has typed something on it (``named``) while it was settled.
    """
    still = Q(state__in=[CommitmentState.OPEN, CommitmentState.KEPT])
    typed = Q(pk__in=[*named, *check_in.answers.values_list("commitment", flat=True)])
    rows = Commitment.objects.filter(
        tandem=check_in.tandem_id, municipality=check_in.municipality_id
    )
    return rows.filter(still | typed).order_by("due_on", "pk")


def may_answer(*, check_in: CheckIn, by: Any) -> bool:
    """Tell whether a person speaks for the city: it is contact or deputy there today.

    Nobody does where the partnership has been taken up again: nothing is over then.
    """
    if by is None or not by.is_active or check_in.tandem.ended_on is None:
        return False
    held = RoleAssignment.objects.held_on(timezone.localdate()).filter(role__in=OFFICES)
    return held.filter(user=by, municipality=check_in.municipality_id).exists()


@transaction.atomic
def answer_check_in(*, check_in: CheckIn, said: Said, by: Any) -> CheckIn:
    """Record what a city says, in place of silence or of an earlier answer.

    Its open commitments are settled by that. ``answered_at`` stays the moment of the first answer;
    what was replaced stands in the history. The same said again changes nothing.

    Raises :class:`PermissionDenied` for who does not speak for the city, and
    :class:`ValidationError` where something is missing: a commitment, or why one was dropped.
    """
    tandem = lock_tandem(check_in.tandem_id)
    rows = CheckIn.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("municipality").get(pk=check_in.pk)
    locked.tandem = tandem
    if not may_answer(check_in=locked, by=by):
        raise PermissionDenied
    asked = {row.pk: row for row in commitments_asked(check_in=locked, named=said.fates, by=by)}
    _require_all(asked, said)
    earlier = {row.commitment_id: row for row in locked.answers.all()}
    changes = _changes(locked, said, asked, earlier)
    if locked.answered_at is not None and not changes:
        return locked
    old = ANSWERED if locked.answered_at else SILENT if locked.silent_at else ASKED
    first, now = locked.answered_at, timezone.now()
    for pk, commitment in asked.items():
        is_own = bool(
            first
            and commitment.settled_at
            and commitment.settled_at >= first
            and pk in earlier
            and STATES[CheckInFate(earlier[pk].fate)] == commitment.state
        )
        _settle(commitment, *said.fates[pk], is_own=is_own, at=now, by=by)
    locked.answers.all().delete()
    for pk, commitment in asked.items():
        fate, note = said.fates[pk]
        save_new(CheckInAnswer(check_in=locked, commitment=commitment, fate=fate, note=note))
    locked.cooperation, locked.note = said.cooperation, said.note
    locked.may_publish = said.may_publish
    locked.answered_at, locked.answered_by, locked.silent_at = first or now, by, None
    locked.full_clean()
    locked.save()
    new = CORRECTED if old == ANSWERED else ANSWERED
    told = "; ".join(changes) if new == CORRECTED else ""
    note_change(locked, field="answer", old=old, new=new, note=told, by=by)
    tell_of_check_in(check_in=locked, event="check_in_answered", by=by)
    return locked


def _require_all(asked: Mapping[int, Commitment], said: Said) -> None:
    """Raise :class:`ValidationError` for a commitment without an answer, or dropped unreasoned."""
    if missing := [str(row) for pk, row in asked.items() if pk not in said.fates]:
        raise ValidationError(
            _("Meanwhile something was added. Say what became of it too: %(names)s."),
            code="undecided",
            params={"names": ", ".join(missing)},
        )
    for pk, row in asked.items():
        fate, note = said.fates[pk]
        if fate not in CheckInFate.values:
            raise ValidationError(_("Say what became of the commitment."))
        if fate == CheckInFate.DROPPED and not note:
            raise ValidationError(
                _("Give the reason in a sentence: %(name)s"), params={"name": row.text}
            )


def _changes(
    check_in: CheckIn,
    said: Said,
    asked: Mapping[int, Commitment],
    earlier: Mapping[int, CheckInAnswer],
) -> list[str]:
    """Return what is said otherwise than before, in words, with what stood there."""
    found = []
    if check_in.cooperation != said.cooperation:
        old, new = (_label(Cooperation, one) for one in (check_in.cooperation, said.cooperation))
        found.append(f"{old} → {new}")
    if check_in.note != said.note:
        found.append(gettext("before: “%(text)s”") % {"text": check_in.note})
    if check_in.may_publish != said.may_publish:
        found.append(gettext("whether it may be published"))
    for pk, row in asked.items():
        before = earlier.get(pk)
        fate, note = said.fates[pk]
        if before is None or (before.fate, before.note) != (fate, note):
            stood = f"{_label(CheckInFate, before.fate)} {before.note}".strip() if before else "–"
            names = {"name": row.text, "old": stood, "new": _label(CheckInFate, fate)}
            found.append(gettext("%(name)s: %(old)s → %(new)s") % names)
    return found


def _label(choices: Any, value: str) -> str:
    """Return a choice in words of the active language; an unknown one is refused when stored."""
    return str(choices(value).label) if value in choices.values else "–"


def _settle(
    commitment: Commitment, fate: str, note: str, *, is_own: bool, at: dt.datetime, by: Any
) -> None:
    """Let an answer decide on a commitment.

    That is one which is open, or which this check-in has settled before (``is_own``). What a city
    settled elsewhere stays: that something kept has ended since is said by the answer alone.
    """
    state = STATES[CheckInFate(fate)]
    if commitment.state == state:
        if is_own and commitment.reason != note:
            commitment.reason = note
            commitment.save(update_fields=["reason"])
    elif commitment.is_open:
        record_fate(commitment=commitment, state=state, note=note, at=at, by=by)
    elif is_own:
        record_fate(
            commitment=commitment, state=state, note=note, at=at, transitions=CORRECTIONS, by=by
        )


def tell_of_check_in(*, check_in: CheckIn, event: str, by: Any) -> int:
    """Tell the partnership and the team that a city answered, or that it did not."""
    return tell_people(
        tandem=check_in.tandem,
        kind=Notification.TANDEM_COMMITMENTS,
        event=event,
        path=f"{reverse('workspace:commitments', args=[check_in.tandem.slug])}#after",
        city=check_in.municipality,
        team=True,
        by=by,
    )
