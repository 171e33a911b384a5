"""What the history of a partnership says of each kind of change."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: Field, or nothing for every other one → what the actions write there → what happened.
HAPPENED: dict[str, dict[str, Any]] = {
    "membership": {
        "member": _("joined"),
        "guest": _("takes part as a guest"),
        "left": _("leaves the partnership"),
    },
    "guest": {
        "let in": _("guest added"),
        "ended": _("guest access ended"),
    },
    "left_on": {"resumed": _("stays after all")},
    "left_reason": {"changed": _("reason for leaving changed")},
    "sources": {"changed": _("sources added")},
    "confirmation": {"ended": _("confirmation no longer counts")},
    "questions": {
        "added": _("guiding questions asked"),
        "changed": _("guiding questions changed"),
        "removed": _("guiding questions withdrawn"),
    },
    "agenda": {
        "added": _("agenda: item added"),
        "changed": _("agenda: item changed"),
        "removed": _("agenda: item removed"),
    },
    "plan": {"changed": _("plan changed")},
    "is_public": {
        "public": _("public from now on"),
        "internal": _("internal again"),
    },
    "text": {
        "changed": _("entry changed"),
        "removed": _("entry removed"),
    },
    "poll": {
        "opened": _("date poll opened"),
        "changed": _("proposed dates changed"),
        "fixed": _("date fixed by the poll"),
        "closed": _("date poll ended"),
    },
    "invitation": {
        "sent": _("invitations sent"),
        "removed": _("an invitation was withdrawn"),
        "lost access": _("an invitation was withdrawn, because access has ended"),
    },
    "attendance": {"recorded": _("attendance recorded")},
    "public part": {"released": _("public part released")},
    "agree_by": {"passed": _("the day to agree has passed, and not every city has agreed")},
    "correction": {"given up": _("correction given up")},
    "answer": {
        "unasked": _("could not be asked what became of the exchange"),
        "asked": _("asked what became of the exchange"),
        "answered": _("answered"),
        "corrected": _("answer corrected"),
        "silent": _("no answer"),
    },
    "": {
        "added": _("added"),
        "changed": _("changed"),
        "ended": _("ended"),
        "resumed": _("taken up again"),
        "removed": _("removed"),
        "let in": _("let in"),
    },
}
#: Field → what is told of its new value.
TOLD = {
    "confirmation": _("confirmed by %(new)s"),
    "agreement": _("both cities agreed on %(new)s"),
    "date": _("new date"),
    # Its name is not told: it may still be planned.
    "successor": _("a new partnership has grown out of this one"),
    "name": _("is now called: %(new)s"),
}
#: Field → what is told where a value took the place of another.
MOVED = {
    "visibility": _("access now: %(new)s (before: %(old)s)"),
    "kind": _("is now: %(new)s"),
    "due_on": _("moved from %(old)s to %(new)s"),
    "agree_by": _("day to agree moved from %(old)s to %(new)s"),
    "left_on": _("last day moved from %(old)s to %(new)s"),
    "left_precision": _("last day now known as: %(new)s"),
    "guest": _("guest, last day: %(new)s"),
}
#: Fields whose new value is a day.
OF_DAYS = ("due_on", "agree_by", "left_on", "guest", "agreement")
SIDES = ("old", "new")
