"""What reminds people of the deadline: a person chooses whom, and each application once a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy as _

from accounts.permissions import Permission, require
from calls import mails
from calls.checklist import check
from calls.deadline import refuse_late
from calls.enums import ApplicationState
from calls.models import Application, Call, writers_of
from core.actions import note_change
from core.models import StatusChange

#: The field under which a reminder stands in the history of an application.
FIELD = "reminder"
#: Between two reminders of one application.
PAUSE = dt.timedelta(hours=24)


class Obstacle(models.TextChoices):
    """Why an application is not reminded."""

    DEADLINE = "deadline", _("The call does not take applications now.")
    SENT = "sent", _("Has been sent, or was withdrawn.")
    REMINDED = "reminded", _("Was reminded within the last 24 hours.")
    ALONE = "alone", _("Nobody who writes it can be reached.")


@dataclass(frozen=True, slots=True)
class Reminders:
    """What became of a reminder: who was reminded by how many mails, who was not and why."""

    reminded: tuple[Application, ...]
    mails: int
    left_out: tuple[tuple[Application, Obstacle], ...]


def remind(*, applications: Iterable[Application], by: Any) -> Reminders:
    """Remind those who write these applications of the deadline, with what is still missing.

    Each application is a transaction of its own: its mails and the row of its history come to be
    together or not at all. After a crash in the middle the same call reminds the others only.
    Raises :class:`PermissionDenied` for who may not prepare the selection.
    """
    require(by, Permission.PREPARE_SELECTION)
    reminded, left_out, written = [], [], 0
    for application in applications:
        outcome = _remind_one(application, by)
        if isinstance(outcome, Obstacle):
            left_out.append((application, outcome))
        else:
            reminded.append(application)
            written += outcome
    return Reminders(tuple(reminded), written, tuple(left_out))


def obstacles_to_reminding(
    *, applications: Iterable[Application], by: Any
) -> dict[int, Obstacle | None]:
    """Return what stands now against reminding each application (primary key), to show it before.

    The applications come with their call. Raises :class:`PermissionDenied` as :func:`remind` does.
    """
    require(by, Permission.PREPARE_SELECTION)
    rows = list(applications)
    # By the calls, not by a list of keys: there may be thousands.
    about = Application.objects.filter(call__in={row.call_id for row in rows})
    recent = _recent().filter(object_id__in=about.values("pk"))
    reminded = set(recent.values_list("object_id", flat=True))
    written = writers_of(OuterRef(OuterRef("pk")), OuterRef(OuterRef("municipality")))
    reachable = about.filter(Exists(written))
    reached = set(reachable.values_list("pk", flat=True))
    return {
        row.pk: _obstacle(row, row.call, row.pk in reminded)
        or (None if row.pk in reached else Obstacle.ALONE)
        for row in rows
    }


def _recent() -> Any:
    """Return the reminders of the last 24 hours, of whatever application."""
    rows = StatusChange.objects.filter(field=FIELD, changed_at__gt=timezone.now() - PAUSE)
    return rows.filter(content_type__app_label="calls", content_type__model="application")


def _obstacle(application: Application, call: Call, is_reminded: bool) -> Obstacle | None:
    try:
        refuse_late(call)
    except ValidationError:
        return Obstacle.DEADLINE
    if application.state not in {ApplicationState.DRAFT, ApplicationState.REOPENED}:
        return Obstacle.SENT
    return Obstacle.REMINDED if is_reminded else None


@transaction.atomic
def _remind_one(application: Application, by: Any) -> int | Obstacle:
    """Remind the people of one application; return how many mails, or what stands against it."""
    # Of two who remind at once, the second waits here and then finds the row of the first.
    locked = Application.objects.select_for_update().get(pk=application.pk)
    call = Call.objects.get(pk=locked.call_id)
    is_reminded = _recent().filter(object_id=locked.pk).exists()
    if obstacle := _obstacle(locked, call, is_reminded):
        return obstacle
    written = mails.deadline_comes(locked, _missing(locked))
    if not written:
        return Obstacle.ALONE
    note_change(locked, field=FIELD, old="", new="sent", by=by)
    return written


def _missing(application: Application) -> list[Any]:
    """Return what is missing; each sentence reads in the language that is active when it is shown.

    What the checklist says is put together in one language, and the mails go out in several.
    """
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = [str(gap.words) for gap in check(application).gaps]

    def sentence(number: int) -> str:
        return words[get_language() or settings.LANGUAGE_CODE][number]

    spoken = lazy(sentence, str)
    return [spoken(number) for number in range(len(words[settings.LANGUAGE_CODE]))]
