"""The only writers of a partnership's status and of its released profile."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import change_status
from tandems.enums import PROFILE_TRANSITIONS, TRANSITIONS, ProfileState
from tandems.models import ProfileVersion, Tandem


def change_tandem_status(*, tandem: Tandem, status: str, note: str = "", by: Any) -> Tandem:
    """Move the partnership to ``status``; see :data:`tandems.enums.TRANSITIONS`.

    Raises :class:`django.core.exceptions.ValidationError` for a step that the table does not hold.
    """
    return change_status(tandem, new=status, transitions=TRANSITIONS, note=note, by=by)


@transaction.atomic
def release_profile(*, profile: ProfileVersion, by: Any) -> ProfileVersion:
    """Put a confirmed version on the public page; the one that stood there is superseded.

    Raises :class:`django.core.exceptions.ValidationError` when the version is not confirmed.
    """
    # The partnership is locked first, so that two releases at once do not pass each other.
    Tandem.objects.select_for_update().get(pk=profile.tandem_id)
    standing = ProfileVersion.objects.filter(
        tandem_id=profile.tandem_id, state=ProfileState.RELEASED
    ).exclude(pk=profile.pk)
    for version in standing:
        change_status(
            version,
            field="state",
            new=ProfileState.SUPERSEDED,
            transitions=PROFILE_TRANSITIONS,
            by=by,
        )
    return change_status(
        profile,
        field="state",
        new=ProfileState.RELEASED,
        transitions=PROFILE_TRANSITIONS,
        changes={"released_by": by, "released_at": timezone.now()},
        by=by,
    )
