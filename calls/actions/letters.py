"""What drafts the letters about a decision, edits them and lets them go, each exactly once.

Whoever drafts or releases the letters of a session does so for the whole set, also for letters to
applications that a conflict of interest closes to the person: leaving one out would tell the city
that somebody stands in conflict, and keep it waiting. What such a letter says is neither shown to
the person nor edited by them.

The row of the session is locked first, then letters, then offers, in that order everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from calls import content, letters, mails
from calls.actions.places import end_replaced_offers, refuse_too_many_places
from calls.enums import LETTER_TRANSITIONS, LetterState, Outcome, SessionState
from calls.models import Application, Decision, Letter, Offer, Procedure, SelectionSession
from calls.queries.letters import (
    decisions_to_tell,
    decisions_without_letter,
    due_at_for,
    facts_of,
    letters_to_release,
    zone_of,
)
from core.actions import change_status
from core.text import clean_text

LONGEST_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of the letters of a session: how many are new, drafted again, left as they are.

    Left are those that somebody has edited, that were released, or that would say the same.
    """

    new: int
    renewed: int
    kept: int


@dataclass(frozen=True, slots=True)
class EditedLetter:
    """What became of an edit: the letter, and what stands against it.

    ``conflicts`` maps fields that somebody else changed meanwhile to what is stored.
    """

    letter: Letter
    conflicts: Mapping[str, Any] = field(default_factory=dict)


def locked_session(*, session: SelectionSession, by: Any = None) -> SelectionSession:
    """Return the session, locked; raises :class:`ValidationError` unless its decision holds."""
    rows = SelectionSession.objects.select_for_update(of=("self",)).select_related("call")
    locked = rows.get(pk=session.pk)
    if locked.state != SessionState.DECIDED:
        raise ValidationError(_("This session has not decided yet."))
    current = SelectionSession.objects.current(locked.call)
    if current is None or current.pk != locked.pk:
        raise ValidationError(
            _("This decision was corrected by a later one; its letters can no longer go out.")
        )
    return locked


@transaction.atomic
def draft_letters(*, session: SelectionSession, by: Any) -> Drafted:
    """Draft a letter about each decision of a session, from the reviews as they stand now.

    May be repeated: what nobody has edited is drafted again, what somebody has edited or what was
    released stays. Raises :class:`PermissionDenied` for who may not prepare the selection, and
    :class:`ValidationError` unless the session's decision holds.
    """
    require(by, Permission.PREPARE_SELECTION)
    locked = locked_session(session=session, by=by)
    decisions = {row.application_id: row for row in decisions_to_tell(locked)}
    wanted = [(row.application, row.outcome, row.rank, False) for row in decisions.values()]
    offers = Letter.objects.filter(session=locked, outcome=Outcome.ACCEPTED)
    wanted += [
        (decisions[row.application_id].application, row.outcome, None, True)
        for row in offers
        if row.application_id in decisions
        and decisions[row.application_id].outcome == Outcome.RESERVE
    ]
    return _write_drafts(locked, wanted)


@transaction.atomic
def draft_offer(*, session: SelectionSession, decision: Decision, by: Any = None) -> Letter:
    """Draft the letter that offers a place to a municipality of the reserve list.

    The caller has locked the session and asked who may do this.
    """
    _write_drafts(session, [(decision.application, Outcome.ACCEPTED, None, True)])
    return Letter.objects.get(
        session=session, application=decision.application_id, outcome=Outcome.ACCEPTED
    )


def _write_drafts(
    session: SelectionSession, wanted: Iterable[tuple[Application, str, int | None, bool]]
) -> Drafted:
    rows = list(wanted)
    stored = Letter.objects.filter(session=session).select_for_update()
    held = {(row.application_id, row.outcome): row for row in stored}
    new, renewed = [], 0
    for (application, outcome, *_rest), facts in zip(rows, facts_of(session, rows), strict=True):
        words = letters.draft(facts)
        values = {"language": facts.language, "subject": words.subject, "body": words.body}
        letter = held.get((application.pk, outcome))
        if letter is None:
            new.append(Letter(session=session, application=application, outcome=outcome, **values))
        elif letter.state == LetterState.DRAFT and letter.edited_at is None:
            renewed += _renew(letter, values)
    Letter.objects.bulk_create(new)
    return Drafted(len(new), renewed, len(rows) - len(new) - renewed)


