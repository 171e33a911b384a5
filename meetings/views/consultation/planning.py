"""Pages that prepare a consultation, and replace who drops out."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from calls.content import marks_of, merge
from calls.views.writing import opened_with
from meetings.actions import consultation_parts as actions
from meetings.actions.consultation_parts import SavedPreparation
from meetings.consultation_content import LABELS, marks_in, stored_in, words_of
from meetings.enums import ConsultationRole as Role, ConsultationState as State, MeetingStatus
from meetings.forms.consultation_parts import PrepareForm, ReplaceForm
from meetings.models import Consultation
from meetings.phases import candidates_for
from meetings.views.asking import frame
from meetings.views.consultation.reading import Seat, back, seat_of
from meetings.views.consultation.trying import finished
from municipalities.models import Municipality
from tandems.views.asking import form_page
from tandems.views.trying import done, typed

TEMPLATE = "meetings/consultation_form.html"


@form_page
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare the consultation; once it goes on, replace somebody who drops out."""
    seat = seat_of(request, pk)
    consultation = seat.consultation
    if consultation is not None and consultation.state != State.PREPARED:
        return replace(request, seat, consultation)
    if not seat.may_prepare:
        raise PermissionDenied
    if seat.access.meeting.status == MeetingStatus.CANCELLED:
        messages.warning(request, _("This meeting was cancelled."))
        return back(pk)
    form = PrepareForm(
        typed(request),
        cities=cities_for(seat),
        candidates=candidates_for(seat.access.meeting),
        consultation=consultation,
        hides_title=hides_title(request, seat),
    )
    # A form that was given back after signing in again brings along what it was opened with.
    opened = opened_with(request)
    marks = opened or marks_in(consultation)
    conflicts = lost = lost_title(request, form)

    def act() -> SavedPreparation:
        if lost and consultation is not None:
            found = merge(stored_in(consultation), form.content().plain, opened)[1]
            return SavedPreparation(consultation, found)
        return actions.prepare_consultation(
            meeting=seat.access.meeting, content=form.content(), opened=opened, by=request.user
        )

    if request.method == "POST" and (saved := done(form, act)):
        conflicts = [*lost, *conflicts_of(request, form, saved)]
        if not conflicts:
            told = _("Saved. Whoever has a new part is told by e-mail. The facilitator begins.")
            messages.success(request, told)
            return back(pk)
        marks |= marks_of(saved.conflicts)
    lead = _(
        "A peer consultation has six phases. One person gives a case from their own city, the "
        "others advise. Only those who have a part read what is said."
    )
    shown = {"marks": json.dumps(marks), "conflicts": conflicts, "button": _("Save")}
    heading = _("Prepare the consultation")
    answer = form_answer(request, seat, form, heading=heading, lead=lead, **shown)
    answer.status_code = 409 if conflicts else 200
    return answer


def conflicts_of(
    request: HttpRequest, form: PrepareForm, saved: SavedPreparation
) -> list[dict[str, str]]:
    """Return both values of what two people settled differently."""
    members = saved.consultation.members.select_related("user")
    people = {row.user_id: str(row.user) for row in members}
    people |= {key: one.label for key, one in form.candidates.items()}
    mine = form.content().plain
    found = {
        name: {
            "label": str(LABELS[name]),
            "mine": words_of(name, mine[name], people),
            "theirs": words_of(name, theirs, people),
        }
        for name, theirs in saved.conflicts.items()
    }
    # Saved in the very moment between opening this page and saving it: read the rights again.
    if "title" in found and hides_title(request, seat_of(request, saved.consultation.meeting_id)):
        found["title"]["theirs"] = named_by_others()
        del form.fields["title"]
    return list(found.values())


def lost_title(request: HttpRequest, form: PrepareForm) -> list[dict[str, str]]:
    """Return as a conflict what somebody typed as the case and may not change any more.

    Somebody else has prepared the consultation meanwhile, and only those with a part read the case.
    """
    typed_one = " ".join(request.POST.get("title", "").split())
    if "title" in form.fields or not typed_one:
        return []
    return [{"label": str(LABELS["title"]), "mine": typed_one, "theirs": named_by_others()}]


def named_by_others() -> str:
    """Return what stands instead of a case that the person does not read."""
    return _("Somebody else has named the case; only those who have a part read it.")


def replace(request: HttpRequest, seat: Seat, consultation: Consultation) -> HttpResponse:
    """Give the part of somebody who drops out to another person."""
    roles = actions.replaceable_roles(consultation=consultation, by=request.user)
    if not roles:
        raise PermissionDenied
    if consultation.state != State.RUNNING:
        messages.info(request, _("The consultation is over."))
        return back(seat.access.meeting.pk)
    members = consultation.members.select_related("user")
    candidates = candidates_for(seat.access.meeting)
    lead = _(
        "Whoever drops out can read no further. What the person wrote stays, and the new person "
        "reads all of it. Nobody can replace the case giver: if that person drops out, stop the "
        "consultation."
    )
    if Role.ADVISER not in roles:
        able = {row.user_id for row in members if row.role in {Role.ADVISER, Role.SCRIBE}}
        candidates = {key: one for key, one in candidates.items() if key in able}
        lead = _(
            "If the facilitator is missing, an adviser or the scribe takes over and gives up the "
            "part so far: what is said stays with those who have heard it. Others are replaced by "
            "the facilitator. Nobody can replace the case giver: if that person drops out, stop "
            "the consultation."
        )
    form = ReplaceForm(
        typed(request), members=members.filter(role__in=roles), candidates=candidates
    )

    def act() -> Any:
        return actions.replace_member(**form.found(), by=request.user)

    pk, told = seat.access.meeting.pk, _("Saved. The new person is told by e-mail.")
    if request.method == "POST" and (answer := finished(request, pk, form, act, told)):
        return answer
    heading = _("Replace somebody who drops out")
    return form_answer(request, seat, form, heading=heading, lead=lead, button=_("Replace"))


def cities_for(seat: Seat) -> Any:
    """Return the cities whose case the person may bring: those that meet, else the own ones."""
    keys = seat.access.meeting.acting_municipalities
    if not seat.access.leads:
        keys = {key for key in keys if seat.access.speaks_for(key, Permission.CONTRIBUTE)}
    return Municipality.objects.filter(pk__in=keys).by_name()


def hides_title(request: HttpRequest, seat: Seat) -> bool:
    """Tell whether the case stays hidden: it may tell what only those with a part read."""
    found = seat.consultation
    return found is not None and not seat.reads and found.prepared_by_id != request.user.pk


def form_answer(request: HttpRequest, seat: Seat, form: Any, **context: Any) -> HttpResponse:
    """Show one of the forms; ``context`` holds heading, lead and button."""
    return render(request, TEMPLATE, frame(seat.access, "consultation", form=form, **context))
