"""Closed lists of the meetings app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MeetingKind(models.TextChoices):
    """What kind of meeting it is."""

    KICK_OFF = "kick_off", _("kick-off")
    WORKING_MEETING = "working_meeting", _("working meeting")
    SITE_VISIT = "site_visit", _("study visit")
    TANDEM_MEETING = "tandem_meeting", _("tandem meeting")
    WEB_SEMINAR = "web_seminar", _("web seminar")
    WORKSHOP = "workshop", _("workshop")
    WORKSHOP_SERIES = "workshop_series", _("workshop series")
    NETWORK_MEETING = "programme_meeting", _("network meeting")
    CONSULTATION = "consultation", _("peer consultation")
    HACKATHON = "hackathon", _("hackathon")
    PARTICIPATION = "participation", _("public participation")
    CONFERENCE = "conference", _("conference")
    PRESENTATION = "presentation", _("presentation")
    RELATED_EVENT = "related_event", _("related event")


class MeetingScope(models.TextChoices):
    """Who a meeting belongs to."""

    TANDEM = "tandem", _("one partnership")
    PROGRAMME = "programme", _("the whole network")
    RELATED = "related", _("around the programme")


class MeetingFormat(models.TextChoices):
    """Where people meet."""

    VIRTUAL = "virtual", _("virtual")
    ON_SITE = "on_site", _("on site")
    HYBRID = "hybrid", _("hybrid")


class MeetingStatus(models.TextChoices):
    """Whether a meeting was only announced, took place or was cancelled."""

    PLANNED = "planned", _("planned, internal")
    ANNOUNCED = "announced", _("announced")
    UNCONFIRMED = "unconfirmed", _("announced, not confirmed")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


#: Status → statuses that may follow.
TRANSITIONS: dict[str, frozenset[str]] = {
    MeetingStatus.PLANNED: frozenset({MeetingStatus.ANNOUNCED, MeetingStatus.CANCELLED}),
    MeetingStatus.ANNOUNCED: frozenset(
        {MeetingStatus.HELD, MeetingStatus.UNCONFIRMED, MeetingStatus.CANCELLED}
    ),
    MeetingStatus.UNCONFIRMED: frozenset({MeetingStatus.HELD, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset(),
    MeetingStatus.CANCELLED: frozenset({MeetingStatus.ANNOUNCED}),
}


class CommitmentState(models.TextChoices):
    """What became of a commitment."""

    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    DROPPED = "dropped", _("dropped")


#: State of a commitment → states that may follow.
COMMITMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    CommitmentState.OPEN: frozenset({CommitmentState.KEPT, CommitmentState.DROPPED}),
    CommitmentState.KEPT: frozenset(),
    CommitmentState.DROPPED: frozenset(),
}


class CommitmentStep(models.TextChoices):
    """What can be said about an open commitment."""

    KEPT = "kept", _("It has been kept.")
    MOVED = "moved", _("It needs more time.")
    DROPPED = "dropped", _("It has been dropped.")
