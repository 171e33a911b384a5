"""What a city answers months after the end of its partnership."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts.enums import Notification, UserRole
from accounts.models import RoleAssignment
from calls.content import merge
from core.actions import Transitions, note_change
from core.models import save_new
from meetings.actions.check_in_content import Said, SavedAnswer
from meetings.actions.commitment import record_fate
from meetings.enums import CheckInFate, CommitmentState, Cooperation
from meetings.models import CheckIn, CheckInAnswer, Commitment
from tandems.actions.notices import tell_people
from tandems.locks import lock_tandem
from tandems.models import Tandem

#: Who speaks for a city.
OFFICES = (UserRole.CONTACT, UserRole.DEPUTY)
#: Where a check-in stands, as its history tells it.
UNASKED, ASKED, ANSWERED = "unasked", "asked", "answered"
CORRECTED, SILENT = "corrected", "silent"
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

    Nobody does where the partnership has been taken up again: nothing is over then, or something
    else has ended since.
    """
    ended_on = check_in.tandem.ended_on
    if ended_on is None or check_in.ended_on != ended_on:
        return False
    return check_in.municipality_id in cities_spoken_for(by=by)


def cities_spoken_for(*, by: Any) -> set[int]:
    """Return the cities (primary keys) of which a person is contact or deputy today."""
    if by is None or not by.is_active:
        return set()
    held = RoleAssignment.objects.held_on(timezone.localdate()).filter(role__in=OFFICES, user=by)
    return {key for key in held.values_list("municipality", flat=True) if key is not None}


@transaction.atomic
def answer_check_in(
    *, check_in: CheckIn, said: Said, opened: Mapping[str, str], by: Any
) -> SavedAnswer:
    """Record what a city says, in place of silence or of an earlier answer.

    Its open commitments are settled by that. ``answered_at`` stays the moment of the first answer;
    what was replaced stands in the history. The same said again changes nothing. ``opened`` holds
    the marks of what the form was opened with: what somebody else has answered otherwise meanwhile
    is in conflict, then nothing is written, and the caller shows both.

    Raises :class:`PermissionDenied` for who does not speak for the city, and
    :class:`ValidationError` where something is missing: a commitment, or why one was dropped.
    """
    locked = _locked(check_in)
    if not may_answer(check_in=locked, by=by):
        raise PermissionDenied
    asked = {row.pk: row for row in commitments_asked(check_in=locked, named=said.fates, by=by)}
    _require_all(asked, said)
    stored = Said.of(locked, asked)
    typed = Said(
        said.cooperation, {pk: said.fates[pk] for pk in asked}, said.note, said.may_publish
    )
    write, conflicts = merge(stored.values, typed.values, {**stored.marks, **opened})
    if conflicts:
        return SavedAnswer(locked, conflicts)
    _write(locked, Said.from_values({**stored.values, **write}), asked, by)
    return SavedAnswer(locked, {})


def _locked(check_in: CheckIn) -> CheckIn:
    """Return the check-in as it stands now, locked after its partnership."""
    tandem = lock_tandem(check_in.tandem_id)
    rows = CheckIn.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("municipality").get(pk=check_in.pk)
    locked.tandem = tandem
    return locked


def _write(locked: CheckIn, said: Said, asked: Mapping[int, Commitment], by: Any) -> None:
    """Write an answer that says something new, and what it settles."""
    earlier = {row.commitment_id: row for row in locked.answers.all()}
    changes = _changes(locked, said, asked, earlier)
    if locked.answered_at is not None and not changes:
        return
    first, now, old = locked.answered_at, timezone.now(), _stand_of(locked)
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


def _stand_of(check_in: CheckIn) -> str:
    """Return where a check-in stands, as its history tells it."""
    if check_in.answered_at:
        return ANSWERED
    if check_in.silent_at:
        return SILENT
    return ASKED if check_in.asked_at else UNASKED


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


def tell_of_check_in(*, check_in: CheckIn, event: str, cities: bool = True, by: Any) -> int:
    """Tell the team what became of a question to a city, and (``cities``) the partnership."""
    return tell_people(
        tandem=check_in.tandem,
        kind=Notification.TANDEM_COMMITMENTS,
        event=event,
        path=f"{reverse('workspace:commitments', args=[check_in.tandem.slug])}#after",
        city=check_in.municipality,
        cities=cities,
        team=True,
        by=by,
    )


def follow_the_end(*, tandem: Tandem, old: dt.date, by: Any) -> int:
    """Let the questions about an end go with it to another day; return how many.

    For an action that has locked the partnership and corrected the day (``old`` is the wrong one):
    it is the same end, and nobody is asked about it twice. The history of the partnership tells
    both days. Raises :class:`ValidationError` for a day on which it had ended before already.
    """
    rows = CheckIn.objects.filter(tandem=tandem, ended_on=old)
    if rows.exists() and CheckIn.objects.filter(tandem=tandem, ended_on=tandem.ended_on).exists():
        raise ValidationError(
            {"ended_on": _("The cities have been asked about another end on this day already.")}
        )
    return rows.update(ended_on=tandem.ended_on)
