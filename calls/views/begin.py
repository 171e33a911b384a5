"""Where an application begins: which municipality, and whether it has one already."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of
from calls import actions
from calls.content import place_key
from calls.deadline import refuse_late
from calls.forms.begin import NEW, BeginForm
from calls.models import Application, ApplicationEditor, Call
from calls.views.asking import form_page
from core.forms import add_errors
from municipalities.models import Municipality

#: Municipalities of the register that are offered for a name.
OFFERED = 8


@form_page
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the own applications to a call, and begin one."""
    call = get_object_or_404(Call.objects.visible_to(request.user), slug=slug)
    own = Application.objects.edited_by(request.user).filter(call=call).for_lists()
    places = places_for(request.user, request.POST)
    form = BeginForm(request.POST or None, places=places)
    taken = None
    if request.method == "POST" and form.is_valid() and is_decided(form, places):
        municipality = chosen(form.cleaned_data, request.user)
        try:
            application = actions.begin_application(
                call=call,
                municipality=municipality,
                name=form.cleaned_data["name"],
                country=form.cleaned_data["country"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
            taken = taken_by(call, municipality, form.cleaned_data)
            if taken and own.filter(pk=taken.pk).exists():
                return redirect(taken.get_absolute_url())
        except PermissionDenied as error:
            form.add_error(None, str(error) or _("Whoever works for the programme cannot apply."))
        else:
            messages.success(request, _("Saved. You can stop and go on at any time."))
            return redirect("calls:step", slug=slug, key=application.key, step="municipality")
    context = {
        "call": call,
        "own": own,
        "form": form,
        "taken": taken,
        "is_open": is_open(call),
        "places": own_places(request.user),
    }
    return render(request, "calls/begin.html", context)


def is_open(call: Call) -> bool:
    """Tell whether an application can be begun now."""
    try:
        refuse_late(call)
    except ValidationError:
        return False
    return True


def own_places(user: Any) -> list[Municipality]:
    """Return the municipalities for which the person may apply by role."""
    reach = reach_of(user, Permission.APPLY) or set()
    return list(Municipality.objects.filter(pk__in=reach).by_name())


def places_for(user: Any, data: Any) -> list[tuple[str, str]]:
    """Return the municipalities of the register that the typed name may mean."""
    name, country = data.get("name", "").strip(), data.get("country", "")
    found = []
    if name and country:
        known = Municipality.objects.visible_to(user).found_by(name).filter(country=country)
        found = list(known.by_name()[:OFFERED])
    return [(str(row.pk), f"{row.local_name} ({row.name})") for row in found]


def is_decided(form: BeginForm, places: list[tuple[str, str]]) -> bool:
    """Tell whether it is clear which municipality is meant."""
    if not places or form.cleaned_data.get("place"):
        return True
    form.add_error("place", _("We know municipalities of this name. Choose one, or none of these."))
    return False


def chosen(data: dict[str, Any], user: Any) -> Municipality | None:
    """Return the chosen municipality of the register, or nothing for one that is new."""
    key = data.get("place") or NEW
    return None if key == NEW else Municipality.objects.visible_to(user).filter(pk=key).first()


def taken_by(
    call: Call, municipality: Municipality | None, data: dict[str, Any]
) -> Application | None:
    """Return the application that the municipality has already."""
    key = place_key(municipality, data["name"], data["country"])
    return Application.objects.living().filter(call=call, place_key=key).first()


@form_page
def ask(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask the colleagues who write an application to be let in; the answer tells nothing of it."""
    call = get_object_or_404(Call.objects.visible_to(request.user), slug=slug)
    application = get_object_or_404(Application.objects.living(), call=call, pk=pk)
    if request.method == "POST":
        try:
            actions.ask_to_join(application=application, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(
                request, _("Your colleagues have been told. They can invite you by e-mail.")
            )
    return redirect("calls:apply", slug=slug)


@form_page
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited colleague in."""
    editor = ApplicationEditor.objects.of_link(token)
    if editor is None:
        return render(request, "calls/join_over.html", status=410)
    if request.method == "POST":
        try:
            joined = actions.join_application(editor=editor, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("You can write along now."))
            return redirect(joined.application.get_absolute_url())
    return render(request, "calls/join.html", {"editor": editor, "call": editor.application.call})
