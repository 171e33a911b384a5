"""Whose word on a version of a profile is there, and whose is missing, as of today."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import StatusChange
from municipalities.models import Municipality
from tandems.enums import MemberRole, ProfileState
from tandems.models import ProfileVersion, TandemMember
from tandems.models.profile import ASKED


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
    return profile.state in ASKED and not cities_missing(profile)


def was_held_up(profile: ProfileVersion) -> bool:
    """Tell whether a city joined after a version was confirmed, and left without its word on it.

    Until that city left the release waited for it, though the version had been ready before.
    """
    confirmed = (
        StatusChange.objects.of(profile).filter(field="state", new=ProfileState.CONFIRMED).first()
    )
    given = {row.municipality_id for row in profile.confirmations.all()}
    today = timezone.localdate()
    gone = [
        row.pk
        for row in profile.tandem.members.all()
        if row.has_left(today) and row.municipality_id not in given
    ]
    joined = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(TandemMember),
        object_id__in=gone,
        field="membership",
        new=MemberRole.MEMBER,
    )
    return confirmed is not None and joined.filter(changed_at__gt=confirmed.changed_at).exists()
