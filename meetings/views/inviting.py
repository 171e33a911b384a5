"""Who is invited to a meeting: the list, adding and removing people, sending, reminders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from core.dates import DatePrecision
from meetings.access import MeetingAccess
from meetings.actions import inviting as actions
from meetings.actions.attendance import may_record
from meetings.actions.reminding import REMINDERS, SILENT, choose_reminders
from meetings.actions.withdrawing import remove_invitation
from meetings.enums import MeetingStatus, Reply
from meetings.forms.inviting import ButtonForm, OutsideGuestForm, PeopleForm, RemindersForm
from meetings.invitation import has_begun, is_over, reachable
from meetings.models import Attendance
from meetings.preparation import lacks_place
from meetings.views.asking import frame, meeting_of
from tandems.views.asking import act_page, form_page, read_page
from tandems.views.trying import done, typed

#: What the forms of the page that adds people do.
PEOPLE, EVERYBODY, GUEST = "people", "everybody", "guest"
#: With more people than these nobody looks for the ones to leave out.
MOST_TICKS = 200


@read_page
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who is invited, what they answered and who was not told yet; for who acts here."""
    access = meeting_of(request, pk)
    if not access.acts:
        raise PermissionDenied
    meeting = access.meeting
    rows = list(meeting.attendances.with_people())
    known = {row.pk for row in reachable(meeting, rows)}
    waiting = [row for row in rows if row.told_sequence is None and row.pk in known]
    invited = {row.user_id for row in rows}
    candidates = actions.candidates_of(meeting=meeting, by=request.user)
    counts = Counter(row.reply for row in rows)
    is_dated = meeting.precision == DatePrecision.DAY
    is_open = meeting.status not in SILENT and not is_over(meeting)
    context = frame(
        access,
        "invitations",
        groups=by_city(rows, known),
        totals=[(reply, reply.label, counts[reply]) for reply in Reply if reply != Reply.NONE]
        + [(Reply.NONE, Reply.NONE.label, counts[Reply.NONE])],
        waiting=len(waiting),
        missing=sum(1 for one in candidates if one.user.pk not in invited),
        is_dated=is_dated,
        is_open=is_open,
        lacks_place=lacks_place(meeting),
        may_send=access.leads
        and is_open
        and is_dated
        and bool(waiting)
        and not lacks_place(meeting),
        may_change=access.leads and meeting.status != MeetingStatus.CANCELLED,
        may_record=has_begun(meeting)
        and may_record(access=access, by=request.user)
        and is_on(access),
        reminders=[
            str(REMINDERS[row.hours_before])
            for row in meeting.reminders.all()
            if row.hours_before in REMINDERS
        ],
    )
    return render(request, "meetings/invitations.html", context)


def is_on(access: MeetingAccess) -> bool:
    """Tell whether the meeting was not cancelled."""
    return access.meeting.status != MeetingStatus.CANCELLED


def by_city(rows: Iterable[Attendance], known: set[int]) -> list[dict[str, Any]]:
    """Return invited people by city and name, those of no city last."""
    groups: dict[str, list[Attendance]] = {}
    for row in sorted(rows, key=lambda row: str(row).casefold()):
        groups.setdefault(str(row.municipality) if row.municipality else "", []).append(row)
    return [
        {"city": city, "rows": [(row, row.pk in known) for row in groups[city]]}
        for city in sorted(groups, key=lambda city: (not city, city.casefold()))
    ]


@act_page
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation to everybody who was not told yet."""
    access = meeting_of(request, pk, lead=True)
    try:
        number = actions.send_invitations(meeting=access.meeting, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("meeting:invitations", pk=pk)
    if number:
        told = ngettext(
            "One invitation has been sent.", "%(number)s invitations have been sent.", number
        )
        messages.success(request, told % {"number": number})
    else:
        messages.info(request, _("Everybody on the list has been invited already."))
    return redirect("meeting:invitations", pk=pk)


@form_page
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add people of the cities, or somebody from outside."""
    access = meeting_of(request, pk, lead=True)
    meeting = access.meeting
    invited = set(meeting.attendances.values_list("user", flat=True))
    candidates = actions.candidates_of(meeting=meeting, by=request.user)
    candidates = [one for one in candidates if one.user.pk not in invited]
    data = typed(request)
    what = data.get("what") if data else ""
    people = PeopleForm(data if what == PEOPLE else None, candidates=candidates)
    guest = OutsideGuestForm(data if what == GUEST else None, zone=meeting.time_zone)

    def act() -> int:
        if what == PEOPLE:
            chosen = people.cleaned_data["people"]
            return actions.invite_people(meeting=meeting, people=chosen, by=request.user)
        if what == EVERYBODY:
            return actions.invite_everybody(meeting=meeting, by=request.user)
        actions.invite_guest(meeting=meeting, **guest.cleaned_data, by=request.user)
        return 1

    forms = {PEOPLE: people, EVERYBODY: ButtonForm(data), GUEST: guest}
    if request.method == "POST" and what in forms:
        added = done(forms[what], act)
        if added is not None:
            told = ngettext(
                "One person is on the list now.", "%(number)s people have been added.", added
            )
            messages.success(request, told % {"number": added})
            return redirect("meeting:invitations", pk=pk)
    context = frame(
        access,
        "invitations",
        people=people if len(candidates) <= MOST_TICKS else None,
        guest=guest,
        candidates=len(candidates),
    )
    return render(request, "meetings/invitation_add.html", context)


@form_page
def remove(request: HttpRequest, pk: int, attendance: int) -> HttpResponse:
    """Take an invitation back."""
    access = meeting_of(request, pk, lead=True)
    rows = access.meeting.attendances.select_related("user", "municipality")
    row = rows.filter(pk=attendance).first()
    if row is None:
        # The other tab was faster, or the button was pressed twice.
        messages.warning(request, _("This invitation was removed already."))
        return redirect("meeting:invitations", pk=pk)
    form = ButtonForm(typed(request))

    def act() -> Any:
        return remove_invitation(attendance=row, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("%(name)s is no longer invited.") % {"name": row})
        return redirect("meeting:invitations", pk=pk)
    is_told = row.told_sequence is not None and is_on(access) and not is_over(access.meeting)
    context = frame(access, "invitations", row=row, form=form, is_told=is_told)
    return render(request, "meetings/invitation_remove.html", context)


@form_page
def reminders(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose when invited people are reminded."""
    access = meeting_of(request, pk, lead=True)
    form = RemindersForm(
        typed(request),
        initial={"hours": list(access.meeting.reminders.values_list("hours_before", flat=True))},
    )

    def act() -> int:
        hours = form.cleaned_data["hours"]
        return choose_reminders(meeting=access.meeting, hours=hours, by=request.user)

    if request.method == "POST" and done(form, act) is not None:
        messages.success(request, _("Saved."))
        return redirect("meeting:invitations", pk=pk)
    context = frame(access, "invitations", form=form)
    return render(request, "meetings/reminders.html", context)
