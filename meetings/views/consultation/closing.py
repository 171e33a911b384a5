"""Pages with which the case giver closes a consultation, and releases one sentence."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.pages import LANGUAGES
from meetings.actions import consultation_outcome as actions
from meetings.enums import (
    ConsultationRole as Role,
    ConsultationState as State,
    MeetingScope,
    MeetingStatus,
    Phase,
)
from meetings.forms.consultation import CloseForm, ReleaseForm
from meetings.models import Consultation
from meetings.telling import partnerships_of
from meetings.views.asking import frame
from meetings.views.consultation.reading import Seat, back, prepared, seat_of
from meetings.views.consultation.trying import finished
from meetings.views.consultation.withdrawing import take_back
from tandems.enums import TandemStatus
from tandems.models import TandemMember
from tandems.views.asking import form_page
from tandems.views.trying import typed


@form_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was valuable, and what the first step will be."""
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.has_role(Role.CASE_GIVER):
        raise PermissionDenied
    if told := not_now(consultation):
        messages.info(request, told)
        return back(pk)
    form = CloseForm(typed(request), members=members_for(consultation))

    def act() -> Any:
        return actions.close_consultation(
            meeting=consultation.meeting, **form.cleaned_data, by=request.user
        )

    told = _("The consultation is closed. Thank you for the case.")
    if request.method == "POST" and (answer := finished(request, pk, form, act, told)):
        return answer
    context = frame(
        seat.access,
        "consultation",
        form=form,
        heading=_("Close the consultation"),
        lead=_("You have the last word. Nobody comments on it."),
        button=_("Close it"),
    )
    return render(request, "meetings/consultation_form.html", context)


def not_now(consultation: Consultation) -> str:
    """Return why a consultation cannot be closed now; nothing where it can."""
    if consultation.state == State.CLOSED:
        return _("The consultation has been closed already.")
    if consultation.state == State.STOPPED:
        return _("The consultation has been stopped.")
    if consultation.meeting.status == MeetingStatus.CANCELLED:
        return _("This meeting was cancelled.")
    if consultation.phase != Phase.CLOSE:
        return _("The last phase has not begun yet.")
    return ""


def members_for(consultation: Consultation) -> list[TandemMember]:
    """Return as what the city of the case can commit itself: its place in who meets."""
    rows = TandemMember.objects.acting().filter(municipality=consultation.case_city)
    meeting = consultation.meeting
    if meeting.scope == MeetingScope.PROGRAMME:
        rows = rows.exclude(tandem__status=TandemStatus.PLANNED)
    else:
        rows = rows.filter(tandem__in=[tandem.pk for tandem in partnerships_of(meeting)])
    return list(rows.select_related("tandem").order_by("tandem__number", "pk"))


@form_page
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release one sentence, after seeing what visitors will see; or withdraw it."""
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.is_case_giver:
        raise PermissionDenied
    if consultation.state != State.CLOSED:
        messages.info(request, _("A sentence is released when the consultation is over."))
        return back(pk)
    step = request.POST.get("step", "")
    if request.method == "POST" and step == "withdraw":
        take_back(request, consultation.meeting)
        return back(pk)
    stored = {
        f"sentence_{code}": getattr(consultation, f"released_sentence_{code}") or ""
        for code in LANGUAGES
    }
    form = ReleaseForm(typed(request), initial=stored)

    def act() -> Any:
        return actions.release_sentence(
            meeting=consultation.meeting, **form.cleaned_data, by=request.user
        )

    told = _("The sentence is released. You can withdraw it at any time.")
    is_sent = request.method == "POST" and step == "release"
    if is_sent and (answer := finished(request, pk, form, act, told)):
        return answer
    return release_answer(request, seat, consultation, form)


def release_answer(
    request: HttpRequest, seat: Seat, consultation: Consultation, form: ReleaseForm
) -> HttpResponse:
    """Show the form, and what visitors will see of what was typed."""
    shows = form.is_bound and form.is_valid()
    context = frame(
        seat.access,
        "consultation",
        form=form,
        consultation=consultation,
        preview=form.cleaned_data if shows else None,
        may_release=seat.takes_part,
    )
    return render(request, "meetings/consultation_release.html", context)
