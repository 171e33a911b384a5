"""The learning log of a partnership: what each city took from each contact."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of, require
from calls.views.writing import opened_with
from core.models import StatusChange
from core.pages import Filters, list_page
from meetings.actions import learning as actions
from meetings.actions.learning import EntryContent, SavedEntry
from meetings.enums import LogVisibility
from meetings.forms.learning import EntryForm, RemovalForm
from meetings.models import LearningEntry, Meeting
from municipalities.models import Municipality, Topic
from tandems.access import Access
from tandems.content import languages_of
from tandems.models import TandemMember
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.merging import conflicts_of
from tandems.views.trying import done, typed

PER_PAGE = 20
#: History shown on the page of an entry.
MOST_CHANGES = 50
#: What is read beyond the partnership.
SHARED = (LogVisibility.NETWORK, LogVisibility.PUBLIC)


def entries_for(access: Access) -> Any:
    """Return the entries of the partnership that the person may read.

    A city that has left no longer reads what others have changed since: it says something else now.
    """
    rows = LearningEntry.objects.visible_to(access.user).filter(tandem=access.tandem)
    if access.until is None:
        return rows
    own = reach_of(access.user, Permission.READ_WORKSPACE) or set()
    stood = Q(changed_at__date__lte=access.until)
    return rows.filter(stood | Q(municipality__in=own) | Q(visibility=LogVisibility.PUBLIC))


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """List the entries, the newest first; filters: city, field of action."""
    access = workspace_of(request, slug)
    filters = Filters(request)
    rows = filtered(entries_for(access), filters)
    page = list_page(request, rows.in_order(), per_page=PER_PAGE, filters=filters, personal=True)
    context = frame(access, "log", list=page, filters=filters, may_write=bool(writers(access)))
    return render(request, "meetings/log.html", context)


@read_page
def network(request: HttpRequest, slug: str) -> HttpResponse:
    """List what other partnerships have opened to the network or to everybody."""
    access = workspace_of(request, slug)
    rows = LearningEntry.objects.visible_to(access.user).filter(visibility__in=SHARED)
    filters = Filters(request)
    found = filtered(rows.exclude(tandem=access.tandem), filters).in_order()
    page = list_page(
        request,
        found.select_related("municipality", "topic", "tandem"),
        per_page=PER_PAGE,
        filters=filters,
        personal=True,
    )
    context = frame(access, "log", list=page, filters=filters)
    return render(request, "meetings/log_network.html", context)


def filtered(rows: QuerySet[LearningEntry], filters: Filters) -> Any:
    """Return the rows of the chosen city and field of action; offered is what there are rows of."""
    pairs = rows.order_by().values_list("municipality", "topic").distinct()
    cities, topics = (
        (set(keys) - {None} for keys in zip(*pairs, strict=True)) if pairs else ((), ())
    )
    places = Municipality.objects.filter(pk__in=cities).by_name()
    named = Topic.objects.filter(pk__in=topics).by_name()
    city = filters.choose("city", _("Municipality"), [(str(row.pk), str(row)) for row in places])
    topic = filters.choose(
        "topic", _("Field of action"), [(str(row.pk), str(row)) for row in named]
    )
    chosen = {"municipality": city, "topic": topic}
    return rows.filter(**{name: value for name, value in chosen.items() if value})


def writers(access: Access) -> list[TandemMember]:
    """Return the memberships for which the person may write an entry."""
    if access.is_team:
        members = list(access.tandem.members.acting().select_related("municipality"))
    else:
        members = list(access.members)
    return [row for row in members if access.may(Permission.CONTRIBUTE, row)]


def meetings_of(access: Access) -> QuerySet[Meeting]:
    """Return the meetings to which an entry can belong, the latest first."""
    ours = Q(tandem=access.tandem) | Q(partnerships=access.tandem)
    rows = Meeting.objects.visible_to(access.user).filter(ours).distinct()
    return rows.order_by("-sorted_on", "-pk")


def choices_for(access: Access) -> dict[str, Any]:
    """Return what the form offers: meetings and languages of the partnership."""
    places = (member.municipality for member in access.tandem.members.all())
    return {"meetings": meetings_of(access), "languages": languages_of(places)}


@form_page
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Write an entry; ``?meeting=`` names the meeting that it is about."""
    access = workspace_of(request, slug)
    require(request.user, Permission.CONTRIBUTE, access.tandem)
    members = writers(access)
    form = EntryForm(
        typed(request),
        members=members,
        meeting=meeting_asked(request, access),
        **choices_for(access),
    )

    def act() -> LearningEntry:
        member = form.cleaned_data["member"] if "member" in form.fields else members[0]
        return actions.add_entry(
            member=member, content=form.content(), due_on=form.due, by=request.user
        )

    if request.method == "POST":
        if entry := done(form, act):
            messages.success(request, _("The entry is saved."))
            return redirect("workspace:log-entry", slug=slug, pk=entry.pk)
        if form.has_error("__all__", code="known"):
            # A second click on the same button: what the person wanted is done.
            messages.info(request, _("This entry has been written already."))
            return redirect("workspace:log", slug=slug)
    texts = {"heading": _("Write an entry"), "button": _("Save the entry")}
    return form_answer(request, access, form, **texts)


