"""Public pages of the calls for participation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from calls.enums import CallSection
from calls.models import Call
from core.pages import public_page


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
    sections = [
        {"heading": section.label, "facts": [fact for fact in facts if fact.section == section]}
        for section in CallSection
    ]
    context = {
        "call": call,
        "sections": sections,
        "milestones": call.milestones.all(),
        # The partnerships live above this app; they hang on the object.
        "tandems": call.tandems.visible_to(None).with_members().in_order()[:50],
    }
    return render(request, "calls/detail.html", context)
