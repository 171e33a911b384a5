"""Public pages of the calls for participation."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from calls.enums import CallSection, QuestionKind
from calls.forms import STEP_FORMS
from calls.models import MOST_FILES, Application, Call
from calls.price import MOST_PER_HOUR, MOST_PER_TRIP, whole_number
from calls.queries.outcome import public_outcome
from calls.views.asking import steps_of
from core.pages import public_page
from municipalities.enums import Country


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """List the calls, the latest first."""
    calls = Call.objects.visible_to(None).newest_first()
    return render(request, "calls/index.html", {"calls": calls})


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a call: what it asked and offered, its timetable and the partnerships it chose."""
    call = get_object_or_404(Call.objects.visible_to(None), slug=slug)
    facts = list(call.facts.all())
    per_hour = whole_number(request.GET.get("hour", ""), MOST_PER_HOUR)
    per_trip = whole_number(request.GET.get("trip", ""), MOST_PER_TRIP)
    is_asked = bool(request.GET.get("hour") or request.GET.get("trip"))
    known = call.price is not None and per_hour is not None and per_trip is not None
    sections = [
        {"heading": section.label, "facts": [fact for fact in facts if fact.section == section]}
        for section in CallSection
    ]
    context = {
        "call": call,
        "sections": sections,
        "milestones": call.milestones.all(),
        # Of a past call that was not made here, only facts are documented.
        "criteria": call.criteria.all() if call.description else [],
        "answers": call.answers.all() if call.description else [],
        "topics": call.topics.all() if call.description else [],
        "outcome": public_outcome(call),
        "price": call.price,
        "estimate": call.price.in_euros(per_hour, per_trip) if known else None,  # type: ignore[union-attr,arg-type]
        "is_estimate_wrong": is_asked and not known,
        "hour": request.GET.get("hour", "")[:10],
        "trip": request.GET.get("trip", "")[:10],
        # The partnerships live above this app; they hang on the object.
        "tandems": call.tandems.visible_to(None).with_members().in_order()[:50],
    }
    return render(request, "calls/detail.html", context)


@public_page
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything that an application asks, before anybody needs an account."""
    call = get_object_or_404(Call.objects.visible_to(None), slug=slug)
    if not call.description:
        # Of a call that was not made here, only facts are documented.
        raise Http404
    blank = Application(call=call, place_country=Country.DE)
    steps = [
        (step, STEP_FORMS[step](application=blank) if step in STEP_FORMS else None)
        for step in steps_of(blank)
    ]
    context = {
        "call": call,
        "steps": steps,
        "topics": call.topics.all(),
        "files": [row for row in call.questions.all() if row.kind == QuestionKind.FILE],
        "most": MOST_FILES,
        "largest": settings.UPLOAD_MAX_MEGABYTES,
    }
    return render(request, "calls/form.html", context)
