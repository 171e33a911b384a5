"""Who is in a partnership: the project team lets cities leave, join and find new partners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, require
from calls.models import Application
from meetings.actions.leaving import coming_meetings, open_commitments, record_leaving
from meetings.forms.leaving import RETURNS, CorrectForm, LeaveForm
from meetings.forms.membership import AgreementForm, DockForm, JoinForm
from municipalities.models import Municipality
from tandems.access import Access
from tandems.actions.leaving import correct_leaving, stay_in_partnership
from tandems.actions.membership import dock_guest, join_partnership
from tandems.actions.rematching import rematch_partnership, reserve_of
from tandems.enums import TandemStatus
from tandems.forms.forming import PlaceForm
from tandems.models import Tandem, TandemMember
from tandems.takeover import suggested_slug
from tandems.timeline import endings_of, timeline_of
from tandems.views.asking import form_page, frame, read_page, workspace_of
from tandems.views.trying import done, typed

#: A partnership that is not over.
GOING_ON = (TandemStatus.PLANNED, TandemStatus.ACTIVE)


def membership_of(request: HttpRequest, slug: str) -> Access:
    """Return the team's access to a partnership; its own cities meet 403, all others 404."""
    access = workspace_of(request, slug)
    require(request.user, Permission.CHANGE_MEMBERSHIP, access.tandem)
    return access


def may_come(tandem: Tandem) -> QuerySet[Municipality]:
    """Return the municipalities of the register that are no current members, by name."""
    acting = tandem.members.acting().values("municipality")
    return Municipality.objects.exclude(pk__in=acting).for_lists().by_name()


@read_page
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who is, was and visits here, the story so far, and what can be changed."""
    access = membership_of(request, slug)
    tandem, today = access.tandem, timezone.localdate()
    members = list(tandem.members.all())
    here = [row for row in members if not row.has_left(today)]
    context = frame(
        access,
        "people",
        current=[row for row in here if not row.is_guest],
        guests=[row for row in here if row.is_guest],
        former=[row for row in members if row.has_left(today)],
        is_going_on=tandem.status in GOING_ON,
        may_end=bool(endings_of(tandem)),
        may_resume=tandem.status == TandemStatus.ENDED_EARLY,
        timeline=timeline_of(members, tandem.changes.all(), tandem, relatives_of(tandem)),
    )
    return render(request, "tandems/workspace/membership/index.html", context)


def relatives_of(tandem: Tandem) -> QuerySet[TandemMember]:
    """Return members of what it grew out of and into, planned ones too: this is the team's page."""
    related = Q(tandem__previous=tandem) | Q(tandem=tandem.previous_id)
    rows = TandemMember.objects.filter(related).select_related("tandem")
    return rows.order_by("joined_earliest", "pk")


