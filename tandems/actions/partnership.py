"""The only writers of a partnership's status and of its released profile."""

from __future__ import annotations

import datetime as dt
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


def mark_maintained(*, tandem: Tandem, by: Any) -> None:
    """Note that the cities keep their page themselves: files of facts leave it alone from now on.

    Called by every action with which people write a profile, topics or the membership.
    """
    rows = Tandem.objects.filter(pk=tandem.pk, maintained_since__isnull=True)
    rows.update(maintained_since=timezone.now())


@transaction.atomic
def release_profile(
    *, profile: ProfileVersion, as_of: dt.date | None = None, by: Any
) -> ProfileVersion:
    """Put a confirmed version on the public page; the one that stood there is superseded.

    This is the step itself; people come to it by ``tandems.actions.release.release_version``, which
    asks for the right and for what they have seen. ``as_of``: how things stood on which day.

    Raises :class:`django.core.exceptions.ValidationError` when the version is not confirmed.
    """
    # The partnership is locked first, so that two releases at once do not pass each other.
    Tandem.objects.select_for_update(no_key=True).get(pk=profile.tandem_id)
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
        changes={
            "released_by": by,
            "released_at": timezone.now(),
            **({"as_of": as_of} if as_of else {}),
        },
        by=by,
    )
