"""The pages on which minutes are read and written together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from calls.content import marks_of
from calls.views.writing import opened_with
from core.text import in_language, render_markdown
from meetings.access import MeetingAccess
from meetings.actions import minutes as actions
from meetings.asked import may_be_begun, versions_for
from meetings.forms.minutes import EntryForm, PublicPartForm
from meetings.models import Minutes, MinutesEntry
from meetings.views.asking import frame, meeting_of
from meetings.views.minutes_reading import (
    moved_on,
    newest,
    public_parts,
    reading,
    require_contributor,
)
from tandems.views.asking import form_page, read_page
from tandems.views.trying import done, typed
from tandems.views.writing import Outcome, keep, typed_into

#: The button that shows how a text will look.
PREVIEW = "preview"
#: What an entry that is added begins with.
NOTHING = {"heading": "", "text": ""}


@read_page
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where the minutes of a meeting stand, with the version on its way or the agreed one."""
    access = meeting_of(request, pk)
    has_come = may_be_begun(access.meeting)
    versions = list(versions_for(access))
    current = versions[0] if versions else None
    for row in versions:
        row.meeting = access.meeting
    context = frame(
        access,
        "minutes",
        has_come=has_come,
        may_begin=access.contributes and has_come,
        earlier=versions[1:],
        **(reading(access, current) if current else {"minutes": None}),
    )
    return render(request, "meetings/minutes.html", context)


