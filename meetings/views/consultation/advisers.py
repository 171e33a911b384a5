"""Pages that let an adviser into a consultation that goes on, and take off who drops out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meetings.actions import consultation_advisers as actions
from meetings.enums import ConsultationRole as Role, ConsultationState as State
from meetings.forms.consultation_parts import AdviserForm
from meetings.models import Consultation
from meetings.phases import Candidate, candidates_for, is_open_to_new
from meetings.views.asking import frame
from meetings.views.consultation.reading import Seat, back, goes_on, prepared, seat_of
from meetings.views.consultation.trying import finished
from tandems.views.asking import form_page
from tandems.views.trying import typed

TEMPLATE = "meetings/consultation_form.html"


@form_page
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody else advise too, as long as advice is still to come or going on."""
    seat, consultation = seat_for(request, pk)
    if told := not_now(consultation) or too_late(consultation):
        messages.info(request, told)
        return back(pk)
    candidates = candidates_for(consultation.meeting)
    parts = parts_in(consultation)
    people = {key: one.label for key, one in candidates.items() if one.cities and key not in parts}
    if not people and request.method == "GET":
        messages.info(request, nobody_left())
        return back(pk)
    form = AdviserForm(
        typed(request),
        people=people,
        settled=names_of(parts, candidates, Role.ADVISER),
        help_text=_("People from the municipalities of this meeting, its guests among them."),
    )

    def act() -> Any:
        user = form.cleaned_data["user"]
        return actions.add_adviser(meeting=consultation.meeting, user=user, by=request.user)

    told = _("The adviser has been added and is told by e-mail.")
    if request.method == "POST" and (answer := finished(request, pk, form, act, told)):
        return answer
    lead = _(
        "Whoever joins reads everything that has been said so far, and all that follows: agree on "
        "it with those who have spoken already. What is said stays here, also for the new adviser. "
        "When the phase in which you advise has ended, nobody joins any more."
    )
    return page(request, seat, form, heading=_("Add an adviser"), lead=lead, button=_("Add"))


@form_page
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off an adviser who drops out and has written nothing."""
    seat, consultation = seat_for(request, pk)
    if told := not_now(consultation):
        messages.info(request, told)
        return back(pk)
    candidates = candidates_for(consultation.meeting)
    parts = parts_in(consultation)
    others = {key: one.label for key, one in candidates.items() if key not in parts}
    form = AdviserForm(
        typed(request),
        people=names_of(parts, candidates, Role.ADVISER),
        settled=others,
        help_text=_("At least one person must still advise."),
    )

    def act() -> Any:
        user = form.cleaned_data["user"]
        return actions.remove_adviser(meeting=consultation.meeting, user=user, by=request.user)

    told = _("The adviser has been removed.")
    if request.method == "POST" and (answer := finished(request, pk, form, act, told)):
        return answer
    lead = _(
        "Whoever drops out can read no further. This is for advisers who have written nothing: "
        "whoever has written something stays named, so that everybody knows whose words they are."
    )
    heading = _("Remove an adviser who drops out")
    return page(request, seat, form, heading=heading, lead=lead, button=_("Remove"))


def seat_for(request: HttpRequest, pk: int) -> tuple[Seat, Consultation]:
    """Return how the person stands before the consultation, and it; for the facilitator only."""
    seat = seat_of(request, pk)
    consultation = prepared(seat)
    if not seat.has_role(Role.FACILITATOR):
        raise PermissionDenied
    return seat, consultation


def not_now(consultation: Consultation) -> str:
    """Return why nobody joins or drops out at all now; nothing where it goes on."""
    if consultation.state == State.PREPARED:
        return _("The consultation has not begun yet: change its preparation.")
    return "" if goes_on(consultation) else _("The consultation is not running.")


def too_late(consultation: Consultation) -> str:
    """Return that the advice has ended; nothing before that."""
    if is_open_to_new(consultation):
        return ""
    return _("The phase in which you advise has ended; nobody joins any more.")


def nobody_left() -> str:
    """Return why there is nobody to choose from, and what to do about it."""
    return _(
        "Everybody from the municipalities of this meeting has a part already. Whoever leads the "
        "meeting can let in another municipality as a guest first."
    )


def parts_in(consultation: Consultation) -> dict[int, tuple[str, str]]:
    """Return by key of user who has which role, with the name."""
    rows = consultation.members.select_related("user")
    return {row.user_id: (row.role, str(row.user)) for row in rows}


def names_of(
    parts: dict[int, tuple[str, str]], candidates: dict[int, Candidate], role: str
) -> dict[int, str]:
    """Return those who have a role, by key: with their place, unless they have left since."""
    return {
        key: candidates[key].label if key in candidates else name
        for key, (held, name) in parts.items()
        if held == role
    }


def page(request: HttpRequest, seat: Seat, form: AdviserForm, **context: Any) -> HttpResponse:
    """Show one of the forms; ``context`` holds heading, lead and button."""
    return render(request, TEMPLATE, frame(seat.access, "consultation", form=form, **context))
