"""The pages that say where a meeting stands, and that take back what was said by mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from meetings.actions.meeting import (
    MISSING,
    announce_meeting,
    bars_to_holding,
    bars_to_reopening,
    bars_to_withdrawing,
    hold_meeting,
    reopen_meeting,
    revive_meeting,
    withdraw_announcement,
)
from meetings.actions.poll import call_off_meeting
from meetings.enums import COMING, MeetingStatus
from meetings.forms.standing import CancelForm, StandingForm
from meetings.models import Meeting
from meetings.preparation import lacks
from meetings.queries import has_page
from meetings.telling import partnerships_of
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import form_page
from tandems.views.trying import done, typed


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a meeting takes: from and to which statuses, its action, form and words."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    action: Callable[..., Meeting]
    form: Any
    heading: Any
    lead: Any
    told: Any
    already: Any


ANNOUNCE = Step(
    (MeetingStatus.PLANNED,),
    (MeetingStatus.ANNOUNCED,),
    announce_meeting,
    StandingForm,
    gettext_lazy("Announce the meeting"),
    gettext_lazy(
        "Everybody can then read title, description, date, place and address, how to get there, "
        "agenda and participating municipalities on the public pages and in the calendar. The "
        "link for taking part remotely, the questions and the people stay internal."
    ),
    gettext_lazy("The meeting is announced and now public."),
    gettext_lazy("The meeting is announced already."),
)
WITHDRAW = Step(
    (MeetingStatus.ANNOUNCED,),
    (MeetingStatus.PLANNED,),
    withdraw_announcement,
    StandingForm,
    gettext_lazy("Withdraw the announcement"),
    gettext_lazy(
        "The public page and the entry in the public calendar go within a minute; calendars that "
        "subscribe follow by themselves. The meeting stays planned, and invitations and answers "
        "stay as they are. You can announce it again."
    ),
    gettext_lazy("The announcement is withdrawn. The meeting is internal again."),
    gettext_lazy("The meeting is not announced."),
)
HOLD = Step(
    COMING,
    (MeetingStatus.HELD,),
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
REOPEN = Step(
    (MeetingStatus.HELD,),
    COMING,
    reopen_meeting,
    StandingForm,
    gettext_lazy("Take back that the meeting took place"),
    gettext_lazy(
        "Do this where it was noted by mistake. The meeting is then again what it was before, and "
        "you can move or cancel it."
    ),
    gettext_lazy("Taken back: it is no longer noted that the meeting took place."),
    gettext_lazy("It is not noted that the meeting took place."),
)
CANCEL = Step(
    COMING,
    (MeetingStatus.CANCELLED,),
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
REVIVE = Step(
    (MeetingStatus.CANCELLED,),
    COMING,
    revive_meeting,
    StandingForm,
    gettext_lazy("The meeting takes place after all"),
    gettext_lazy(
        "Everybody who has an invitation is told at once. Who was only asked for dates hears of it "
        "as soon as you propose dates or invite."
    ),
    gettext_lazy("The meeting takes place after all."),
    gettext_lazy("The meeting is not cancelled."),
)


@form_page
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a meeting public."""
    return take(request, pk, ANNOUNCE)


@form_page
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an announced meeting internal again."""
    return take(request, pk, WITHDRAW)


@form_page
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a meeting took place."""
    return take(request, pk, HOLD)


@form_page
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a meeting took place."""
    return take(request, pk, REOPEN)


@form_page
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a meeting and say why."""
    return take(request, pk, CANCEL)


@form_page
def revive(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a cancelled meeting takes place after all."""
    return take(request, pk, REVIVE)


def take(request: HttpRequest, pk: int, step: Step) -> HttpResponse:
    """Show what a step means, and take it; the second of two presses is told that it is done."""
    access = meeting_of(request, pk, lead=True)
    meeting = access.meeting
    if meeting.status in step.after:
        messages.info(request, step.already)
        return redirect("meeting:home", pk=pk)
    if meeting.status not in step.before:
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
    missing = missing_for(request, step, meeting)
    context = frame(access, "home", form=form, step=step, missing=missing)
    context |= {"announces": step is ANNOUNCE, "is_hidden": is_hidden(meeting)}
    context |= {"may_edit": step is not WITHDRAW and step is not REOPEN}
    context["reach"] = reach_after(meeting) if step is REVIVE else ""
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


def reach_after(meeting: Meeting) -> str:
    """Return in words who reads a meeting that takes place after all."""
    if not meeting.is_public:
        return _("The meeting is internal, and stays so.")
    if lacks(meeting):
        return _(
            "It was announced, but lacks something that an announcement needs. It is internal "
            "until you have added that to the plan and announced it again."
        )
    return _("It was announced before, and is announced again.")


def missing_for(request: HttpRequest, step: Step, meeting: Meeting) -> list[Any]:
    """Return in words why a step cannot be taken yet, or any more."""
    by = request.user
    if step is ANNOUNCE:
        return [MISSING[what] for what in lacks(meeting)]
    if step is WITHDRAW:
        return bars_to_withdrawing(meeting=meeting, by=by)
    if step is HOLD:
        return bars_to_holding(meeting=meeting, by=by)
    if step is REOPEN:
        return bars_to_reopening(meeting=meeting, by=by)
    return []
