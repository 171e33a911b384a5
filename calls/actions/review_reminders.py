"""What reminds reviewers of what they still have to file: each once a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, require
from calls import mails
from calls.enums import CallState
from calls.models import Application, Call, ReviewAssignment
from calls.queries import reviewers_today
from core.actions import note_change
from core.models import StatusChange

#: The field under which a reminder stands in the history of a person.
FIELD = "review_reminder"
#: Between two reminders of one person.
PAUSE = dt.timedelta(hours=24)


@dataclass(slots=True)
class ReviewReminders:
    """Who was reminded, and who was not because a reminder went out within the last day."""

    reminded: list[User] = field(default_factory=list)
    left_out: list[User] = field(default_factory=list)


def remind_reviewers(*, call: Call, by: Any) -> ReviewReminders:
    """Remind by one mail each of the reviewers who have not filed all reviews of a call.

    Applications that a conflict of interest closes to ``by`` make nobody be reminded. Each person
    is a transaction of their own: after a crash in the middle the same call reminds the others.
    Raises :class:`PermissionDenied` for who may not prepare the selection, and
    :class:`ValidationError` when the call is not in review.
    """
    require(by, Permission.PREPARE_SELECTION)
    if Call.objects.get(pk=call.pk).state != CallState.IN_REVIEW:
        raise ValidationError(_("The call is not in review."))
    visible = Application.objects.visible_to(by).sent().filter(call=call)
    rows = ReviewAssignment.objects.unfiled().filter(application__in=visible.values("pk"))
    people = set(rows.values_list("reviewer", flat=True)) & set(reviewers_today())
    outcome = ReviewReminders()
    for person in User.objects.filter(pk__in=people).order_by("name", "pk"):
        _remind_one(person, call, outcome, by)
    return outcome


@transaction.atomic
def _remind_one(person: User, call: Call, outcome: ReviewReminders, by: Any) -> None:
    # Of two who remind at once, the second waits here and then finds the row of the first.
    User.objects.select_for_update().get(pk=person.pk)
    own = ReviewAssignment.objects.of(person).unfiled()
    left = own.filter(application__in=Application.objects.sent().filter(call=call)).count()
    if not left:
        # Filed in the meantime, or all that is open is closed by a conflict of interest.
        return
    recent = StatusChange.objects.of(person).filter(
        field=FIELD, changed_at__gt=timezone.now() - PAUSE
    )
    if recent.exists():
        outcome.left_out.append(person)
        return
    mails.reviews_open(person, call, left)
    note_change(person, field=FIELD, old="", new="sent", by=by)
    outcome.reminded.append(person)
