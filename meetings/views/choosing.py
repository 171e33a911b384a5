"""How visitors choose among the public meetings: the filters of the list and of the month."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import get_language, gettext as _

from calls.enums import WorkingLanguage
from core.pages import Filters
from core.queries import remembered
from meetings.enums import MeetingFormat, MeetingKind, MeetingStatus
from meetings.models import Meeting, MeetingQuerySet
from municipalities.models import Municipality
from municipalities.queries import topic_choices

#: What the filters offer; Django puts such a list together anew each time it is named.
KINDS, FORMATS, LANGUAGES = MeetingKind.choices, MeetingFormat.choices, WorkingLanguage.choices
#: The first status is never public.
STATUSES = MeetingStatus.choices[1:]


def chosen_meetings(request: HttpRequest, filters: Filters) -> MeetingQuerySet:
    """Return the public meetings that the filters of the address leave over.

    Filters: kind, field of action, city, working language, format and status.
    """
    del request  # The filters read it.
    rows = Meeting.objects.visible_to(None)
    kind = filters.choose("kind", _("Kind"), labels(KINDS))
    topic = filters.choose("topic", _("Field of action"), topic_choices())
    city = filters.choose("city", _("City"), cities_that_met())
    language = filters.choose("language", _("Working language"), labels(LANGUAGES))
    shape = filters.choose("format", _("Format"), labels(FORMATS))
    status = filters.choose("status", _("Status"), labels(STATUSES))
    plain = {"kind": kind, "language": language, "format": shape, "status": status}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if topic:
        about = Meeting.topics.through.objects.filter(meeting=OuterRef("pk"), topic__key=topic)
        rows = rows.filter(Exists(about))
    if city:
        took_part = Meeting.participants.through.objects.filter(
            meeting=OuterRef("pk"), municipality__slug=city
        )
        rows = rows.filter(Exists(took_part))
    return rows


def labels(choices: Any) -> list[tuple[str, str]]:
    """Return choices with their labels in the reader's language."""
    return [(value, str(label)) for value, label in choices]


def cities_that_met() -> list[tuple[str, str]]:
    """Return (slug, name) of the municipalities of public meetings, by name."""

    def choices() -> list[tuple[str, str]]:
        public = Meeting.objects.visible_to(None).filter(participants=OuterRef("pk")).order_by()
        rows = Municipality.objects.filter(Exists(public)).by_name()
        name = f"name_{get_language() or 'de'}"
        return [(slug, text) for slug, text in rows.values_list("slug", name) if text]

    return remembered(f"meetings cities {get_language()}", choices)
