"""The pages on which minutes are sent out, agreed, commented, returned, released and corrected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from meetings.access import MeetingAccess
from meetings.actions import agreeing as actions
from meetings.actions.correcting import correct_minutes, give_up_correction
from meetings.actions.extending import extend_agreement
from meetings.asked import cities_asked, is_written, seal_of, text_seal_of
from meetings.enums import MinutesState
from meetings.forms.minutes import (
    AgreeForm,
    CorrectionForm,
    ExtendAgreementForm,
    MinutesCommentForm,
    ReturnMinutesForm,
    SendMinutesForm,
)
from meetings.models import Minutes
from meetings.views.asking import frame, meeting_of
from meetings.views.minutes_reading import (
    moved_on,
    newest,
    own_cities,
    reading,
    require_contributor,
    voice,
)
from municipalities.models import Municipality
from tandems.views.asking import form_page
from tandems.views.trying import done, typed

#: Refusals that tell a second click that what it wanted is done.
DONE = frozenset({"sent", "given", "released"})


@form_page
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the draft out for agreement, with the day by which the cities should agree."""
    access = meeting_of(request, pk, lead=True)
    current = newest(access)
    if current is None or not current.is_open:
        return moved_on(request, access, _("There is no draft that could be sent out."))
    form = SendMinutesForm(typed(request))

    def act() -> Minutes:
        return actions.send_minutes(minutes=current, **form.cleaned_data, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(
            request, _("The minutes are out for agreement. The cities have been told.")
        )
        return redirect("meeting:minutes", pk=pk)
    return page(
        request,
        access,
        form,
        "send",
        asked=cities_asked(access.meeting),
        empty=current.entries.filter(text="").count(),
        is_written=is_written(current),
        **reading(access, current),
    )


@form_page
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Show exactly what was sent out, and let a city agree; each only for itself."""
    access = meeting_of(request, pk)
    speaks = own_cities(access, cities_asked(access.meeting))
    if not speaks:
        raise PermissionDenied
    current = newest(access)
    if request.method == "POST":
        city = own_city(request, speaks)
        if current is None:
            return moved_on(request, access, _("Nobody has begun the minutes yet."))
        return agreed(request, access, current, city)
    if current is None or current.state != MinutesState.IN_AGREEMENT:
        return moved_on(request, access, _("No minutes wait for an agreement."))
    shown = reading(access, current)
    if not shown["own_missing"]:
        return moved_on(request, access, _("Your city has agreed already."))
    form = AgreeForm(cities=shown["own_missing"])
    return page(request, access, form, "agree", seen=seal_of(current), **shown)


def own_city(request: HttpRequest, speaks: list[Municipality]) -> Municipality:
    """Return the city that agrees; raises :class:`PermissionDenied` for another than the own."""
    key = request.POST.get("city", "")
    for city in speaks:
        if key == str(city.pk) or (not key and len(speaks) == 1):
            return city
    raise PermissionDenied


def agreed(
    request: HttpRequest, access: MeetingAccess, minutes: Minutes, city: Municipality
) -> HttpResponse:
    """Give the word of a city, and say what follows."""
    try:
        after = actions.agree_to_minutes(
            minutes=minutes,
            municipality=city,
            seen=request.POST.get("seen", ""),
            by=request.user,
        )
    except ValidationError as error:
        return refused(request, access, error)
    if after.state == MinutesState.AGREED:
        messages.success(request, _("Thank you. All cities have agreed: the minutes count now."))
    else:
        messages.success(request, _("Thank you. Your city has agreed to the minutes."))
    return redirect("meeting:minutes", pk=access.meeting.pk)


@form_page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a comment on minutes that are out for agreement, on the whole or on one entry."""
    access = meeting_of(request, pk)
    require_contributor(access)
    current = newest(access)
    if current is None or (current.state != MinutesState.IN_AGREEMENT and not request.POST):
        return moved_on(request, access, _("No minutes are out for agreement."))
    form = MinutesCommentForm(
        typed(request), entries=current.entries.all(), about=request.GET.get("entry", "")
    )

    def act() -> Any:
        return actions.comment_on_minutes(
            minutes=current,
            municipality=voice(access, Permission.CONTRIBUTE),
            **form.cleaned_data,
            by=request.user,
        )

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("Your comment is now shown with the minutes."))
        return redirect("meeting:minutes", pk=pk)
    return page(request, access, form, "comment", **reading(access, current))