@form_page
def leave(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Note that a city leaves or a guest goes; correct its last day, or take it back."""
    access = membership_of(request, slug)
    member = get_object_or_404(access.tandem.members.select_related("municipality"), pk=pk)
    has_left = member.has_left(timezone.localdate())
    sent = typed(request)
    if sent is not None and has_left and "was" not in sent:
        messages.info(request, _("%(city)s has left already.") % {"city": member.municipality})
    elif sent is not None and not member.left_on and sent.get("step") == RETURNS:
        told = _("No last day is recorded for %(city)s.")
        messages.info(request, told % {"city": member.municipality})
    elif has_left or "was" in request.POST:
        return correct(request, access, member)
    else:
        return record(request, access, member)
    return redirect("workspace:membership", slug=slug)


def record(request: HttpRequest, access: Access, member: TandemMember) -> HttpResponse:
    """Record a last day and decide on what the city leaves behind, or let the city stay."""
    asked: dict[str, Any] = {"commitments": (), "meetings": ()}
    if not member.is_guest:
        asked = {
            "commitments": open_commitments(member=member, by=request.user),
            "meetings": coming_meetings(member=member, by=request.user),
        }
    form = LeaveForm(typed(request), member=member, **asked)

    def act() -> TandemMember:
        data = form.cleaned_data
        if form.returns:
            return stay_in_partnership(member=member, note=data["why"], by=request.user)
        return record_leaving(
            member=member,
            **form.last_day,
            commitments=form.fates("commitment"),
            meetings=form.fates("meeting"),
            drop_note=data.get("drop_note", ""),
            cancel_note=data.get("cancel_note", ""),
            by=request.user,
        )

    told = _("Saved. The last day of %(city)s is now shown under “Membership”.")
    if request.POST.get("step") == RETURNS:
        told = _("Saved. %(city)s stays: no last day is recorded any more.")
    return answer(request, access, form, act, told, member=member)


def correct(request: HttpRequest, access: Access, member: TandemMember) -> HttpResponse:
    """Correct a last day that was recorded wrongly."""
    form = CorrectForm(typed(request), member=member)

    def act() -> TandemMember:
        data = form.cleaned_data
        return correct_leaving(
            member=member, was=data["was"], **form.last_day, note=data["note"], by=request.user
        )

    told = _("Saved. The last day of %(city)s is now shown under “Membership”.")
    return answer(request, access, form, act, told, member=member)


@form_page
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a city join; with the third one the partnership is a tridem."""
    access = membership_of(request, slug)
    form = JoinForm(typed(request), places=may_come(access.tandem))

    def act() -> TandemMember:
        return join_partnership(tandem=access.tandem, **form.cleaned_data, by=request.user)

    told = _("%(city)s has joined. Now invite its contact person and a deputy.")
    return answer(request, access, form, act, told)


@form_page
def dock(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a city dock on as a guest."""
    access = membership_of(request, slug)
    form = DockForm(typed(request), places=may_come(access.tandem))

    def act() -> TandemMember:
        return dock_guest(tandem=access.tandem, **form.cleaned_data, by=request.user)

    told = _("%(city)s is now a guest. Next, add it to the topics and meetings that it may see.")
    return answer(request, access, form, act, told)


@form_page
def rematch(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a city a new partner: choose from the reserve list or the register, then note it."""
    access = membership_of(request, slug)
    tandem = access.tandem
    reserve = list(reserve_of(tandem=tandem, by=request.user))
    key = request.POST.get("application") or request.GET.get("application", "")
    chosen = next((row.application for row in reserve if str(row.application.key) == key), None)
    if key and chosen is None:
        messages.error(request, _("This city cannot be taken from the reserve list any more."))
        return redirect("workspace:membership-rematch", slug=slug)
    acting = tandem.members.acting().select_related("municipality").order_by("position", "pk")
    is_step = bool(chosen or request.POST or request.method == "POST" or "register" in request.GET)
    form = AgreementForm(
        typed(request), members=acting, places=None if chosen else may_come(tandem)
    )
    place = place_form(request, chosen)
    if request.method == "POST" and (place is None or place.is_valid()):
        new = done(form, lambda: act_on(form, place, tandem, chosen, request.user))
        if new is not None:
            told = _("%(name)s is planned. Begin it in the administration after the kick-off.")
            messages.success(request, told % {"name": new})
            return redirect("workspace:membership", slug=new.slug)
    context = frame(
        access,
        "people",
        reserve=reserve,
        chosen=chosen,
        form=form if is_step else None,
        place=place,
        cities=list(acting),
    )
    return render(request, "tandems/workspace/membership/rematch.html", context)


def place_form(request: HttpRequest, application: Application | None) -> PlaceForm | None:
    """Return what asks for a municipality that the register does not hold yet."""
    if application is None or application.municipality_id is not None:
        return None
    name = application.place_name
    return PlaceForm(
        typed(request),
        prefix="place",
        country=application.place_country,
        initial={
            "name_de": name,
            "name_en": name,
            "slug": suggested_slug(name),
            "language": application.place_language,
        },
    )


def act_on(
    form: AgreementForm,
    place: PlaceForm | None,
    tandem: Tandem,
    chosen: Application | None,
    by: Any,
) -> Tandem:
    """Form the new partnership as the forms say."""
    data = dict(form.cleaned_data)
    partner = chosen or data.pop("municipality")
    found = place.cleaned_data if place else None
    return rematch_partnership(tandem=tandem, partner=partner, place=found, **data, by=by)


def answer(
    request: HttpRequest,
    access: Access,
    form: Any,
    act: Callable[[], Any],
    told: str,
    member: TandemMember | None = None,
) -> HttpResponse:
    """Do what the form says and lead back to the membership, or show the form."""
    if request.method == "POST":
        result = done(form, act)
        if result is not None:
            city = getattr(result, "municipality", "")
            messages.success(request, told % {"city": city} if "%(" in told else told)
            return redirect("workspace:membership", slug=access.tandem.slug)
    context = frame(access, "people", form=form, member=member)
    return render(request, "tandems/workspace/membership/form.html", context)