@read_page
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show one version, as it is printed."""
    access = meeting_of(request, pk)
    found = get_object_or_404(versions_for(access), number=number)
    found.meeting = access.meeting
    context = frame(access, "minutes", **reading(access, found))
    return render(request, "meetings/minutes_version.html", context)


@form_page
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the minutes; the second one who does so lands on what the first one began."""
    access = meeting_of(request, pk)
    require_contributor(access)
    if request.method == "POST":
        is_there = newest(access) is not None
        try:
            actions.begin_minutes(meeting=access.meeting, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            words = _("The minutes have been begun. Everybody who takes part can write along.")
            messages.success(
                request, _("The minutes have been begun already.") if is_there else words
            )
    return redirect("meeting:minutes", pk=pk)


@form_page
def add_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an entry about something that was not on the agenda."""
    access = meeting_of(request, pk)
    require_contributor(access)
    current = newest(access)
    if (current is None or not current.is_open) and not request.POST:
        return moved_on(request, access, _("There is no draft to which an entry could be added."))
    form = EntryForm(typed(request), stored=NOTHING, language=access.meeting.language)
    if request.POST.get("go") != PREVIEW and request.method == "POST":

        def act() -> MinutesEntry:
            if current is None:
                raise ValidationError(_("Nobody has begun the minutes yet."))
            return actions.add_entry(minutes=current, **form.typed(), by=request.user)

        if done(form, act) is not None:
            messages.success(request, _("The entry has been added."))
            return redirect("meeting:minutes", pk=pk)
    return entry_page(request, access, form, Outcome({}))


@form_page
def entry(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Show an entry in its form and save what was typed; two people who write lose nothing."""
    access = meeting_of(request, pk)
    require_contributor(access)
    row = entry_of(access, entry)
    if row is None:
        return removed_meanwhile(request, access)
    if not row.minutes.is_open and not request.POST:
        return moved_on(request, access, _("These minutes are no longer a draft."))
    stored = stored_in(row)
    form = EntryForm(typed_into(request, stored), stored=stored, language=access.meeting.language)
    if request.POST.get("go") == PREVIEW:
        return entry_page(request, access, form, opened(request, form), row)
    outcome = keep(
        request,
        as_form(form),
        lambda values, marks: save(row, values, marks, request.user),
        lambda: stored_in(MinutesEntry.objects.get(pk=row.pk)),
        lambda: next_url(request, row),
    )
    return outcome.response or entry_page(request, access, form, outcome, row)


def entry_of(access: MeetingAccess, key: int) -> MinutesEntry | None:
    """Return an entry of the meeting's minutes; ``None`` for one that is not there."""
    rows = MinutesEntry.objects.filter(minutes__meeting=access.meeting, pk=key)
    row = rows.select_related("minutes", "question__municipality", "changed_by").first()
    if row is not None:
        row.minutes.meeting = access.meeting
    return row


def removed_meanwhile(request: HttpRequest, access: MeetingAccess) -> HttpResponse:
    """Keep what was typed into an entry that somebody has removed; without a text: 404."""
    if not request.POST.get("text"):
        raise Http404
    form = EntryForm(request.POST, stored=NOTHING, language=access.meeting.language)
    form.add_error(
        None,
        _("Somebody has removed this entry. Your text is still here; add it as a new entry."),
    )
    return entry_page(request, access, form, Outcome({}))


def stored_in(row: MinutesEntry) -> dict[str, str]:
    """Return what is stored of an entry, by the names of its form."""
    return {"heading": row.heading, "text": row.text}


def as_form(form: Any) -> Any:
    """Return a form for what is written for forms of a profile; ours have the same parts."""
    return form


def save(row: MinutesEntry, values: Any, marks: Any, by: Any) -> Any:
    """Save an entry, and say what became of it."""
    return actions.save_entry(entry=row, values=values, opened_with=marks, by=by)


def opened(request: HttpRequest, form: Any) -> Outcome:
    """Return the outcome of a form that was sent for its preview alone."""
    return Outcome(opened_with(request) or marks_of(form.stored))


def next_url(request: HttpRequest, row: MinutesEntry) -> str:
    """Return where the pressed button leads: to the next entry, back to this one, or to all."""
    meeting = row.minutes.meeting_id
    go = request.POST.get("go")
    if go == "stay":
        return reverse("meeting:minutes-entry", args=[meeting, row.pk])
    if go == "next" and (following := following_of(row)) is not None:
        return reverse("meeting:minutes-entry", args=[meeting, following.pk])
    return reverse("meeting:minutes", args=[meeting])


def following_of(row: MinutesEntry) -> MinutesEntry | None:
    """Return the entry that comes after one; ``None`` after the last."""
    rows = list(row.minutes.entries.order_by("position", "pk"))
    places = [other.pk for other in rows]
    place = places.index(row.pk) + 1 if row.pk in places else len(rows)
    return rows[place] if place < len(rows) else None


def entry_page(
    request: HttpRequest,
    access: MeetingAccess,
    form: EntryForm,
    outcome: Outcome,
    row: MinutesEntry | None = None,
) -> HttpResponse:
    """Show the page of an entry, or of one that is added."""
    shows_preview = request.POST.get("go") == PREVIEW and form.is_valid()
    heading = row.heading if row else _("Add an entry")
    context = frame(
        access,
        "minutes",
        entry=row,
        heading=heading,
        marked=in_language(heading, access.meeting.language if row else ""),
        form=form,
        marks=outcome.marks_json,
        conflicts=outcome.conflicts,
        preview=render_markdown(form.cleaned_data["text"]) if shows_preview else "",
        following=following_of(row) if row else None,
        url=address_of(access, row),
    )
    return render(request, "meetings/minutes_entry.html", context, status=outcome.status)


def address_of(access: MeetingAccess, row: MinutesEntry | None) -> str:
    """Return where the form of an entry is sent."""
    if row is None:
        return reverse("meeting:minutes-entry-add", args=[access.meeting.pk])
    return reverse("meeting:minutes-entry", args=[access.meeting.pk, row.pk])


@form_page
def remove_entry(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Take out an entry in which nothing is written."""
    access = meeting_of(request, pk)
    require_contributor(access)
    row = entry_of(access, entry)
    if request.method == "POST" and row is not None:
        try:
            actions.remove_entry(entry=row, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The entry has been removed."))
    return redirect("meeting:minutes", pk=pk)


@form_page
def public_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the public part in its form, with how it will look, and save what was typed."""
    access = meeting_of(request, pk)
    require_contributor(access)
    current = newest(access)
    if current is None or (not current.is_open and not request.POST):
        return moved_on(request, access, _("There is no draft whose public part could be written."))
    stored = stored_public(current)
    form = PublicPartForm(typed_into(request, stored), stored=stored)
    is_preview = request.POST.get("go") == PREVIEW
    outcome = (
        opened(request, form)
        if is_preview
        else keep(
            request,
            as_form(form),
            lambda values, marks: save_public(current, values, marks, request.user),
            lambda: stored_public(Minutes.objects.get(pk=current.pk)),
            lambda: reverse("meeting:minutes-public", args=[pk]),
        )
    )
    if outcome.response is not None:
        return outcome.response
    shown = current
    if is_preview and form.is_valid():
        shown = Minutes(**form.typed())
    context = frame(
        access,
        "minutes",
        minutes=current,
        form=form,
        marks=outcome.marks_json,
        conflicts=outcome.conflicts,
        is_preview=is_preview,
        parts_shown=public_parts(shown, None),
    )
    return render(request, "meetings/minutes_public.html", context, status=outcome.status)


def stored_public(minutes: Minutes) -> dict[str, str]:
    """Return what is stored of the public part, by the names of its form."""
    return {name: getattr(minutes, name) or "" for name in actions.PUBLIC_PART}


def save_public(minutes: Minutes, values: Any, marks: Any, by: Any) -> Any:
    """Save the public part, and say what became of it."""
    return actions.save_public_part(minutes=minutes, values=values, opened_with=marks, by=by)
