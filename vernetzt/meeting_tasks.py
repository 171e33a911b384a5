"""What waits for a person around meetings: a turn to write, an answer, questions, a word."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, reach_of
from core.dates import day
from meetings.asked import is_overdue, missing_by_minutes, overdue_minutes
from meetings.enums import MeetingKind, MeetingScope, MeetingStatus, MinutesState, Reply
from meetings.models import Attendance, GuidingQuestion, Meeting, Minutes, PollReply
from meetings.phases import clock_words, missing_in
from meetings.turns import turns_of
from municipalities.models import Municipality
from tandems.models import TandemMember

#: Title, reason, address and words of the link, as a task of the dashboard holds them.
Row = tuple[str, str, str, str]
#: Rows of each kind; all of them stand on the pages of the meetings.
SHOWN = 8
#: So long before a meeting a city is asked for its questions.
ASKED_BEFORE = dt.timedelta(days=21)


def meeting_tasks(user: Any) -> list[Row]:
    """Return what waits for the person around meetings, the most pressing kind first."""
    if not user.is_authenticated:
        return []
    return [
        *turn_rows(user),
        *date_rows(user),
        *invitation_rows(user),
        *minutes_rows(user),
        *question_rows(user),
    ]


def turn_rows(user: Any) -> list[Row]:
    """Return the consultations in which it is the person's turn, or a phase of which is over.

    They say nothing of the case, which only the room shows.
    """
    now = timezone.now()
    rows: list[Row] = []
    for turn in turns_of(user, now)[:SHOWN]:
        title = _("It is your turn: %(phase)s")
        said = [str(turn.meeting), clock_words(turn.row, now)]
        if turn.opens_next:
            title = _("Open the next phase: the time for “%(phase)s” is over")
            said.append(str(missing_in(turn.member.consultation)))
        rows.append(
            (
                title % {"phase": turn.phase.label},
                " · ".join(words for words in said if words),
                reverse("meeting:consultation", args=[turn.meeting.pk]),
                _("To the consultation"),
            )
        )
    return rows


def date_rows(user: Any) -> list[Row]:
    """Return the date polls that the person has not answered."""
    answered = PollReply.objects.filter(attendance=OuterRef("pk"))
    rows = Attendance.objects.filter(user=user, meeting__poll__closed_at__isnull=True)
    rows = rows.filter(meeting__poll__isnull=False, meeting__status=MeetingStatus.PLANNED)
    rows = rows.exclude(Exists(answered)).select_related("meeting__poll")
    return [
        (
            _("Say which dates suit you: %(meeting)s") % {"meeting": row.meeting},
            _("Please answer by %(day)s.")
            % {"day": day(timezone.localdate(row.meeting.poll.answer_by))},
            reverse("meeting:poll", args=[row.meeting_id]),
            _("To the proposed dates"),
        )
        for row in still_open(user, rows.order_by("meeting__poll__answer_by", "pk"))
    ]


def invitation_rows(user: Any) -> list[Row]:
    """Return the invitations that the person has not answered."""
    over = (MeetingStatus.HELD, MeetingStatus.CANCELLED)
    rows = Attendance.objects.filter(
        user=user,
        reply=Reply.NONE,
        told_sequence__isnull=False,
        meeting__latest__gte=timezone.localdate(),
    ).exclude(meeting__status__in=over)
    rows = rows.select_related("meeting").order_by("meeting__earliest", "pk")
    return [
        (
            _("Say whether you take part: %(meeting)s") % {"meeting": row.meeting},
            str(row.meeting.span),
            reverse("meeting:reply", args=[row.meeting_id]),
            _("To the invitation"),
        )
        for row in still_open(user, rows)
    ]


def still_open(user: Any, rows: Any) -> list[Attendance]:
    """Return the first of the invitations to meetings that the person reads from within."""
    found = list(rows[:SHOWN])
    if not found:
        return []
    seen = Meeting.objects.from_within_for(user).filter(pk__in=[row.meeting_id for row in found])
    keys = set(seen.order_by().values_list("pk", flat=True))
    return [row for row in found if row.meeting_id in keys]


def minutes_rows(user: Any) -> list[Row]:
    """Return the minutes that wait for the word of one of the person's cities, or are overdue.

    Whoever leads the meeting learns that the day to agree has passed; the team, of all meetings.
    """
    reach = reach_of(user, Permission.LEAD_MEETINGS)
    if reach is None:
        late = overdue_minutes(timezone.localdate()).select_related("meeting")
        waiting, leads = list(late[:SHOWN]), None
    elif reach:
        waiting, leads = _waiting_minutes(reach)
    else:
        return []
    missing = missing_by_minutes(waiting) if waiting else {}
    rows: list[Row] = []
    for minutes in waiting:
        cities = missing[minutes.pk]
        if any(city.pk in (reach or ()) for city in cities):
            rows.append(_word_row(minutes))
        elif is_overdue(minutes) and (leads is None or minutes.pk in leads):
            rows.append(_overdue_row(minutes, cities))
    return rows[:SHOWN]


def _waiting_minutes(reach: set[int]) -> tuple[list[Minutes], set[int]]:
    """Return what is out for agreement where cities may be asked, and (keys) what they lead."""
    mine = TandemMember.objects.acting().filter(municipality__in=reach)
    led = Exists(mine.filter(tandem=OuterRef("meeting__tandem")))
    joint = Exists(mine.filter(tandem__joint_meetings=OuterRef("meeting")))
    network = Q(meeting__scope=MeetingScope.PROGRAMME)
    waiting = Minutes.objects.filter(state=MinutesState.IN_AGREEMENT).select_related("meeting")
    rows = waiting.annotate(is_led=led).filter(Q(is_led=True) | joint | network)
    found: list[Any] = list(rows.order_by("agree_by", "pk"))
    shared = {MeetingScope.TANDEM, MeetingScope.SEVERAL}
    leads = {row.pk for row in found if row.is_led and row.meeting.scope in shared}
    return found, leads


def _word_row(minutes: Minutes) -> Row:
    """Return the row of minutes that wait for the word of one of the person's cities."""
    words = _("Your city is asked to agree by %(day)s.")
    if is_overdue(minutes):
        words = _("Your city was asked to agree by %(day)s. That day has passed.")
    return (
        _("Agree to the minutes: %(meeting)s") % {"meeting": minutes.meeting},
        words % {"day": _day_to_agree(minutes)},
        reverse("meeting:minutes", args=[minutes.meeting_id]),
        _("Read the minutes"),
    )


