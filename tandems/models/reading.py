"""What a member of a partnership reads: what was there while it was one."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from tandems.enums import MemberRole
from tandems.models.partnership import TandemMember


def reading(municipalities: set[int], day: str) -> Exists:
    """Return whether one of the municipalities was a member on the day of what hangs on a tandem.

    The rows asked about have a column ``tandem``; ``day`` names their column or alias of that day.
    """
    member = TandemMember.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=OuterRef(day)),
        tandem=OuterRef("tandem"),
        municipality__in=municipalities,
        role=MemberRole.MEMBER,
    )
    return Exists(member)
