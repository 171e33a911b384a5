"""Meetings with their agenda, and the commitments that come out of them."""

from __future__ import annotations

from meetings.models.commitment import Commitment as Commitment
from meetings.models.meeting import (
    LONGEST_FEED as LONGEST_FEED,
    AgendaItem as AgendaItem,
    Meeting as Meeting,
    MeetingGuest as MeetingGuest,
    MeetingQuerySet as MeetingQuerySet,
)
