"""The overview of one meeting for those who take part in it, its guests, and who has left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from core.models import StatusChange
from meetings.access import MeetingAccess, Nobodys, closed_to_guests, lead_of
from meetings.actions.meeting import bars_to_holding, bars_to_reopening
from meetings.enums import COMING, MeetingKind, MeetingScope, MeetingStatus, MinutesState
from meetings.models import Attendance, Consultation, DatePoll, GuidingQuestion, Meeting, Minutes
from meetings.preparation import DATE, FORMAT, LINK, PLACE, QUESTIONS, Gap, gaps_of, lacks_place
from meetings.telling import partnerships_of
from meetings.times import local_times
from meetings.views.asking import frame, meeting_of
from municipalities.models import Municipality
from tandems.models import TandemMember
from tandems.views.asking import read_page

#: So many items of the agenda stand here; all of them have their own page.
SHOWN_ITEMS = 8
#: Of so many cities that have asked nothing yet, each is named.
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done: its name, its page (empty: others do it) and who does it."""

    name: str
    url: str
    who: str = ""


@read_page
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a meeting is about, when and where it is, what is missing, and what comes next."""
    access = meeting_of(request, pk, guests=True)
    meeting = access.meeting
    cities = list(meeting.participants.by_name())
    acting = list(Municipality.objects.filter(pk__in=acting_in(access)).by_name())
    cities = cities or acting
    questions = list(meeting.questions.select_related("municipality"))
    agenda = list(meeting.agenda.all()[: SHOWN_ITEMS + 1])
    is_coming = meeting.status in COMING
    if meeting.kind == MeetingKind.CONSULTATION:
        # As lists fetch it, so that the status is the same everywhere.
        states = Consultation.objects.filter(meeting=meeting).values_list("state", flat=True)
        meeting.consultation_state = states.first()  # type: ignore[attr-defined]
    context = frame(
        access,
        "home",
        times=clocks_of(access, cities),
        cities=cities,
        topics=meeting.topics.all().by_name(),
        asked=by_city(questions),
        agenda=agenda[:SHOWN_ITEMS],
        more_items=len(agenda) > SHOWN_ITEMS,
        is_coming=is_coming,
        asks_for_dates=DatePoll.objects.filter(meeting=meeting, closed_at=None).exists()
        and meeting.status == MeetingStatus.PLANNED,
        attendance=Attendance.objects.filter(meeting=meeting, user=request.user.pk).first(),
        missing=missing_in(access, acting, questions)
        if access.acts and is_coming and meeting.kind != MeetingKind.CONSULTATION
        else None,
        ways=ways_of(access) if access.leads else [],
        lead=who_leads(access),
        reason=reason_of(access),
        members=offices_of(access) if access.is_guest else [],
    )
    return render(request, "meetings/home.html", context)


def acting_in(access: MeetingAccess) -> set[int]:
    """Return the cities that act in a meeting; of a large one, those that take part."""
    meeting = access.meeting
    acting = meeting.acting_municipalities
    if meeting.scope == MeetingScope.TANDEM:
        return acting
    named = set(meeting.participants.order_by().values_list("pk", flat=True))
    return acting & named or acting


def clocks_of(access: MeetingAccess, cities: list[Municipality]) -> list[Any]:
    """Return when the meeting is on the reader's clock, on that of the place and of the cities."""
    meeting = access.meeting
    if meeting.starts_at is None:
        return []
    zones = [meeting.time_zone, *(city.time_zone for city in cities)]
    return local_times(meeting.starts_at, meeting.ends_at, zones, reader=access.user.time_zone)


def by_city(questions: list[GuidingQuestion]) -> list[tuple[Municipality, list[GuidingQuestion]]]:
    """Return guiding questions below the city that asks them, in their order."""
    found: dict[Municipality, list[GuidingQuestion]] = {}
    for question in questions:
        found.setdefault(question.municipality, []).append(question)
    return list(found.items())


def missing_in(
    access: MeetingAccess, acting: list[Municipality], questions: list[GuidingQuestion]
) -> list[Way]:
    """Return what is missing until the meeting is prepared: what, who can do it, and where."""
    asked = {question.municipality_id for question in questions}
    names = {city.pk: city for city in acting}
    gaps = gaps_of(access.meeting, names, asked)
    own = {city.pk for city in access.cities}
    # Of a meeting of many, only the own city is named; the others are counted.
    others = [gap for gap in gaps if gap.city is not None and gap.city not in own]
    if len(others) <= MOST_NAMED:
        return [told(access, gap, names) for gap in gaps]
    is_alone = len(others) == sum(gap.city is not None for gap in gaps)
    words = (
        _("Guiding questions from %(number)s municipalities")
        if is_alone
        else _("Guiding questions from %(number)s further municipalities")
    )
    counted = Way(
        words % {"number": len(others)},
        reverse("meeting:questions", args=[access.meeting.pk]),
        _("these municipalities"),
    )
    return [*(told(access, gap, names) for gap in gaps if gap not in others), counted]


