"""What tests about commitments share: a partnership, a promise of it, and the page of a meeting."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from meetings.actions import make_commitment
from tests.cycle import plan_for

DAY = dt.timedelta(days=1)


def member_of(cycle, city=None):
    return cycle.tandem.members.get(municipality=city or cycle.hamm)


def promise(cycle, by="contact", **fields):
    data = {
        "member": member_of(cycle),
        "text": "Wir schicken den Leitfaden.",
        "language": "de",
        "due_on": timezone.localdate() + 30 * DAY,
    }
    return make_commitment(**{**data, **fields}, by=cycle.person(by))


def page_of(meeting, language="en"):
    return reverse("meeting:commitments", args=[meeting.pk]).replace("/de/", f"/{language}/", 1)


def typed(cycle, **fields):
    due = timezone.localdate() + 30 * DAY
    data = {
        "member": member_of(cycle).pk,
        "text": "We send the guide.",
        "language": "en",
        "due_on": due.isoformat(),
    }
    return {**data, **fields}


def network_meeting():
    return plan_for(None)


def joint_meeting(cycle, *others):
    meeting = plan_for(cycle.tandem, scope="several")
    meeting.partnerships.add(cycle.tandem, *others)
    return meeting
