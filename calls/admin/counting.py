"""How the applications to a call come in: numbers by day, and in all."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import numbers as counted
from calls.admin.application_list import calls_for
from calls.enums import ApplicationState, Pool
from calls.models import Application, ApplicationTopic, Call, Submission
from core.models import StatusChange
from core.pages import Filters
from municipalities.enums import Country


def numbers(request: HttpRequest) -> HttpResponse:
    """Show how many applications were begun, sent and withdrawn on each day, and the totals."""
    require(request.user, Permission.READ_APPLICATIONS)
    filters = Filters(request)
    call, calls = calls_for(request, filters)
    context = {
        **admin.site.each_context(request),
        "title": _("Numbers"),
        "call": call,
        "calls": calls,
        "filters": filters,
        **(figures_of(call, request.user) if call else {}),
    }
    return render(request, "admin/calls/application_numbers.html", context)


def figures_of(call: Call, user: Any) -> dict[str, Any]:
    """Return all figures of the applications to a call that this person may read."""
    visible = Application.objects.visible_to(user).filter(call=call)
    rows = list(visible.order_by().values_list("place_country", "state", "begun_at"))
    pools = {code: Application(place_country=code).pool for code, _state, _at in rows}
    names = {code: str(Country(code).label) for code in pools}
    countries = counted.by_country(((code, state) for code, state, _at in rows), names)
    places = {Pool.GERMAN: call.places_german, Pool.EUROPEAN: call.places_european}
    return {
        "total": len(rows),
        "states": counted.by_state(state for _code, state, _at in rows),
        "pools": [
            (Pool(share.key).label, share, places[Pool(share.key)])
            for share in counted.by_pool((pools[code], state) for code, state, _at in rows)
        ],
        "countries": [(names[share.key], share) for share in countries],
        "topics": topics_of(call, visible),
        **days_of(call, visible, [begun_at for _code, _state, begun_at in rows]),
    }


def days_of(call: Call, visible: Any, begun: list[dt.datetime]) -> dict[str, Any]:
    """Return the numbers by day, on the clock of the call, from its opening until today."""
    zone = zoneinfo.ZoneInfo(call.time_zone or timezone.get_default_timezone_name())
    first_sent = Submission.objects.filter(application__in=visible, number=1)
    withdrawn = StatusChange.objects.filter(
        content_type__app_label="calls",
        content_type__model="application",
        object_id__in=visible.order_by().values("pk"),
        field="state",
        new=ApplicationState.WITHDRAWN,
    )
    kinds = [
        (_("Begun"), begun),
        (_("Sent for the first time"), list(first_sent.values_list("sent_at", flat=True))),
        (_("Withdrawn"), list(withdrawn.values_list("changed_at", flat=True))),
    ]
    ends = [moment for moment in (call.closes_at, timezone.now()) if moment]
    days = counted.days_between(
        [moment for _label, moments in kinds for moment in moments],
        zone,
        call.opens_at.astimezone(zone).date() if call.opens_at else None,
        min(ends).astimezone(zone).date() if call.opens_at and call.opens_at <= min(ends) else None,
    )
    series = [(label, counted.series_of(moments, zone, days)) for label, moments in kinds]
    return {
        "zone": str(zone),
        "days": days,
        "charts": [
            (label, one, counted.drawing_of(one.per_day), counted.drawing_of(one.in_all))
            for label, one in series
        ],
        "eventful": counted.eventful_days(days, [one for _label, one in series]),
    }


def topics_of(call: Call, visible: Any) -> list[tuple[str, counted.TopicShare]]:
    """Return the topics of the call with how many give and seek on them; withdrawn do not count."""
    named = ApplicationTopic.objects.exclude(level=None).filter(application__in=visible.living())
    rows = named.order_by().values_list("topic__key", "side").annotate(number=Count("pk"))
    names = {topic.key: topic.name for topic in call.topics.all().by_name()}
    return [(names[share.key], share) for share in counted.by_topic(names, rows)]