def told(access: MeetingAccess, gap: Gap, names: dict[int, Municipality]) -> Way:
    """Return a gap in words; its page only for who can fill it."""
    pk = access.meeting.pk
    if gap.what == QUESTIONS and gap.city is not None:
        city = {"city": names[gap.city]}
        url = reverse("meeting:questions-edit", args=[pk, gap.city])
        may = access.speaks_for(gap.city, Permission.CONTRIBUTE)
        who = _("contact person, deputy and colleagues of %(city)s") % city
        return Way(_("Guiding questions from %(city)s") % city, url if may else "", who)
    if gap.what == QUESTIONS:
        return Way(_("A municipality that takes part"), "", _("the project team"))
    wanted = {
        DATE: _("A date"),
        FORMAT: _("The format: on site, virtual or hybrid"),
        PLACE: _("The place"),
        LINK: _("The link for taking part remotely"),
    }
    page = "meeting:poll" if gap.what == DATE else "meeting:edit"
    url = reverse(page, args=[pk]) if access.leads else ""
    return Way(wanted[gap.what], url, who_leads(access))


def who_leads(access: MeetingAccess) -> str:
    """Return who plans the meeting, by office."""
    if isinstance(lead_of(access.meeting), Nobodys):
        return _("the project team")
    return _("contact persons and deputies of the partnership, and the project team")


def ways_of(access: MeetingAccess) -> list[Way]:
    """Return what who leads the meeting can do now, the most useful first."""
    meeting = access.meeting
    args = [meeting.pk]
    is_consultation = meeting.kind == MeetingKind.CONSULTATION
    found: list[tuple[bool, str, str]] = [
        (is_consultation, "consultation", _("To the consultation")),
    ]
    if meeting.status in COMING:
        begun = not bars_to_holding(meeting=meeting, by=access.user)
        undated = meeting.earliest is None
        invites = not begun and not undated and not lacks_place(meeting)
        # Who answers before is sent the own invitation, and nobody else's.
        was_sent = invites and meeting.invited_at is not None and were_sent(meeting)
        found += [
            (begun, "held", _("Note that it took place")),
            (undated, "poll", _("Find a date")),
            (invites and not was_sent, "invitations", _("Invite people")),
            (invites and was_sent, "invitations", _("Invitations and answers")),
        ]
    found += [
        (meeting.status == MeetingStatus.HELD, "minutes", minutes_way(meeting)),
        (meeting.status == MeetingStatus.HELD, "commitments", _("Record commitments")),
        (meeting.status == MeetingStatus.CANCELLED, "revive", _("It takes place after all")),
        (meeting.status != MeetingStatus.CANCELLED, "edit", _("Change the plan")),
        (meeting.status == MeetingStatus.PLANNED, "announce", _("Announce it publicly")),
        (meeting.status == MeetingStatus.ANNOUNCED, "withdraw", _("Withdraw the announcement")),
        (meeting.status in COMING, "cancel", _("Cancel it")),
        (may_reopen(access), "reopen", _("Take back that it took place")),
    ]
    ways = [
        Way(name, reverse(f"meeting:{page}", args=args)) for shown, page, name in found if shown
    ]
    if not closed_to_guests(meeting):
        url = reverse("meeting:guests", args=args)
        if meeting.tandem is not None:
            url = reverse("workspace:meeting-guests", args=[meeting.tandem.slug, meeting.pk])
        ways.append(Way(_("Guests of the meeting"), url))
    return ways


def minutes_way(meeting: Meeting) -> str:
    """Return what is to be done about the minutes: only a draft can be written."""
    if meeting.status != MeetingStatus.HELD:
        return ""
    states = Minutes.objects.filter(meeting=meeting).order_by("-number")
    state = states.values_list("state", flat=True).first()
    is_draft = state in {None, MinutesState.DRAFT}
    return _("Write the minutes") if is_draft else _("To the minutes")


def were_sent(meeting: Meeting) -> bool:
    """Tell whether the invitations were sent to those on the list."""
    changes = StatusChange.objects.of(meeting)
    return changes.filter(field="invitation", new="sent").exists()


def may_reopen(access: MeetingAccess) -> bool:
    """Tell whether it can be taken back that the meeting took place."""
    meeting = access.meeting
    if meeting.status != MeetingStatus.HELD:
        return False
    return not bars_to_reopening(meeting=meeting, by=access.user)


def reason_of(access: MeetingAccess) -> str:
    """Return why a meeting was cancelled."""
    if access.meeting.status != MeetingStatus.CANCELLED:
        return ""
    rows = StatusChange.objects.of(access.meeting)
    row = rows.filter(field="status", new=MeetingStatus.CANCELLED).first()
    return row.note if row else ""


def offices_of(access: MeetingAccess) -> Any:
    """Return the cities of the partnerships that meet, with their offices, for a guest."""
    rows = TandemMember.objects.acting().filter(tandem__in=partnerships_of(access.meeting))
    return rows.select_related("municipality").order_by("tandem__number", "position")
