"""One letter: its text to edit, and how the municipality will read it, as mail and as page."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.letter_list import call_and_session
from calls.content import marks_of
from calls.enums import LetterState, Outcome
from calls.forms import LetterForm
from calls.letters import DATE_MARKS, finished
from calls.mails import result_url
from calls.models import Decision, Letter, Offer, Procedure, writers_of
from calls.queries.letters import due_at_for, zone_of
from calls.views.writing import opened_with
from core.forms import add_errors

TEXTS = ("subject", "body")
TEMPLATE = "mail/letter_sent"


def letter(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a letter with its preview, and save what somebody changes in it."""
    call, _session = call_and_session(request, slug)
    rows = Letter.objects.visible_to(request.user).select_related(
        "application", "edited_by", "released_by", "session"
    )
    found = get_object_or_404(rows, pk=pk, application__call=call)
    require(request.user, Permission.PREPARE_SELECTION, found.application)
    found.application.call = call
    stored = {name: getattr(found, name) for name in TEXTS}
    form = LetterForm(data_of(request, found) or None, initial=stored)
    marks, conflicts = opened_with(request) or marks_of(stored), []
    if request.method == "POST" and "use" not in request.POST and form.is_valid():
        saved = save(request, found, form)
        if saved and not saved.conflicts:
            messages.success(request, _("Saved. The preview shows the new text."))
            return redirect("admin:calls_letter_letter", slug, pk)
        found.refresh_from_db(fields=[*TEXTS, "state", "edited_by", "edited_at"])
        conflicts = conflicts_of(form, saved)
        marks = marks_of({name: getattr(found, name) for name in TEXTS})
    context = {
        **admin.site.each_context(request),
        "title": _("Letter"),
        "call": call,
        "application": found.application,
        "letter": found,
        "form": form,
        "marks": json.dumps(marks),
        "conflicts": conflicts,
        "decision": Decision.objects.filter(
            session=found.session_id, application=found.application_id
        ).first(),
        **preview_of(found),
    }
    return render(
        request, "admin/calls/letter_edit.html", context, status=409 if conflicts else 200
    )


def data_of(request: HttpRequest, found: Letter) -> Any:
    """Return what was typed; with the stored text in the field whose button was pressed."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    if (name := data.get("use", "")) in TEXTS:
        data[name] = getattr(found, name)
    return data


def save(request: HttpRequest, found: Letter, form: LetterForm) -> actions.EditedLetter | None:
    """Save the letter; what the action refuses stands above the form."""
    try:
        return actions.edit_letter(
            letter=found,
            subject=form.cleaned_data["subject"],
            body=form.cleaned_data["body"],
            opened_with=opened_with(request),
            by=request.user,
        )
    except ValidationError as error:
        add_errors(form, error)
        return None


def conflicts_of(form: LetterForm, saved: actions.EditedLetter | None) -> list[dict[str, Any]]:
    """Return both texts of each field that two people changed."""
    return [
        {
            "field": form[name],
            "label": form[name].label,
            "mine": form.cleaned_data[name],
            "theirs": theirs,
        }
        for name, theirs in (saved.conflicts if saved else {}).items()
    ]


def preview_of(found: Letter) -> dict[str, Any]:
    """Return how a letter reads: in the mail and on the page, an offer with its date.

    The date of a draft is that of a release today.
    """
    call = found.application.call
    body, due_at = found.body, None
    if found.state == LetterState.DRAFT and DATE_MARKS[found.language] in body:
        held = Offer.objects.living().filter(application=found.application_id).first()
        days = Procedure.objects.get(call=call).confirm_days
        due_at = held.due_at if held else due_at_for(call, days, timezone.now())
        zone = zone_of(call)
        body = finished(body, found.language, due_at.astimezone(zone), str(zone))
    shown = Letter(
        pk=found.pk,
        language=found.language,
        subject=found.subject,
        body=body,
        outcome=found.outcome,
    )
    people = writers_of(found.application_id, found.application.municipality_id)
    with translation.override(found.language):
        context = {
            "letter": shown,
            "url": result_url(found.application, found.language),
            "site": settings.PUBLIC_URL,
        }
        mail = render_to_string(f"{TEMPLATE}.txt", context, using="text").strip()
    return {
        "shown": shown,
        "mail": mail,
        "due_at": due_at,
        "people": list(people.order_by("pk")),
        "is_offer": found.outcome == Outcome.ACCEPTED,
    }
