"""Meetings from the plan to the minutes, and the commitments that come out of them."""

from __future__ import annotations

from meetings.models.agenda import (
    MOST_QUESTIONS as MOST_QUESTIONS,
    AgendaItem as AgendaItem,
    GuidingQuestion as GuidingQuestion,
)
from meetings.models.attendance import (
    Attendance as Attendance,
    CalendarFeed as CalendarFeed,
    CityAttendance as CityAttendance,
    MeetingGuest as MeetingGuest,
    MeetingReminder as MeetingReminder,
)
from meetings.models.check_in import CheckIn as CheckIn, CheckInAnswer as CheckInAnswer
from meetings.models.commitment import Commitment as Commitment
from meetings.models.consultation import (
    Consultation as Consultation,
    ConsultationMember as ConsultationMember,
    ConsultationPhase as ConsultationPhase,
    Contribution as Contribution,
)
from meetings.models.learning import LearningEntry as LearningEntry
from meetings.models.meeting import (
    LONGEST_FEED as LONGEST_FEED,
    Meeting as Meeting,
    MeetingQuerySet as MeetingQuerySet,
)
from meetings.models.minutes import (
    Minutes as Minutes,
    MinutesAgreement as MinutesAgreement,
    MinutesComment as MinutesComment,
    MinutesEntry as MinutesEntry,
)
from meetings.models.poll import (
    DatePoll as DatePoll,
    PollOption as PollOption,
    PollReply as PollReply,
)
