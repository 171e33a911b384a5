"""The one step in which BBSR lets all letters of a decision go."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext

from accounts.permissions import Permission, require
from calls import actions
from calls.admin.letter_list import call_and_session, numbers_of
from calls.forms import ReleaseForm
from calls.models import Letter, Procedure, SelectionSession, closed_to, writers_of
from calls.queries.letters import decisions_without_letter, letters_to_release
from calls.queries.places import replaced_offers
from core.forms import add_errors


def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what would go out and what is missing; release it once the number is confirmed.

    BBSR releases the set. A letter to an application that a conflict of interest closes to the
    person goes out with it; its text and kind are not shown.
    """
    require(request.user, Permission.DECIDE_SELECTION)
    call, current = call_and_session(request, slug)
    session = get_object_or_404(SelectionSession, pk=current.pk if current else 0)
    session.call = call
    waiting = letters_to_release(session).count()
    form = ReleaseForm(request.POST or None, waiting=waiting)
    # A second click finds nothing left; that is told, whatever was typed.
    is_sent = request.method == "POST" and (form.is_valid() or not waiting)
    if is_sent and release_now(request, session, form, waiting) is not None:
        return redirect("admin:calls_letter_release", slug)
    context = {
        **admin.site.each_context(request),
        "title": _("Release the letters"),
        "call": call,
        "session": session,
        "form": form,
        "number": waiting,
        "days": Procedure.objects.get(call=call).confirm_days,
        **numbers_of(session, request.user),
        **warnings_of(session, request.user),
        "last": Letter.objects.released().filter(session=session).first(),
    }
    return render(request, "admin/calls/letter_release.html", context)


def release_now(
    request: HttpRequest, session: SelectionSession, form: ReleaseForm, waiting: int
) -> int | None:
    """Release the letters and say so; nothing where the action refused."""
    try:
        released = actions.release_letters(session=session, expected=waiting, by=request.user)
    except ValidationError as error:
        add_errors(form, error)
        return None
    if released:
        messages.success(request, released_words(released))
    else:
        messages.info(request, _("There was nothing left to release: the letters are out."))
    return released


def released_words(number: int) -> str:
    """Return in words what was released."""
    words = ngettext(
        "%(number)s letter released. It stands on the page of the municipality; the mails are on "
        "their way.",
        "%(number)s letters released. They stand on the pages of the municipalities; the mails are "
        "on their way.",
        number,
    )
    return words % {"number": number}


def warnings_of(session: SelectionSession, user: Any) -> dict[str, Any]:
    """Return what to look at before: letters missing, places taken back, who gets no mail."""
    closed = closed_to(user, "application")
    writers = writers_of(
        OuterRef(OuterRef("application")), OuterRef(OuterRef("application__municipality"))
    )
    drafts = letters_to_release(session).exclude(closed).select_related("application")
    names = "application__place_name"
    return {
        "without": list(
            decisions_without_letter(session).exclude(closed).values_list(names, flat=True)
        ),
        "taken_back": list(replaced_offers(session).exclude(closed).values_list(names, flat=True)),
        "unreachable": list(drafts.exclude(Exists(writers)).values_list(names, flat=True)),
        "unedited": drafts.filter(edited_at=None).count(),
    }
