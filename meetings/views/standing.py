"""The pages that say where a meeting stands: announced, held, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from meetings.actions.meeting import MISSING, announce_meeting, hold_meeting
from meetings.actions.poll import call_off_meeting
from meetings.enums import TRANSITIONS, MeetingStatus
from meetings.forms.standing import CancelForm, StandingForm
from meetings.models import Meeting
from meetings.preparation import lacks
from meetings.queries import has_page
from meetings.telling import partnerships_of
from meetings.times import today_in
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import form_page
from tandems.views.trying import done, typed


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a meeting takes: the status after it, its action, its form and its words."""

    status: str
    action: Callable[..., Meeting]
    form: Any
    heading: Any
    lead: Any
    told: Any
    already: Any


ANNOUNCE = Step(
    MeetingStatus.ANNOUNCED,
    announce_meeting,
    StandingForm,
    gettext_lazy("Announce the meeting"),
    gettext_lazy(
        "Everybody can then read title, date, place, agenda and participating municipalities on "
        "the public pages and in the calendar. The link for taking part remotely, the questions "
        "and the people stay internal."
    ),
    gettext_lazy("The meeting is announced and now public."),
    gettext_lazy("The meeting is announced already."),
)
HOLD = Step(
    MeetingStatus.HELD,
    hold_meeting,
    StandingForm,
    gettext_lazy("Note that the meeting took place"),
    gettext_lazy(
        "Next come the minutes and the commitments: every exchange ends in something that "
        "somebody will do. A meeting that was never announced stays internal."
    ),
    gettext_lazy("Noted: the meeting took place. Now write the minutes and the commitments."),
    gettext_lazy("It is noted already that the meeting took place."),
)
CANCEL = Step(
    MeetingStatus.CANCELLED,
    call_off_meeting,
    CancelForm,
    gettext_lazy("Cancel the meeting"),
    gettext_lazy(
        "Everybody who was invited is told at once, with your reason. The meeting stays visible "
        "here as cancelled."
    ),
    gettext_lazy("The meeting is cancelled."),
    gettext_lazy("The meeting is cancelled already."),
)


@form_page
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a meeting public."""
    return take(request, pk, ANNOUNCE)


@form_page
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a meeting took place."""
    return take(request, pk, HOLD)


@form_page
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a meeting and say why."""
    return take(request, pk, CANCEL)


def take(request: HttpRequest, pk: int, step: Step) -> HttpResponse:
    """Show what a step means, and take it; the second of two presses is told that it is done."""
    access = meeting_of(request, pk, lead=True)
    meeting = access.meeting
    if meeting.status == step.status:
        messages.info(request, step.already)
        return redirect("meeting:home", pk=pk)
    if step.status not in TRANSITIONS[meeting.status]:
        refusal = _("This step is not possible: the current state is “%(old)s”.")
        messages.warning(request, refusal % {"old": meeting.get_status_display()})
        return redirect("meeting:home", pk=pk)
    form = step.form(typed(request))

    def act() -> str:
        try:
            changed = step.action(meeting=meeting, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            if getattr(error, "code", "") != "already":
                raise
            return str(step.already)
        return told_of(step, changed)

    if request.method == "POST" and (told := done(form, act)):
        messages.success(request, told)
        return redirect("meeting:home", pk=pk)
    context = frame(access, "home", form=form, step=step, missing=missing_for(step, meeting))
    context["is_hidden"] = is_hidden(meeting)
    return render(request, "meetings/status.html", context)


def told_of(step: Step, meeting: Meeting) -> str:
    """Return what is said after a step: also of a meeting that is announced and not public yet."""
    if step is ANNOUNCE and not has_page(meeting):
        return _(
            "The meeting is announced. It becomes public as soon as every partnership that meets "
            "is public."
        )
    return str(step.told)


def is_hidden(meeting: Meeting) -> bool:
    """Tell whether a partnership that meets is not public yet: neither is the meeting then."""
    own = [meeting.tandem] if meeting.tandem else []
    return any(not tandem.is_public for tandem in [*own, *partnerships_of(meeting)])


def missing_for(step: Step, meeting: Meeting) -> list[Any]:
    """Return in words why a step cannot be taken yet."""
    if step is ANNOUNCE:
        return [MISSING[what] for what in lacks(meeting)]
    if step is HOLD and meeting.earliest is None:
        return [_("Enter first when it took place.")]
    if step is HOLD and meeting.earliest and meeting.earliest > today_in(meeting.time_zone):
        return [_("This is possible from the first day of the meeting.")]
    return []
