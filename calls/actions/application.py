"""What begins applications and saves what people write in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission, require
from calls import content
from calls.checklist import check
from calls.deadline import refuse_late
from calls.enums import ApplicationState
from calls.models import Application, ApplicationEditor, ApplicationSave, Call, officers_of
from core.actions import note_change
from core.models import save_new
from municipalities.models import Municipality

#: Applications that one person may have begun in one call: nobody fills the call with names.
MOST_BEGUN_BY_ONE = 3


@dataclass(frozen=True, slots=True)
class SavedStep:
    """What became of a step that was sent: the application, and what stands against it.

    ``conflicts`` maps fields that somebody else changed meanwhile to what is stored; ``saved_by``
    and ``saved_at`` tell who that was.
    """

    application: Application
    conflicts: Mapping[str, Any] = field(default_factory=dict)
    saved_by: Any = None
    saved_at: dt.datetime | None = None


@transaction.atomic
def begin_application(
    *,
    call: Call,
    municipality: Municipality | None = None,
    name: str = "",
    country: str = "",
    by: Any,
) -> Application:
    """Begin the application of a municipality: one of the register, or one that is described.

    Whoever begins without a role there becomes its first editor. Where the register knows a contact
    person or a deputy, only these begin. Raises :class:`PermissionDenied` for others and for people
    of the programme, :class:`ValidationError` when the call takes none now, or when there is one.
    """
    refuse_late(call)
    if by.is_staff:
        raise PermissionDenied
    if municipality is not None:
        _refuse_strangers(municipality, by)
        name, country = municipality.local_name, municipality.country
    begun = Application.objects.living().filter(call=call, begun_by=by)
    # One after the other, so that the count is true.
    User.objects.select_for_update().get(pk=by.pk)
    if begun.count() >= MOST_BEGUN_BY_ONE:
        raise ValidationError(
            _("You have begun %(number)s applications in this call. Withdraw one first.")
            % {"number": MOST_BEGUN_BY_ONE}
        )
    application = Application(
        call=call,
        municipality=municipality,
        place_key=content.place_key(municipality, name, country),
        place_name=name,
        place_country=country,
        contact_name=by.name,
        contact_email=by.email,
        begun_by=by,
        begun_at=timezone.now(),
    )
    if municipality is not None:
        _bring_along(application, municipality)
    save_new(application)
    if municipality is None or not officers_of(municipality).filter(user=by).exists():
        # Who writes by a role writes as long as the role lasts; its successor goes on.
        ApplicationEditor.objects.create(
            application=application, user=by, email=by.email, joined_at=timezone.now()
        )
    renew(application=application, by=by)
    note_change(application, old="", new=ApplicationState.DRAFT, by=by)
    return application


def _refuse_strangers(municipality: Municipality, by: Any) -> None:
    """Raise :class:`PermissionDenied` where the municipality has officers and this is none."""
    officers = officers_of(municipality)
    if officers.exists() and not officers.filter(user=by).exists():
        raise PermissionDenied(_("This municipality has a contact person here. Please ask there."))


def _bring_along(application: Application, municipality: Municipality) -> None:
    """Fill in what the register knows of a municipality."""
    application.place_region = municipality.region
    application.place_website = municipality.website
    newest = municipality.population_figures.order_by("-latest").first()
    application.place_population = newest.value if newest else None
    if municipality.local_language:
        application.working_languages = [municipality.local_language]


def locked_for_writing(
    *, application: Application, opened_at: dt.datetime | None, by: Any
) -> Application:
    """Return the fresh, locked application, for who may write it now.

    Raises :class:`PermissionDenied` for strangers, :class:`ValidationError` after the deadline
    (code ``deadline``) and where the state does not let people write (code ``state``).
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    require(by, Permission.APPLY, locked)
    refuse_late(locked.call, opened_at)
    if not locked.is_editable:
        raise ValidationError(
            _("This application was %(state)s meanwhile. Take it up again to change it.")
            % {"state": locked.get_state_display()},
            code="state",
        )
    return locked


@transaction.atomic
def save_step(
    *,
    application: Application,
    step: str,
    values: Mapping[str, Any],
    opened_with: Mapping[str, str],
    opened_at: dt.datetime | None = None,
    by: Any,
) -> SavedStep:
    """Save what somebody typed into a step; nothing that somebody else wrote is overwritten.

    ``opened_with`` holds the marks of the values with which the form was opened (see
    :func:`calls.content.merge`). Raises as :func:`locked_for_writing` does.
    """
    locked = locked_for_writing(application=application, opened_at=opened_at, by=by)
    stored = content.values_of(locked, step)
    known = {name: value for name, value in values.items() if name in stored}
    changes, conflicts = content.merge(stored, known, opened_with)
    before = ApplicationSave.objects.filter(application=locked, step=step).first()
    if changes:
        content.write_values(locked, step, changes, by)
        _keep_place(locked)
    if changes or before is None:
        ApplicationSave.objects.update_or_create(
            application=locked, step=step, defaults={"saved_by": by, "saved_at": timezone.now()}
        )
        renew(application=locked, by=by)
    if not conflicts:
        return SavedStep(locked)
    return SavedStep(
        locked, conflicts, before.saved_by if before else None, before.saved_at if before else None
    )


def _keep_place(application: Application) -> None:
    """Let a municipality that is described anew stay the only one of its name."""
    application.place_key = content.place_key(
        application.municipality, application.place_name, application.place_country
    )
    application.validate_constraints()


def renew(*, application: Application, by: Any) -> None:
    """Save the application with the moment and its completeness."""
    content.touch(application)
    fresh = Application.objects.get(pk=application.pk)
    for column in application._meta.concrete_fields:
        setattr(fresh, column.attname, getattr(application, column.attname))
    application.completeness = check(fresh).completeness
    application.save()


@transaction.atomic
def import_application(
    *,
    application: Application,
    source: Application,
    opened_at: dt.datetime | None = None,
    by: Any,
) -> Application:
    """Fill what is still empty with what an earlier application of the same city says.

    Nothing that stands already is replaced; files, consents and answers to the earlier call's
    questions stay behind. Raises :class:`PermissionDenied` unless ``by`` may edit both, and
    :class:`ValidationError` when the source is no earlier application of the same municipality.
    """
    require(by, Permission.APPLY, source)
    locked = locked_for_writing(application=application, opened_at=opened_at, by=by)
    if source.call_id == locked.call_id or source.place_key != locked.place_key:
        raise ValidationError(_("Choose an earlier application of the same municipality."))
    for columns in content.COLUMNS.values():
        for name in columns:
            if not getattr(locked, name):
                setattr(locked, name, getattr(source, name))
    offered = set(locked.call.topics.values_list("pk", flat=True))
    held = {(row.topic_id, row.side) for row in locked.topics.all()}
    for row in source.topics.all():
        if row.topic_id in offered and (row.topic_id, row.side) not in held:
            locked.topics.create(
                topic=row.topic, side=row.side, level=row.level, sentence=row.sentence
            )
    renew(application=locked, by=by)
    return locked