def _renew(letter: Letter, values: Mapping[str, str]) -> bool:
    """Write a draft anew where it would say something else; tell whether it did."""
    if all(getattr(letter, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(letter, name, value)
    letter.drafted_at = timezone.now()
    letter.save()
    return True


@transaction.atomic
def edit_letter(
    *, letter: Letter, subject: str, body: str, opened_with: Mapping[str, str], by: Any
) -> EditedLetter:
    """Save what somebody wrote into a letter; nothing that somebody else wrote is overwritten.

    ``opened_with`` holds the marks of what the form was opened with (:func:`calls.content.merge`).
    Raises :class:`PermissionDenied` also where a conflict of interest closes the application,
    :class:`ValidationError` for a letter that was released (code ``state``) and for an offer that
    no longer says by when to confirm.
    """
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    require(by, Permission.PREPARE_SELECTION, locked.application)
    if locked.state != LetterState.DRAFT:
        raise ValidationError(
            _("This letter has been released; it can no longer be changed."), code="state"
        )
    typed = {"subject": letters.on_one_line(subject), "body": _plain(body)}
    stored = {name: getattr(locked, name) for name in typed}
    changes, conflicts = content.merge(stored, typed, opened_with)
    if len(typed["body"]) > LONGEST_BODY:
        limit = {"limit": LONGEST_BODY}
        raise ValidationError({"body": _("Up to %(limit)s characters.") % limit})
    _refuse_lost_date(locked, changes.get("body"))
    if changes:
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.edited_by, locked.edited_at = by, timezone.now()
        locked.full_clean(exclude=["edited_by", "released_by"])
        locked.save()
    return EditedLetter(locked, conflicts)


def _plain(text: str) -> str:
    """Return a text without characters that deceive and without space at the end of its lines.

    Two dashes and a space on a line of their own would end the letter for a mail program.
    """
    return "\n".join(row.rstrip() for row in clean_text(text).split("\n"))


def _refuse_lost_date(letter: Letter, body: str | None) -> None:
    """Raise :class:`ValidationError` where an edit would take away the date of an offer."""
    mark = letters.DATE_MARKS[letter.language]
    if body is not None and mark in letter.body and mark not in body:
        raise ValidationError(
            {
                "body": _(
                    "Keep %(mark)s: on release the date by which to confirm stands in its place."
                )
                % {"mark": mark}
            }
        )


@transaction.atomic
def release_letters(*, session: SelectionSession, expected: int | None = None, by: Any) -> int:
    """Let all drafts of a session go at once: published, mailed, places offered. Return how many.

    All or nothing: whatever fails, no letter is out and no mail written. Of two who release at the
    same moment the second one waits for the first and finds nothing left (returns 0).
    ``expected``: how many letters the person was shown; another number is refused (code
    ``number``). Raises :class:`PermissionDenied` for all but BBSR, :class:`ValidationError` when
    the decision was corrected, a letter is missing, or more places would be given than there are.
    """
    require(by, Permission.DECIDE_SELECTION)
    locked = locked_session(session=session, by=by)
    if missing := decisions_without_letter(locked).count():
        raise ValidationError(
            _("Letters are still missing: %(number)s. Draft them first.") % {"number": missing}
        )
    waiting = letters_to_release(locked).select_for_update(of=("self",))
    drafts = list(waiting.select_related("application").order_by("pk"))
    if not drafts:
        return 0
    if expected is not None and expected != len(drafts):
        raise ValidationError(
            _("There are %(number)s letters by now. Look at them once more.")
            % {"number": len(drafts)},
            code="number",
        )
    end_replaced_offers(session=locked, by=by)
    refuse_too_many_places(session=locked, by=by)
    now = timezone.now()
    due_at = due_at_for(locked.call, Procedure.objects.get(call=locked.call).confirm_days, now)
    living = Offer.objects.living().filter(application__call=locked.call)
    offers = {offer.application_id: offer for offer in living}
    for draft in drafts:
        draft.application.call = locked.call
        is_offer = draft.outcome == Outcome.ACCEPTED
        held = offers.get(draft.application_id) if is_offer else None
        released = _release(draft, now, held.due_at if held else due_at, by)
        if is_offer and held is None:
            Offer.objects.create(application=draft.application, letter=released, due_at=due_at)
        mails.letter_sent(released)
    return len(drafts)


def _release(draft: Letter, now: dt.datetime, due_at: dt.datetime, by: Any) -> Letter:
    """Return the released letter; an offer now says by when to confirm."""
    call = draft.application.call
    zone = zone_of(call)
    words = letters.finished(draft.body, draft.language, due_at.astimezone(zone), str(zone))
    released = change_status(
        draft,
        field="state",
        new=LetterState.RELEASED,
        transitions=LETTER_TRANSITIONS,
        changes={
            "body": words if draft.outcome == Outcome.ACCEPTED else draft.body,
            "released_by": by,
            "released_at": now,
        },
        by=by,
    )
    released.application = draft.application
    return released
