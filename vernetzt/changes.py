"""What happened lately to what a person may see: one list out of the history of states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from accounts.enums import CITY_ROLES
from accounts.models import Invitation, RoleAssignment
from accounts.permissions import Permission, reach_of
from core.models import StatusChange, labels_of
from meetings.enums import MeetingStatus
from meetings.models import Commitment, Meeting
from meetings.queries import with_pages
from tandems.history import what_happened
from tandems.models import ProfileVersion, Tandem, TandemMember

#: Changes shown; the newest ones.
SHOWN = 8

#: State of a role or invitation → what happened.
HAPPENED = {
    "held": _("role given"),
    "ended": _("role ended"),
    "handed over": _("contact role handed over"),
    "moved up": _("deputy became contact person"),
    "open": _("invited"),
    "accepted": _("invitation accepted"),
    "withdrawn": _("invitation withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened: when, what, to what, by whom, and where to read more."""

    at: dt.datetime
    what: str
    subject: str
    by: str
    url: str
    #: Of the subject; empty where it is the reader's, or nobody knows it.
    language: str = ""


#: Rows, which of their changes are told, and what tells one.
Source = tuple[models.QuerySet[Any, Any], Q, Callable[[StatusChange, Any], Change]]
ALL = Q()
#: What everybody may know of a meeting: that it was announced, held or cancelled.
PUBLIC_CHANGES = Q(field="status") & ~Q(new=MeetingStatus.PLANNED)


def changes_for(user: Any, since: dt.datetime) -> list[Change]:
    """Return the newest changes since a moment that ``user`` may see and did not make."""
    found: list[Change] = []
    for rows, which, told in sources_for(user):
        model = rows.model
        changes = StatusChange.objects.filter(
            content_type=ContentType.objects.get_for_model(model),
            changed_at__gt=since,
            object_id__in=rows.order_by().values("pk"),
        ).filter(which)
        changes = changes.exclude(changed_by=user)
        newest = list(changes.select_related("changed_by")[:SHOWN])
        if newest:
            subjects = rows.in_bulk([change.object_id for change in newest])
            found.extend(told(change, subjects[change.object_id]) for change in newest)
    return sorted(found, key=lambda change: change.at, reverse=True)[:SHOWN]


def sources_for(user: Any) -> list[Source]:
    """Return what ``user`` may see: rows, which of their changes, and what tells a change.

    Who has no way into the internal areas, and looks after them all the same (observers and
    reviewers), is told what becomes of public meetings, and by nobody's name.
    """
    reach = reach_of(user, Permission.READ_WORKSPACE)
    tandems = Tandem.objects.with_workspace_for(user)
    meetings = with_pages(Meeting.objects.visible_to(user).select_related("tandem"))
    sources: list[Source] = []
    if reach is not None:
        # To a city that has left, nothing new is told.
        acting = TandemMember.objects.acting().filter(municipality__in=reach)
        tandems = tandems.filter(pk__in=acting.values("tandem"))
        meetings = meetings.filter(tandem__in=tandems.values("pk"))
        if user.is_staff:
            others = Meeting.objects.visible_to(None).exclude(tandem__in=tandems.values("pk"))
            others = with_pages(others.select_related("tandem"))
            sources.append((others, PUBLIC_CHANGES, of_public_meeting))
    sources += [
        (tandems, ALL, of_record),
        (meetings, ALL, of_record),
        (
            Commitment.objects.visible_to(user)
            .filter(tandem__in=tandems.values("pk"))
            .select_related("tandem"),
            ALL,
            of_commitment,
        ),
        (
            ProfileVersion.objects.filter(tandem__in=tandems.values("pk"))
            .select_related("tandem")
            .prefetch_related("tandem__members__municipality"),
            ALL,
            of_profile,
        ),
    ]
    if user.has_perm(Permission.READ_PEOPLE) or user.role_names & CITY_ROLES:
        places = ("municipality", "organisation")
        roles = RoleAssignment.objects.visible_to(user).select_related("user", *places)
        invitations = Invitation.objects.visible_to(user).select_related(*places)
        sources += [(roles, ALL, of_role), (invitations, ALL, of_role)]
    return sources


def of_record(change: StatusChange, subject: Any) -> Change:
    """Tell the change of a partnership or a meeting, with its page."""
    tandem = subject if isinstance(subject, Tandem) else subject.tandem
    url = subject.get_absolute_url()
    if isinstance(subject, Meeting) and not getattr(subject, "has_page", False):
        url = subject.internal_url
    return Change(
        change.changed_at,
        capfirst(what_happened(change, subject, tandem)),
        str(subject),
        str(change.changed_by or ""),
        url,
    )


def of_public_meeting(change: StatusChange, subject: Any) -> Change:
    """Tell what became of a public meeting, without who said so."""
    return replace(of_record(change, subject), by="")


def of_profile(change: StatusChange, subject: Any) -> Change:
    """Tell the change of a profile, with its page in the internal area."""
    return Change(
        change.changed_at,
        gettext("Profile: %(state)s") % {"state": what_happened(change, subject, subject.tandem)},
        str(subject.tandem),
        str(change.changed_by or ""),
        reverse("workspace:profile", args=[subject.tandem.slug]),
    )


def of_commitment(change: StatusChange, subject: Any) -> Change:
    """Tell what became of a commitment."""
    if change.field == "due_on":
        what = gettext("Commitment moved")
    elif change.old == "":
        what = gettext("New commitment")
    else:
        labels = labels_of(subject._meta.get_field(change.field))
        state = {"state": labels.get(change.new, change.new)}
        what = gettext("Commitment: %(state)s") % state
    by = str(change.changed_by or "")
    return Change(
        change.changed_at, what, str(subject), by, subject.get_absolute_url(), subject.language
    )


def of_role(change: StatusChange, subject: Any) -> Change:
    """Tell the change of a role or an invitation."""
    whom = subject.email if isinstance(subject, Invitation) else subject.user
    return Change(
        change.changed_at,
        capfirst(str(HAPPENED.get(change.new, change.new))),
        f"{whom}, {subject.get_role_display()}, {subject.place}",
        str(change.changed_by or ""),
        "",
    )
