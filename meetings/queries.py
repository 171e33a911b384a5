"""What the pages of the meetings ask."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.queries import prepared
from meetings.models import Meeting

#: More are hardly ever announced at the same time; they stand above the pages of past ones.
COMING = 100


@prepared
def coming_meetings(today: Any) -> QuerySet[Meeting]:
    """Return the public meetings that are not over on ``today``, the next one first."""
    return Meeting.objects.visible_to(None).for_lists().coming_on(today)[:COMING]
