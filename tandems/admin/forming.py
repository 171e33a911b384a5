"""Partnerships in the administration: those to be formed, and those whose kick-off is ahead."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from accounts.permissions import Permission, require
from calls.enums import PairingState
from calls.models import Application, Pairing, Submission
from core.forms import add_errors
from municipalities.models import Municipality
from tandems import actions
from tandems.enums import TandemStatus
from tandems.forms.forming import KickOffForm, PlaceForm
from tandems.models import Tandem
from tandems.takeover import Way, officers_of, sides_by_topic, suggested_slug, topics_of

#: How a person of an application comes to a role, in words.
WAYS = {
    Way.GIVEN: gettext_lazy("gets the role at once (has an account)"),
    Way.INVITED: gettext_lazy("is invited by e-mail"),
    Way.HELD: gettext_lazy("has the role, or an invitation to it, already"),
    Way.TAKEN: gettext_lazy("gets no role: the municipality has a contact person, who stays"),
    Way.OF_TEAM: gettext_lazy("gets no role: works for the programme"),
    Way.UNNAMED: gettext_lazy("is not named"),
}


def index(request: HttpRequest) -> HttpResponse:
    """List the pairs that have agreed, and the partnerships whose kick-off is ahead."""
    require(request.user, Permission.CHANGE_MEMBERSHIP)
    agreed = Pairing.objects.visible_to(request.user).filter(state=PairingState.AGREED)
    planned = Tandem.objects.visible_to(request.user).filter(status=TandemStatus.PLANNED)
    context = {
        **admin.site.each_context(request),
        "title": _("Forming partnerships"),
        "agreed": agreed.with_cities().order_by("call", "pk"),
        "planned": planned.with_members().select_related("call").in_order(),
    }
    return render(request, "admin/tandems/index.html", context)


def form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for what is missing, show what will be made, and form the partnership."""
    require(request.user, Permission.CHANGE_MEMBERSHIP)
    rows = Pairing.objects.visible_to(request.user).with_cities()
    pairing = get_object_or_404(rows.select_related("german__municipality"), pk=pk)
    kick_off = KickOffForm(request.POST or None)
    places = place_forms(request, pairing)
    if request.method == "POST" and all([kick_off.is_valid(), *(f.is_valid() for f in places)]):
        try:
            tandem = actions.form_partnership(
                pairing=pairing,
                places={entry.application.pk: entry.cleaned_data for entry in places},  # type: ignore[attr-defined]
                kick_off_on=kick_off.cleaned_data["kick_off_on"],
                by=request.user,
            )
        except ValidationError as error:
            if getattr(error, "code", "") == "formed":
                messages.info(request, " ".join(error.messages))
                return redirect("admin:tandems_tandem_changelist")
            add_errors(kick_off, error)
        else:
            tell_formed(request, tandem)
            return redirect("admin:tandems_tandem_changelist")
    context = {
        **admin.site.each_context(request),
        "title": _("Form the partnership %(pair)s") % {"pair": pairing},
        "pairing": pairing,
        "kick_off": kick_off,
        "places": places,
        "forms": [*places, kick_off],
        "has_errors": any(entry.errors for entry in (*places, kick_off)),
        **preview_of(pairing),
    }
    return render(request, "admin/tandems/form.html", context)


def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the kick-off was held: the partnership is active, and public."""
    require(request.user, Permission.CHANGE_MEMBERSHIP)
    tandem = get_object_or_404(Tandem.objects.visible_to(request.user), pk=pk)
    try:
        actions.change_tandem_status(tandem=tandem, status=TandemStatus.ACTIVE, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(name)s is active and public now.") % {"name": tandem})
    return redirect("admin:tandems_tandem_changelist")


def place_forms(request: HttpRequest, pairing: Pairing) -> list[PlaceForm]:
    """Return a form for each municipality that is not in the register yet."""
    found = []
    for application in (pairing.german, pairing.european):
        if application.municipality_id is None:
            entry = PlaceForm(
                request.POST or None,
                prefix=f"place-{application.pk}",
                country=application.place_country,
                initial={
                    "name_de": application.place_name,
                    "name_en": application.place_name,
                    "slug": suggested_slug(application.place_name),
                    "language": application.place_language,
                },
            )
            entry.application = application  # type: ignore[attr-defined]
            found.append(entry)
    return found


def preview_of(pairing: Pairing) -> dict[str, Any]:
    """Return what forming the partnership will make."""
    applications = (pairing.german, pairing.european)
    sent = [last_sent(application) for application in applications]
    members = [
        application.municipality or Municipality(name=application.place_name)
        for application in applications
    ]
    return {
        "is_ready": pairing.state == PairingState.AGREED,
        "topics": topics_of(members, sent),
        "sides": [
            {
                "name": application.place_name,
                "is_new": application.municipality_id is None,
                "topics": len(sides_by_topic(document)),
                "officers": [
                    (officer.role.label, officer.name, WAYS[officer.way])
                    for officer in officers_of(document, application.municipality)
                ],
            }
            for application, document in zip(applications, sent, strict=True)
        ],
    }


def last_sent(application: Application) -> Submission:
    """Return what an application sent last."""
    sent: Submission = application.submissions.order_by("-number")[0]
    return sent


def tell_formed(request: HttpRequest, tandem: Tandem) -> None:
    """Say that the partnership is formed, and who could not be invited."""
    messages.success(
        request,
        _("%(name)s has been formed. Both municipalities were told the day for the kick-off.")
        % {"name": tandem},
    )
    pairing = tandem.pairing
    for application in (pairing.german, pairing.european) if pairing else ():
        fresh = Application.objects.select_related("municipality").get(pk=application.pk)
        for officer in officers_of(last_sent(fresh), fresh.municipality):
            if officer.way in {Way.INVITED, Way.GIVEN}:
                words = _("%(name)s (%(place)s) could not be invited. Please invite by hand.")
                messages.warning(request, words % {"name": officer.name, "place": fresh})
