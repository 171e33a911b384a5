"""What waits in the internal areas: for cities in their own, for the team in all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, reach_of
from core.dates import day
from core.text import filled, in_language
from meetings.enums import MeetingStatus
from meetings.models import Commitment, Meeting
from meetings.queries import with_pages
from tandems.enums import TandemStatus
from tandems.guests import meetings_open_to, topics_open_to
from tandems.models import ProfileVersion, Tandem, TandemMember
from tandems.models.profile import FRESH
from tandems.next_step import Need, Step, steps_of
from tandems.overview import acting_in, facts_of

#: Title, reason, address and words of the link, as a task of the dashboard holds them.
Row = tuple[str, str, str, str]
#: Rows of each list; all of them stand on the pages that the lists lead to.
SHOWN = 8
#: How long before its day a commitment becomes a task.
SOON = dt.timedelta(days=14)
#: Of what is missing, these wait for a person; the rest stands in the internal area.
WAITING = (Need.WORD, Need.RETURNED, Need.DATE, Need.FRESHNESS)


def workspace_tasks(user: Any, tandems: Iterable[Tandem]) -> list[Row]:
    """Return what waits for the person: for an officer in its partnerships, for the team in all.

    The partnerships come with their members (``with_members``).
    """
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None:
        return team_rows(user)
    return city_rows(user, reach, tandems) if reach else []


def city_rows(user: Any, reach: set[int], tandems: Iterable[Tandem]) -> list[Row]:
    """Return what waits for somebody of a city: a word, a draft sent back, a date, a fresh text."""
    today = timezone.localdate()
    own: dict[int, set[int]] = {}
    acting = []
    for tandem in tandems:
        own[tandem.pk] = {row.municipality_id for row in acting_in(tandem, today)} & reach
        if own[tandem.pk]:
            acting.append(tandem)
    facts = facts_of(acting) if acting else {}
    rows: list[Row] = []
    for tandem in acting:
        for step in steps_of(facts[tandem.pk]):
            if step.need in WAITING and can_do(user, step, own[tandem.pk]):
                url = reverse(step.wording.url, args=[tandem.slug])
                rows.append((step.title, reason_of(tandem, step), url, str(step.wording.action)))
    return rows


def can_do(user: Any, step: Step, own: set[int]) -> bool:
    """Tell whether the person can do a step for one of its cities in the partnership."""
    asked = own if step.cities is None else own & {city.pk for city in step.cities}
    return bool(asked & (reach_of(user, step.wording.right) or set()))


def reason_of(tandem: Tandem, step: Step) -> str:
    """Return in which partnership something waits, and why."""
    return _("%(partnership)s: %(reason)s") % {"partnership": tandem.name, "reason": step.why}


def team_rows(user: Any) -> list[Row]:
    """Return what waits for the team and BBSR: releases, and partnerships that come to a stop."""
    rows: list[Row] = []
    if user.has_perm(Permission.RELEASE_PROFILE):
        for version in ProfileVersion.objects.awaiting_release()[:SHOWN]:
            since = day(timezone.localdate(version.submitted_at)) if version.submitted_at else ""
            title = _("Release the profile: %(name)s") % {"name": version.tandem.name}
            words = _("Confirmed by the cities; submitted on %(day)s.") % {"day": since}
            url = reverse("workspace:profile-release", args=[version.tandem.slug])
            rows.append((title, words if since else "", url, _("Read and release")))
    if not user.has_perm(Permission.CHANGE_MEMBERSHIP):
        return rows
    active = Tandem.objects.with_workspace_for(user).filter(status=TandemStatus.ACTIVE).in_order()
    url, action = reverse("admin:tandems_tandem_overview"), _("See all partnerships")
    today = timezone.localdate()
    ahead = Meeting.objects.filter(tandem=OuterRef("pk"), latest__gte=today)
    ahead = ahead.exclude(status__in=[MeetingStatus.HELD, MeetingStatus.CANCELLED]).order_by()
    without = [row.name for row in active.exclude(Exists(ahead))]
    if without:
        title = ngettext(
            "%(number)s partnership without a date",
            "%(number)s partnerships without a date",
            len(without),
        )
        rows.append((title % {"number": len(without)}, shortened(without), url, action))
    versions = ProfileVersion.objects.filter(tandem=OuterRef("pk")).order_by()
    stale = versions.released().filter(as_of__lt=today - FRESH)
    old = [row.name for row in active.filter(Exists(stale))]
    if old:
        title = ngettext(
            "%(number)s profile is out of date", "%(number)s profiles are out of date", len(old)
        )
        rows.append((title % {"number": len(old)}, shortened(old), url, action))
    return rows


def shortened(names: list[str]) -> str:
    """Return the first of the names."""
    return ", ".join(names[:SHOWN])


def own_commitments(municipalities: set[int]) -> Any:
    """Return what municipalities have promised in partnerships of which they are still members."""
    members = TandemMember.objects.acting().filter(
        tandem=OuterRef("tandem"), municipality=OuterRef("municipality")
    )
    return Commitment.objects.filter(Exists(members), municipality__in=municipalities)


def commitment_rows(user: Any, today: dt.date) -> list[tuple[str, str, str, str, str]]:
    """Return the commitments of the person's municipalities that are due soon or overdue.

    After the four parts of a row, the title once more, with the language of the commitment marked.
    """
    reach = reach_of(user, Permission.LEAD_MEETINGS)
    if not reach:
        return []
    rows: list[tuple[str, str, str, str, str]] = []
    for row in own_commitments(reach).due_by(today + SOON).with_places()[:SHOWN]:
        is_overdue = row.is_overdue_on(today)
        sentence = (
            _("Commitment overdue: %(text)s") if is_overdue else _("Commitment due soon: %(text)s")
        )
        title = sentence % {"text": row.text}
        marked = filled(sentence, {"text": in_language(row.text, row.language)})
        due = {"place": row.municipality, "day": day(row.due_on)}
        reason, url = _("%(place)s, due by %(day)s") % due, row.get_absolute_url()
        rows.append((title, reason, url, _("Report what became of it"), marked))
    return rows


def shown_commitments(user: Any) -> Any:
    """Return the open commitments of the partnerships for which the person acts."""
    rows = Commitment.objects.visible_to(user).open().with_places()
    reach = reach_of(user, Permission.READ_WORKSPACE)
    if reach is None:
        return rows
    members = TandemMember.objects.acting().filter(
        tandem=OuterRef("tandem"), municipality__in=reach
    )
    return rows.filter(Exists(members))


def shown_meetings(user: Any) -> Any:
    """Return the coming meetings that the person reads from within; other staff sees public ones.

    ``has_page`` tells whether there is a public page.
    """
    rows = Meeting.objects.visible_to(user).for_lists().coming_on(timezone.localdate())
    if reach_of(user, Permission.READ_WORKSPACE) != set() or not user.is_staff:
        rows = rows.from_within_for(user).with_progress()
    return with_pages(rows)[:SHOWN]


def visits_of(user: Any) -> dict[str, list[Any]]:
    """Return the topics and meetings of other partnerships into which the own city was let."""
    return {
        "topics": list(topics_open_to(user)[:SHOWN]),
        "meetings": list(meetings_open_to(user)[:SHOWN]),
    }
