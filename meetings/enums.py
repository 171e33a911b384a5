"""Closed lists of the meetings app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MeetingKind(models.TextChoices):
    """What kind of meeting it is."""

    KICK_OFF = "kick_off", _("kick-off")
    WORKING_MEETING = "working_meeting", _("working meeting")
    SITE_VISIT = "site_visit", _("study visit")
    RETURN_VISIT = "return_visit", _("return visit")
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


#: What is offered to who plans a meeting; the other kinds are found in the facts of the programme.
PLANNED_KINDS = (
    MeetingKind.KICK_OFF,
    MeetingKind.WORKING_MEETING,
    MeetingKind.SITE_VISIT,
    MeetingKind.RETURN_VISIT,
    MeetingKind.WEB_SEMINAR,
    MeetingKind.NETWORK_MEETING,
    MeetingKind.CONSULTATION,
)


class MeetingScope(models.TextChoices):
    """Who a meeting belongs to."""

    TANDEM = "tandem", _("one partnership")
    SEVERAL = "several", _("several partnerships")
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


#: Such a meeting is to take place; whether it did, nobody has said yet.
COMING = (MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED, MeetingStatus.UNCONFIRMED)
#: Nobody is to join such a meeting any more.
OVER = (MeetingStatus.HELD, MeetingStatus.CANCELLED)
#: Status → statuses that may follow. What was said by mistake is taken back: an announcement, a
#: cancellation, and that a meeting took place; which of them leads where, the actions say.
TRANSITIONS: dict[str, frozenset[str]] = {
    MeetingStatus.PLANNED: frozenset(
        {MeetingStatus.ANNOUNCED, MeetingStatus.HELD, MeetingStatus.CANCELLED}
    ),
    MeetingStatus.ANNOUNCED: frozenset(
        {
            MeetingStatus.PLANNED,
            MeetingStatus.HELD,
            MeetingStatus.UNCONFIRMED,
            MeetingStatus.CANCELLED,
        }
    ),
    MeetingStatus.UNCONFIRMED: frozenset({MeetingStatus.HELD, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset(COMING),
    MeetingStatus.CANCELLED: frozenset({MeetingStatus.PLANNED, MeetingStatus.ANNOUNCED}),
}


class CommitmentState(models.TextChoices):
    """What became of a commitment."""

    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    DROPPED = "dropped", _("dropped")


#: State of a commitment → states that may follow. What was said by a slip is taken back first.
COMMITMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    CommitmentState.OPEN: frozenset({CommitmentState.KEPT, CommitmentState.DROPPED}),
    CommitmentState.KEPT: frozenset({CommitmentState.OPEN}),
    CommitmentState.DROPPED: frozenset({CommitmentState.OPEN}),
}


class CommitmentStep(models.TextChoices):
    """What can be said about an open commitment."""

    KEPT = "kept", _("It has been kept.")
    MOVED = "moved", _("It needs more time.")
    DROPPED = "dropped", _("It has been dropped.")


class Reply(models.TextChoices):
    """What an invited person has answered."""

    NONE = "none", _("no answer yet")
    YES = "yes", _("is coming")
    MAYBE = "maybe", _("may come")
    NO = "no", _("is not coming")


class PollChoice(models.TextChoices):
    """Whether a proposed date suits somebody."""

    YES = "yes", _("suits me")
    IF_NEED_BE = "if_need_be", _("possible if need be")
    NO = "no", _("does not suit me")


class MinutesState(models.TextChoices):
    """Where the minutes of a meeting stand."""

    DRAFT = "draft", _("draft")
    IN_AGREEMENT = "in_agreement", _("out for agreement")
    AGREED = "agreed", _("agreed")
    REPLACED = "replaced", _("replaced by a correction")


#: State of minutes → states that may follow.
MINUTES_TRANSITIONS: dict[str, frozenset[str]] = {
    MinutesState.DRAFT: frozenset({MinutesState.IN_AGREEMENT}),
    MinutesState.IN_AGREEMENT: frozenset({MinutesState.DRAFT, MinutesState.AGREED}),
    MinutesState.AGREED: frozenset({MinutesState.REPLACED}),
    MinutesState.REPLACED: frozenset(),
}
#: Minutes that are still on their way; of these a meeting has one at most.
UNFINISHED_MINUTES = (MinutesState.DRAFT, MinutesState.IN_AGREEMENT)


class CheckInFate(models.TextChoices):
    """What a city says of a commitment months after the end of the partnership."""

    KEPT = "kept", _("It has been kept.")
    GOING_ON = "going_on", _("We are still working on it.")
    DROPPED = "dropped", _("It has been dropped.")


class Cooperation(models.TextChoices):
    """How the cities work together months after the end of the partnership."""

    ON = "on", _("We still work together.")
    LOOSE = "loose", _("We are in touch now and then.")
    OVER = "over", _("We are no longer in touch.")


#: A city is asked so many months after the end of the partnership.
CHECK_IN_MONTHS = (6, 12, 24)


class ConsultationMode(models.TextChoices):
    """How people advise each other."""

    LIVE = "live", _("live, at a meeting")
    WRITTEN = "written", _("in writing, over several days")


class ConsultationState(models.TextChoices):
    """Where a consultation stands."""

    PREPARED = "prepared", _("being prepared")
    RUNNING = "running", _("going on")
    CLOSED = "closed", _("completed")
    STOPPED = "stopped", _("stopped")


#: State of a consultation → states that may follow.
CONSULTATION_TRANSITIONS: dict[str, frozenset[str]] = {
    ConsultationState.PREPARED: frozenset({ConsultationState.RUNNING, ConsultationState.STOPPED}),
    ConsultationState.RUNNING: frozenset({ConsultationState.CLOSED, ConsultationState.STOPPED}),
    ConsultationState.CLOSED: frozenset(),
    # Only where no phase ever began: see ``take_up_consultation``.
    ConsultationState.STOPPED: frozenset({ConsultationState.PREPARED}),
}


class Phase(models.IntegerChoices):
    """The phases of a peer consultation, in their order."""

    ROLES = 1, _("Roles")
    ACCOUNT = 2, _("The case")
    KEY_QUESTION = 3, _("Key question")
    METHOD = 4, _("Method")
    ADVICE = 5, _("Advice")
    CLOSE = 6, _("Closing")


class ConsultationRole(models.TextChoices):
    """What a person does in a consultation."""

    CASE_GIVER = "case_giver", _("case giver")
    FACILITATOR = "facilitator", _("facilitator")
    SCRIBE = "scribe", _("scribe")
    ADVISER = "adviser", _("adviser")


class ConsultationMethod(models.TextChoices):
    """How advice is gathered."""

    IDEAS = "ideas", _("Collecting ideas: what could be done?")
    HEADSTAND = "headstand", _("Headstand: what would make it worse?")
    RESONANCE = "resonance", _("Resonance: what does the case stir up in me?")
    HYPOTHESES = "hypotheses", _("Hypotheses: what may lie behind it?")
    FIRST_STEPS = "first_steps", _("First steps: what would I do tomorrow?")


class ContributionKind(models.TextChoices):
    """What somebody says in a consultation."""

    ACCOUNT = "account", _("account")
    QUESTION = "question", _("clarifying question")
    ANSWER = "answer", _("answer")
    KEY_QUESTION = "key_question", _("proposal for the key question")
    METHOD = "method", _("proposal for the method")
    ADVICE = "advice", _("advice")
    NOTE = "note", _("note of the scribe")


class ContactKind(models.TextChoices):
    """What kind of contact an entry of the learning log is about."""

    MEETING = "meeting", _("meeting")
    VISIT = "visit", _("visit")
    CALL = "call", _("call")
    DOCUMENT = "document", _("document")
    CONSULTATION = "consultation", _("peer consultation")
    OTHER = "other", _("other contact")


class LogVisibility(models.TextChoices):
    """Who may read an entry of the learning log; each value includes those above it."""

    CITY = "city", _("the municipality itself")
    PARTNERSHIP = "partnership", _("this partnership")
    NETWORK = "network", _("all municipalities of the network")
    PUBLIC = "public", _("public")