def _day_to_agree(minutes: Minutes) -> str:
    return day(minutes.agree_by) if minutes.agree_by else ""


def _overdue_row(minutes: Minutes, cities: list[Municipality]) -> Row:
    """Return the row of minutes to which other cities have not agreed in time."""
    words = _("No city of this meeting is in the partnership any more, so nobody can agree.")
    if cities:
        names = ", ".join(str(city) for city in cities)
        words = _("No agreement by %(day)s from: %(cities)s. You can extend the day.") % {
            "day": _day_to_agree(minutes),
            "cities": names,
        }
    return (
        _("The minutes are overdue: %(meeting)s") % {"meeting": minutes.meeting},
        words,
        reverse("meeting:minutes", args=[minutes.meeting_id]),
        _("To the minutes"),
    )


def question_rows(user: Any) -> list[Row]:
    """Return the meetings soon to come for which one of the person's cities asks nothing yet."""
    reach = reach_of(user, Permission.CONTRIBUTE)
    if not reach:
        return []
    today = timezone.localdate()
    asked = GuidingQuestion.objects.filter(meeting=OuterRef("pk"), municipality__in=reach)
    mine = TandemMember.objects.acting().filter(municipality__in=reach)
    own = Q(Exists(mine.filter(tandem=OuterRef("tandem"))), scope=MeetingScope.TANDEM)
    own |= Q(Exists(mine.filter(tandem__joint_meetings=OuterRef("pk"))))
    rows = Meeting.objects.visible_to(user).filter(
        own, earliest__gte=today, earliest__lte=today + ASKED_BEFORE
    )
    rows = rows.filter(status__in=[MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED])
    # A consultation has its own questions.
    rows = rows.exclude(kind=MeetingKind.CONSULTATION)
    rows = rows.exclude(Exists(asked)).order_by(F("earliest").asc(), "pk")
    found = list(rows[:SHOWN])
    places = Municipality.objects.filter(pk__in=reach).by_name() if found else []
    cities = ", ".join(str(place) for place in places)
    return [
        (
            _("Ask your guiding questions: %(meeting)s") % {"meeting": meeting},
            _("%(day)s · no questions from %(cities)s yet. Up to three give it a direction.")
            % {"day": meeting.span, "cities": cities},
            reverse("meeting:questions", args=[meeting.pk]),
            _("To the questions"),
        )
        for meeting in found
    ]