@form_page
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take minutes that are out for agreement back to the draft."""
    access = meeting_of(request, pk, lead=True)
    current = newest(access)
    if current is None or (current.state != MinutesState.IN_AGREEMENT and not request.POST):
        return moved_on(request, access, _("No minutes are out for agreement."))
    form = ReturnMinutesForm(typed(request))

    def act() -> Minutes:
        return actions.return_minutes(
            minutes=current,
            municipality=voice(access, Permission.LEAD_MEETINGS),
            seen=request.POST.get("seen", ""),
            **form.cleaned_data,
            by=request.user,
        )

    if request.method == "POST" and done(form, act) is not None:
        if current.is_open:
            return moved_on(request, access, _("The minutes are a draft again already."))
        messages.success(request, _("The minutes are a draft again and can be changed."))
        return redirect("meeting:minutes", pk=pk)
    return page(request, access, form, "return", seen=seal_of(current), **reading(access, current))


@form_page
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the cities more time to agree; what was agreed stays."""
    access = meeting_of(request, pk, lead=True)
    current = newest(access)
    if current is None or current.agree_by is None or current.state != MinutesState.IN_AGREEMENT:
        return moved_on(request, access, _("No minutes are out for agreement."))
    form = ExtendAgreementForm(typed(request), current=current.agree_by)

    def act() -> Minutes:
        seen = request.POST.get("seen", "")
        return extend_agreement(minutes=current, seen=seen, **form.cleaned_data, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("The cities have more time. They have been told."))
        return redirect("meeting:minutes", pk=pk)
    return page(request, access, form, "extend", seen=seal_of(current), **reading(access, current))


@form_page
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the public part as everybody will read it, and release it."""
    access = meeting_of(request, pk, lead=True)
    current = access.meeting.minutes.agreed().first()
    if current is None:
        return moved_on(
            request, access, _("The public part can be released once the cities have agreed.")
        )
    current.meeting = access.meeting
    if request.method == "POST":
        try:
            actions.release_public_part(minutes=current, by=request.user)
        except ValidationError as error:
            return refused(request, access, error)
        messages.success(request, _("The public part now stands on the page of the meeting."))
        return redirect("meeting:minutes", pk=pk)
    if current.released_at is not None:
        return moved_on(request, access, _("The public part has been released already."))
    return page(request, access, None, "release", **reading(access, current))


@form_page
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction of agreed minutes, which is a new version."""
    access = meeting_of(request, pk, lead=True)
    current = newest(access)
    if current is None or (current.state != MinutesState.AGREED and not request.POST):
        return moved_on(request, access, _("There are no agreed minutes to correct."))
    form = CorrectionForm(typed(request))

    def act() -> Minutes:
        return correct_minutes(meeting=access.meeting, **form.cleaned_data, by=request.user)

    if request.method == "POST" and (new := done(form, act)) is not None:
        is_mine = new.correction_note == form.cleaned_data["note"]
        told = _("The correction has been begun. The agreed minutes count until it is agreed.")
        messages.info(request, told if is_mine else _("Another version is on its way already."))
        return redirect("meeting:minutes", pk=pk)
    return page(request, access, form, "correct", **reading(access, current))


@form_page
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then throw a correction away that was begun by mistake."""
    access = meeting_of(request, pk, lead=True)
    current = newest(access)
    agreed_one = access.meeting.minutes.agreed().first()
    if current is None or agreed_one is None or not current.is_open:
        return moved_on(request, access, _("There is no correction that could be given up."))
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            give_up_correction(minutes=current, seen=seen, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("meeting:minutes-give-up", pk=pk)
        messages.success(
            request, _("The correction has been given up. The agreed minutes still count.")
        )
        return redirect("meeting:minutes", pk=pk)
    seal = text_seal_of(current)
    return page(request, access, None, "give-up", seen=seal, **reading(access, current))


def page(
    request: HttpRequest, access: MeetingAccess, form: Any, step: str, **context: Any
) -> HttpResponse:
    """Show the page of one step on the way of the minutes."""
    whole = frame(access, "minutes", form=form, step=step, **context)
    return render(request, TEMPLATES[step], whole)


#: Step → its page.
TEMPLATES = {
    "send": "meetings/minutes_send.html",
    "agree": "meetings/minutes_agree.html",
    "comment": "meetings/minutes_comment.html",
    "return": "meetings/minutes_return.html",
    "extend": "meetings/minutes_extend.html",
    "release": "meetings/minutes_release.html",
    "correct": "meetings/minutes_correct.html",
    "give-up": "meetings/minutes_give_up.html",
}


def refused(request: HttpRequest, access: MeetingAccess, error: Any) -> HttpResponse:
    """Say why nothing was done, and show the minutes as they stand now."""
    words = " ".join(error.messages)
    if getattr(error, "code", "") in DONE:
        messages.info(request, words)
    else:
        messages.error(request, words)
    return redirect("meeting:minutes", pk=access.meeting.pk)
