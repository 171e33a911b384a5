"""The ways between the pages of one procedure, in the order in which the work is done."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.permissions import Permission
from calls.models import Call

#: Name of a page → its label, and its address in the administration.
PARTS = {
    "detail": (gettext_lazy("Rules"), "calls_procedure_detail"),
    "assignment": (gettext_lazy("Assignment"), "calls_procedure_assignment"),
    "eligibility": (gettext_lazy("Eligibility"), "calls_procedure_eligibility"),
    "standing": (gettext_lazy("Standing"), "calls_procedure_standing"),
    "lists": (gettext_lazy("Trial lists"), "calls_selectionlist_lists"),
    "session": (gettext_lazy("Session"), "calls_selectionlist_session"),
    "letters": (gettext_lazy("Letters"), "calls_letter_letters"),
    "release": (gettext_lazy("Release"), "calls_letter_release"),
    "offers": (gettext_lazy("Offered places"), "calls_letter_offers"),
    "matching": (gettext_lazy("Matching"), "calls_pairing_matching"),
}
#: Pages that only who decides may open.
DECIDING = {"release"}


class Way(NamedTuple):
    """A page of the procedure: its label and address, and whether one is there."""

    label: str
    url: str
    is_here: bool


def ways_of(call: Call, here: str, user: Any) -> list[Way]:
    """Return the ways between the pages that ``user`` may open; ``here`` is one of :data:`PARTS`.

    The list of applications is the last.
    """
    decides = user.has_perm(Permission.DECIDE_SELECTION)
    ways = [
        Way(str(label), reverse(f"admin:{name}", args=[call.slug]), part == here)
        for part, (label, name) in PARTS.items()
        if decides or part not in DECIDING
    ]
    url = f"{reverse('admin:calls_application_changelist')}?call={call.slug}"
    return [*ways, Way(str(gettext_lazy("Applications")), url, False)]
