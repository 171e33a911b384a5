"""The pages on which an application is written, step by step."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _, ngettext

from calls import actions
from calls.checklist import check
from calls.content import marks_of, values_of
from calls.enums import Step
from calls.forms import STEP_FORMS, StepForm
from calls.models import Application, Pairing, officers_of
from calls.views.asking import application_of, form_page, frame, opened_at, steps_of
from core.forms import add_errors


@form_page
def overview(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """Show where the application stands, who writes it and what was sent."""
    application = application_of(request, slug, key)
    context = frame(
        request,
        application,
        editors=application.editors.select_related("user"),
        officers=officers_of(application.municipality_id).select_related("user"),
        submissions=application.submissions.select_related("sent_by").order_by("-number"),
        earlier=earlier_of(application, request.user) if application.is_editable else [],
        pairing=Pairing.objects.of(application).first(),
    )
    return render(request, "calls/application.html", context)


def earlier_of(application: Application, user: Any) -> list[Application]:
    """Return applications of the same municipality to other calls that the person may edit."""
    own = Application.objects.edited_by(user).select_related("call")
    same = own.filter(place_key=application.place_key).exclude(call=application.call_id)
    return list(same.order_by("-changed_at")[:5])


@form_page
def step(request: HttpRequest, slug: str, key: uuid.UUID, step: str) -> HttpResponse:
    """Show a step of the form and save what was typed, also on the way to another step."""
    application = application_of(request, slug, key)
    if step not in steps_of(application) or step not in STEP_FORMS:
        raise Http404
    data = with_other_text(request, application, step)
    form = STEP_FORMS[step](data or request.POST or None, application=application)
    # A form that was given back after signing in again brings along what it was opened with.
    marks = opened_with(request) or marks_of(form.stored)
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST" and data is None:
        form.is_valid()
        saved = save(request, application, form)
        in_background = request.headers.get("Accept") == "application/json"
        if saved and not saved.conflicts:
            if in_background:
                return answer(form, saved.application)
            if not form.errors:
                return redirect(next_place(request, application, step))
        marks = marks_now(application, form, request)
        if saved and saved.conflicts:
            conflicts = conflicts_of(form, saved)
        if in_background:
            return JsonResponse({"saved": False, "message": problem(form, conflicts)}, status=409)
        # What was saved has changed what is missing.
        application = application_of(request, slug, key)
    context = frame(
        request,
        application,
        here=Step(step),
        form=form,
        marks=json.dumps(marks),
        conflicts=conflicts,
        previous=neighbour(application, step, -1),
        following=neighbour(application, step, 1),
        last_saved=next((row for row in application.saves.all() if row.step == step), None),
    )
    return render(request, "calls/step.html", context, status=409 if conflicts else 200)


def with_other_text(request: HttpRequest, application: Application, step: str) -> Any:
    """Return what was typed with the stored value in the field whose button was pressed.

    Nothing is saved by that; the person reads it and saves. Without that button: nothing.
    """
    name = request.POST.get("use", "")
    stored = values_of(application, step)
    if name not in stored:
        return None
    data = request.POST.copy()
    value = stored[name]
    if isinstance(value, list):
        data.setlist(name, [str(part) for part in value])
    elif value in (None, False):
        data.pop(name, None)
    else:
        data[name] = str(value)
    return data


def save(
    request: HttpRequest, application: Application, form: StepForm
) -> actions.SavedStep | None:
    """Save what can be stored of a step; what the action refuses stands above the form."""
    try:
        return actions.save_step(
            application=application,
            step=form.step,
            values=form.typed(),
            opened_with=opened_with(request),
            opened_at=opened_at(request, application),
            by=request.user,
        )
    except ValidationError as error:
        add_errors(form, error)
        return None


def opened_with(request: HttpRequest) -> dict[str, str]:
    """Return the marks of the values with which the form was opened, as the form carries them."""
    try:
        marks = json.loads(request.POST.get("marks", ""))
    except ValueError:
        return {}
    if not isinstance(marks, dict):
        return {}
    return {str(name): str(mark) for name, mark in marks.items()}


def marks_now(application: Application, form: StepForm, request: HttpRequest) -> dict[str, str]:
    """Return the marks for a form that is shown again: of what is stored by now.

    A field that could not be stored keeps the mark with which it was opened.
    """
    fresh = Application.objects.get(pk=application.pk)
    marks = marks_of(values_of(fresh, form.step))
    before = opened_with(request)
    return {
        name: before.get(name, mark) if name in form.errors else mark
        for name, mark in marks.items()
    }


def conflicts_of(form: StepForm, saved: actions.SavedStep) -> list[dict[str, Any]]:
    """Return both texts of each field that two people changed."""
    found = []
    for name, theirs in saved.conflicts.items():
        field = form[name]
        found.append(
            {
                "field": field,
                "label": field.label,
                "mine": shown(field.field, form.cleaned_data.get(name)),
                "theirs": shown(field.field, theirs),
                "by": saved.saved_by,
                "at": saved.saved_at,
            }
        )
    return found


def shown(field: Any, value: Any) -> str:
    """Return a stored value as people read it."""
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, list):
        return ", ".join(labels.get(str(part), str(part)) for part in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return labels.get(str(value), str(value or ""))


def problem(form: StepForm, conflicts: list[dict[str, Any]]) -> str:
    """Return in a sentence why a save in the background did not do everything."""
    if conflicts:
        return _("Somebody else has changed the same field. Save to compare both texts.")
    return " ".join(str(error) for error in form.non_field_errors()) or _(
        "Some entries could not be saved."
    )


def answer(form: StepForm, application: Application) -> JsonResponse:
    """Tell the script what was saved, and what is still missing in this step."""
    fresh = Application.objects.with_content().get(pk=application.pk)
    checklist = check(fresh)
    gaps = checklist.of_step(form.step)
    now = time_format(timezone.localtime(), "H:i")
    return JsonResponse(
        {
            "saved": True,
            "message": _("Saved at %(time)s") % {"time": now}
            if not form.errors
            else _("Some entries could not be saved."),
            "marks": json.dumps(marks_of(values_of(fresh, form.step))),
            "completeness": checklist.completeness,
            "completeness_words": _("%(part)s %% of what is required")
            % {"part": checklist.completeness},
            "gaps": len(gaps),
            "gaps_words": ngettext("%(number)s open", "%(number)s open", len(gaps))
            % {"number": len(gaps)}
            if gaps
            else _("complete"),
        }
    )


def next_place(request: HttpRequest, application: Application, step: str) -> str:
    """Return where the pressed button leads: a step, a field of one, or the next step."""
    target, _colon, field = request.POST.get("go", "").partition(":")
    address = [application.call.slug, application.key]
    if target == "stay":
        messages.success(request, _("Saved."))
        target = step
    if target == "overview":
        return application.get_absolute_url()
    if target == "send":
        return reverse("calls:send", args=address)
    if target not in steps_of(application):
        target, field = neighbour(application, step, 1) or "", ""
    if not target:
        return reverse("calls:send", args=address)
    url = reverse("calls:files", args=address)
    if target != Step.FILES:
        url = reverse("calls:step", args=[*address, target])
    return f"{url}#id_{field}" if field else url


def neighbour(application: Application, step: str, distance: int) -> Step | None:
    """Return the step before (-1) or after (1), if there is one."""
    steps = steps_of(application)
    place = steps.index(Step(step)) + distance
    return steps[place] if 0 <= place < len(steps) else None