def meeting_asked(request: HttpRequest, access: Access) -> Meeting | None:
    """Return the meeting that the address names, if it is one of the partnership."""
    asked = request.GET.get("meeting", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    return meetings_of(access).filter(pk=int(asked)).first()


@read_page
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show an entry with its history."""
    access = workspace_of(request, slug)
    entry = entry_of(access, pk)
    history = StatusChange.objects.of(entry)[:MOST_CHANGES]
    context = frame(
        access,
        "log",
        entry=entry,
        has_meeting=entry.meeting is not None
        and meetings_of(access).filter(pk=entry.meeting.pk).exists(),
        history=[
            (row, words_of(row), name_for(row, access))
            for row in history
            if access.reads(row.changed_at)
        ],
        may_change=access.may(Permission.CONTRIBUTE, entry),
    )
    return render(request, "meetings/log_entry.html", context)


def entry_of(access: Access, pk: int) -> LearningEntry:
    """Return an entry that the person may read; others meet 404."""
    entry: LearningEntry = get_object_or_404(entries_for(access).in_order(), pk=pk)
    entry.tandem = access.tandem
    return entry


def words_of(change: StatusChange) -> str:
    """Return what a row of an entry's history says."""
    if change.field != "visibility":
        return _("text changed")
    labels = dict(LogVisibility.choices)
    new = labels.get(change.new, change.new)
    if not change.old:
        return _("written, readable for: %(new)s") % {"new": new}
    said = {"old": labels.get(change.old, change.old), "new": new}
    return _("readable for: %(new)s (before: %(old)s)") % said


def name_for(change: StatusChange, access: Access) -> str:
    """Return who made a change; a city that has left reads only its own people's names."""
    by = change.changed_by
    return str(by) if by and (access.until is None or by == access.user) else ""


@form_page
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change an entry of the own city; where two people change the same, both values are shown."""
    access, entry = writable(request, slug, pk)
    form = EntryForm(typed(request), entry=entry, **choices_for(access))
    # A form that was given back after signing in again brings along what it was opened with.
    opened = opened_with(request) or EntryContent.of(entry).marks
    marks, conflicts = opened, []

    def act() -> SavedEntry:
        return actions.change_entry(
            entry=entry, content=form.content(), opened=opened, due_on=form.due, by=request.user
        )

    if request.method == "POST" and (saved := done(form, act)):
        if not saved.conflicts:
            messages.success(request, _("Saved."))
            return redirect("workspace:log-entry", slug=slug, pk=pk)
        stored = EntryContent.of(saved.entry).marks
        marks = {**marks, **{name: stored[name] for name in saved.conflicts}}
        conflicts = conflicts_of(form, saved.conflicts)
    return form_answer(
        request,
        access,
        form,
        entry=entry,
        heading=_("Change the entry"),
        button=_("Save"),
        marks=json.dumps(marks),
        conflicts=conflicts,
    )


@form_page
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask once more, then take an entry away."""
    access = workspace_of(request, slug)
    if was_removed(request, pk):
        messages.info(request, _("This entry was removed already."))
        return redirect("workspace:log", slug=slug)
    access, entry = writable(request, slug, pk)
    form = RemovalForm(typed(request))
    if request.method == "POST":
        try:
            actions.remove_entry(entry=entry, by=request.user)
        except ValidationError as error:
            messages.info(request, " ".join(error.messages))
        else:
            messages.success(request, _("The entry is removed."))
        return redirect("workspace:log", slug=slug)
    context = frame(access, "log", entry=entry, form=form)
    return render(request, "meetings/log_remove.html", context)


def was_removed(request: HttpRequest, pk: int) -> bool:
    """Tell whether this very person removed the entry, as after a double click."""
    kind = ContentType.objects.get_for_model(LearningEntry)
    rows = StatusChange.objects.filter(content_type=kind, object_id=pk, changed_by=request.user.pk)
    return rows.filter(new="removed").exists()


def writable(request: HttpRequest, slug: str, pk: int) -> tuple[Access, LearningEntry]:
    """Return an entry that the person may change; raises :class:`PermissionDenied`."""
    access = workspace_of(request, slug)
    entry = entry_of(access, pk)
    require(request.user, Permission.CONTRIBUTE, entry)
    return access, entry


def form_answer(request: HttpRequest, access: Access, form: Any, **context: Any) -> HttpResponse:
    """Show the form; ``context`` holds heading and button, perhaps an entry."""
    rest = {"entry": None, "marks": "", "conflicts": [], **context}
    page = frame(access, "log", form=form, **rest)
    status = 409 if rest["conflicts"] else 200
    return render(request, "meetings/log_form.html", page, status=status)
