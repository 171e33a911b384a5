"""Whose word on a version of a profile is there, and whose is missing, as of today."""

from __future__ import annotations

from django.utils import timezone

from municipalities.models import Municipality
from tandems.enums import ProfileState
from tandems.models import ProfileVersion, TandemMember


def acting_members(profile: ProfileVersion) -> list[TandemMember]:
    """Return the current members of its partnership, in the order of the pair.

    Members that were fetched along are used as they are.
    """
    today = timezone.localdate()
    rows = sorted(profile.tandem.members.all(), key=lambda row: (row.position, row.pk or 0))
    return [row for row in rows if not row.is_guest and not row.has_left(today)]


def cities_missing(profile: ProfileVersion) -> list[Municipality]:
    """Return the cities that have to confirm a version before its release, and have not yet.

    Asked of the members of today: a city that has left holds nothing up, and one that joins after
    the others have confirmed is asked too.
    """
    given = {row.municipality_id for row in profile.confirmations.all()}
    rows = acting_members(profile)
    return [row.municipality for row in rows if row.municipality_id not in given]


def is_ready(profile: ProfileVersion) -> bool:
    """Tell whether nothing but the release is missing.

    A submitted version is ready too when the city whose word was missing has left meanwhile.
    """
    waits = profile.state in {ProfileState.SUBMITTED, ProfileState.CONFIRMED}
    return waits and not cities_missing(profile)
