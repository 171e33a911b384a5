"""What waits for those who prepare a selection: gaps, overdue reviews, open checks."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission
from calls.enums import CallState
from calls.models import Application, Call
from calls.queries import Assigned, assignment_for

#: Title, reason, address and words of the link, as a task of the dashboard holds them.
Row = tuple[str, str, str, str]


def procedure_tasks(user: Any) -> list[Row]:
    """Return the ways to the applications of calls that run, and what their selection lacks.

    What a conflict of interest closes to the person is in no number.
    """
    if not user.has_perm(Permission.PREPARE_SELECTION):
        return []
    running = Call.objects.filter(state__in=[CallState.OPEN, CallState.IN_REVIEW])
    rows: list[Row] = []
    for call in running.select_related("procedure").order_by("-pk"):
        url = f"{reverse('admin:calls_application_changelist')}?call={call.slug}"
        title, state = _("Applications: %(title)s") % {"title": call.title}, call.shown_state
        rows.append((title, capfirst(state), url, _("See the applications")))
        if call.state == CallState.IN_REVIEW and hasattr(call, "procedure"):
            call.procedure.call = call
            rows += review_rows(call, user)
    return rows


def review_rows(call: Call, user: Any) -> list[Row]:
    """Return what the review of one call lacks."""
    assigned = assignment_for(call, user)
    address = reverse("admin:calls_procedure_assignment", args=[call.slug])
    rows: list[Row] = []
    if number := sum(bool(case.gaps) for case in assigned.cases.values()):
        words = ngettext(
            "%(number)s application lacks reviewers",
            "%(number)s applications lack reviewers",
            number,
        )
        rows.append((words % {"number": number}, call.title, address, _("To the assignment")))
    if number := overdue_in(assigned, call):
        words = ngettext("%(number)s review is overdue", "%(number)s reviews are overdue", number)
        rows.append((words % {"number": number}, call.title, address, _("Remind the reviewers")))
    sent = Application.objects.visible_to(user).sent().filter(call=call, eligibility=None)
    if number := sent.count():
        words = ngettext(
            "%(number)s application waits for its formal check",
            "%(number)s applications wait for their formal check",
            number,
        )
        url = reverse("admin:calls_procedure_eligibility", args=[call.slug])
        rows.append((words % {"number": number}, call.title, url, _("To the formal check")))
    return rows


def overdue_in(assigned: Assigned, call: Call) -> int:
    """Return how many reviews should have been filed by now.

    Of an application that the person still has to review, what others filed is not told.
    """
    until = call.procedure.review_until
    if until is None or until > timezone.now():
        return 0
    return sum(
        reading.counts and not reading.is_filed
        for case in assigned.cases.values()
        if not case.is_blind
        for reading in case.readings
    )
