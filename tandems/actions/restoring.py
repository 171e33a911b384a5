"""What makes a new draft of an old version of a profile."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, require
from core.actions import note_change
from core.models import save_new
from tandems.actions.partnership import mark_maintained
from tandems.actions.release import set_aside_profile
from tandems.content import copy_content
from tandems.enums import UNFINISHED, ProfileState
from tandems.models import ProfileVersion, Tandem


@transaction.atomic
def restore_version(
    *, source: ProfileVersion, replaces: ProfileVersion | None, by: Any
) -> ProfileVersion:
    """Begin a draft that says what an old version says.

    ``replaces`` is the draft that the person knows of; it is set aside first, which takes the
    right to submit. Without one the right to write is enough.

    Raises :class:`PermissionDenied` for who may not, and :class:`ValidationError` for a version
    that is on its way itself, while another one waits for the cities or the release, and where
    the draft is not the one that the person knows of.
    """
    tandem = Tandem.objects.select_for_update(no_key=True).get(pk=source.tandem_id)
    require(by, Permission.DRAFT_PROFILE, tandem)
    versions = ProfileVersion.objects.filter(tandem=tandem)
    old = versions.select_for_update().get(pk=source.pk)
    if old.state in UNFINISHED:
        raise ValidationError(_("This version is on its way itself; there is nothing to restore."))
    current = versions.select_for_update().filter(state__in=UNFINISHED).first()
    if current is not None and not current.is_draft:
        raise ValidationError(
            _(
                "Another version is waiting for confirmation or release. Turn it back into a "
                "draft first."
            )
        )
    if (current and current.pk) != (replaces and replaces.pk):
        raise ValidationError(
            _("The draft has been replaced since you opened this page. Please look again.")
        )
    if current is not None:
        set_aside_profile(profile=current, by=by)
    draft = ProfileVersion(
        tandem=tandem,
        number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        based_on=old,
        started_by=by,
        sources=old.sources,
    )
    save_new(draft)
    copy_content(old, draft)
    note_change(draft, field="state", old="", new=ProfileState.DRAFT, by=by)
    mark_maintained(tandem=tandem, by=by)
    return draft
