"""Who works on what in which municipality: the list, and the own entry."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions.directory import may_stand_in_directory, save_entry, withdraw_entry
from accounts.forms import DirectoryEntryForm
from accounts.forms.people import languages_to_read
from accounts.models import DirectoryEntry
from accounts.models.directory import DirectoryEntryQuerySet
from accounts.permissions import Permission, require
from accounts.queries import acting_for, directory_for, found_by, places_in_directory, speaking
from accounts.views.asking import form_page, person
from core.forms import add_errors
from core.pages import Filters, list_page
from municipalities.enums import Country
from municipalities.models import Topic

PER_PAGE = 20
#: What is longer is no name.
LONGEST_QUESTION = 80


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List who works on what in which municipality."""
    user = person(request)
    require(user, Permission.READ_DIRECTORY)
    filters = Filters(request)
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\x00", " ").strip()
    rows = filtered(request, filters, question)
    page = list_page(request, rows, per_page=PER_PAGE, filters=filters, personal=True)
    names = dict(languages_to_read())
    context = {
        "list": page,
        "filters": filters,
        "question": question,
        "entries": [
            (entry, sorted(names[code] for code in entry.languages if code in names))
            for entry in page.rows
        ],
        "own": DirectoryEntry.objects.filter(user=user).first(),
        "may_enter": may_stand_in_directory(user=user, by=user),
    }
    return render(request, "accounts/directory.html", context)


def filtered(request: HttpRequest, filters: Filters, question: str) -> DirectoryEntryQuerySet:
    """Return the entries that the address asks for, and note its filters."""
    user = person(request)
    places = places_in_directory(user)
    topics = [(topic.key, topic.name) for topic in Topic.objects.by_name()]
    countries = {place.country for place in places}
    named = [(code.value, code.label) for code in Country if code in countries]
    topic = filters.choose("topic", _("Field of action"), topics)
    language = filters.choose("language", _("Language"), languages_to_read())
    country = filters.choose("country", _("Country"), named)
    place = filters.choose("place", _("Municipality"), [(row.slug, row.name) for row in places])
    filters.keep("q", question)
    rows = found_by(directory_for(user), user, question)
    if topic:
        rows = rows.filter(topics__key=topic)
    if language:
        rows = speaking(rows, language)
    if country:
        rows = acting_for(rows, user, country=country)
    if place:
        rows = acting_for(rows, user, slug=place)
    return rows


@form_page
def entry(request: HttpRequest) -> HttpResponse:
    """Write the own entry."""
    user = person(request)
    require(user, Permission.READ_DIRECTORY)
    if not may_stand_in_directory(user=user, by=user):
        raise PermissionDenied
    standing = DirectoryEntry.objects.filter(user=user).first()
    form: Any = DirectoryEntryForm(request.POST or None, instance=standing)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.Meta.fields}
        try:
            save_entry(user=user, **values, consent=form.consent, by=user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your entry is in the directory."))
            return redirect("accounts:directory")
    context = {"form": form, "standing": standing, "roles": user.roles}
    return render(request, "accounts/directory_entry.html", context)


@form_page
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask whether to withdraw the consent, and delete the own entry at once.

    Also for who no longer acts for a municipality, whom the directory no longer shows.
    """
    user = person(request)
    if request.method == "POST":
        if withdraw_entry(user=user, by=user):
            messages.success(request, _("Your entry was deleted. Nobody finds it any more."))
        else:
            messages.info(request, _("You have no entry in the directory."))
        return redirect("dashboard")
    standing = DirectoryEntry.objects.filter(user=user).first()
    return render(request, "accounts/directory_withdraw.html", {"standing": standing})
