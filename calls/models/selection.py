"""How places are given: trial lists, the session with its record, and what was decided."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.enums import ListOutcome, Outcome, SessionState
from calls.models.application import Application
from calls.models.call import Call
from calls.models.conflict import closed_to


def ranked(outcome: str, reserve: str) -> Q:
    """Return the condition that exactly places on the reserve list have a rank."""
    on_reserve = Q(**{outcome: reserve})
    return (on_reserve & Q(rank__isnull=False, rank__gte=1)) | (~on_reserve & Q(rank__isnull=True))


class SelectionList(models.Model):
    """A trial: who could be chosen, who is on reserve. One that was recommended is frozen."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="selection_lists")
    name = models.CharField(_("name"), max_length=80)
    idea = models.TextField(_("idea behind it"), blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("selection list")
        verbose_name_plural = _("selection lists")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "name"],
                name="selection_list_has_its_own_name",
                violation_error_message=_("There is a list of this name. Choose another one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListEntryQuerySet(models.QuerySet["ListEntry"]):
    """Questions about the entries of lists."""

    def open_to(self, user: Any) -> ListEntryQuerySet:
        """Return those that no conflict of interest closes to a person."""
        return self.exclude(closed_to(user, "application"))


class ListEntry(models.Model):
    """What a list makes of one application, and why; one without an entry is left."""

    selection_list = models.ForeignKey(
        SelectionList, on_delete=models.CASCADE, related_name="entries"
    )
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="list_entries"
    )
    outcome = models.CharField(_("outcome"), max_length=7, choices=ListOutcome)
    rank = models.PositiveSmallIntegerField(_("rank on the reserve list"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a selection list")
        verbose_name_plural = _("entries of a selection list")
        ordering: ClassVar[list[str]] = ["outcome", "rank", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["selection_list", "application"],
                name="application_stands_on_a_list_once",
                violation_error_message=_("This application is on the list already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=ListOutcome.values),
                name="list_outcome_is_known",
                violation_error_message=_("Choose whether the application is chosen."),
            ),
            models.CheckConstraint(
                condition=ranked("outcome", ListOutcome.RESERVE),
                name="list_entry_has_a_rank_on_reserve_only",
                violation_error_message=_("A place on the reserve list has a rank, no other has."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_outcome_display()}"


class SelectionSessionQuerySet(models.QuerySet["SelectionSession"]):
    """Questions about sessions."""

    def decided(self) -> SelectionSessionQuerySet:
        """Return those that ended in a decision, the newest first."""
        return self.filter(state=SessionState.DECIDED).order_by("-number")

    def current(self, call: Call) -> SelectionSession | None:
        """Return the session whose decision holds: the last one that was decided."""
        return self.filter(call=call).decided().first()


class SelectionSession(models.Model):
    """The session that selects: who was there, what the team recommended, what BBSR decided.

    ``ranking`` is the standing at the moment of the recommendation; ``document`` is the whole
    record as plain data, frozen with the decision, ``sha256`` the checksum of its canonical JSON.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="selection_sessions")
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=11, choices=SessionState, default=SessionState.OPEN
    )
    held_on = models.DateField(_("held on"))
    place = models.CharField(_("place or form"), max_length=200, blank=True)
    #: A correction names the decision that it replaces, and why.
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    correction_reason = models.TextField(_("why it is corrected"), blank=True)
    recommended_list = models.ForeignKey(
        SelectionList,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recommended list"),
    )
    recommendation = models.TextField(_("recommendation of the project team"), blank=True)
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recommended_at = models.DateTimeField(_("recommended at"), null=True, blank=True)
    ranking = models.JSONField(_("ranking at that moment"), default=list, blank=True)
    decided_list = models.ForeignKey(
        SelectionList,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided list"),
    )
    decision_note = models.TextField(_("reason for the set as a whole"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    document = models.JSONField(_("record"), default=dict, blank=True)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)

    objects = SelectionSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session of the selection")
        verbose_name_plural = _("sessions of the selection")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "number"],
                name="selection_session_has_its_own_number",
                violation_error_message=_("There is a session of this number."),
            ),
            models.UniqueConstraint(
                fields=["call"],
                condition=~Q(state=SessionState.DECIDED),
                name="call_has_one_running_session",
                violation_error_message=_("There is a session that is not decided yet."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=SessionState.values),
                name="selection_session_state_is_known",
                violation_error_message=_("Choose the state of the session."),
            ),
            models.CheckConstraint(
                condition=Q(state=SessionState.OPEN)
                | Q(recommended_at__isnull=False, recommended_list__isnull=False),
                name="recommended_session_has_moment_and_list",
                violation_error_message=_("A recommendation needs moment and list."),
            ),
            models.CheckConstraint(
                condition=~Q(state=SessionState.DECIDED)
                | (Q(decided_at__isnull=False, decided_list__isnull=False) & ~Q(sha256="")),
                name="decided_session_has_moment_list_and_record",
                violation_error_message=_("A decision needs moment, list and record."),
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_reason=""),
                name="correction_has_a_reason",
                violation_error_message=_("Say why the decision is corrected."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} ({self.number})"


class SessionParticipant(models.Model):
    """Somebody who was present at a session, with or without an account."""

    session = models.ForeignKey(
        SelectionSession, on_delete=models.CASCADE, related_name="participants"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=150)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("participant of a session")
        verbose_name_plural = _("participants of a session")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["session", "name", "organisation"],
                name="participant_is_listed_once",
                violation_error_message=_("This person is on the list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StoodAside(models.Model):
    """A participant who took no part in a case because of a conflict of interest."""

    participant = models.ForeignKey(
        SessionParticipant, on_delete=models.CASCADE, related_name="cases_aside"
    )
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="stood_aside"
    )

    class Meta:
        verbose_name = _("case from which somebody stood aside")
        verbose_name_plural = _("cases from which somebody stood aside")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["participant", "application"],
                name="participant_stands_aside_once",
                violation_error_message=_("This is noted already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.application}"


class Decision(models.Model):
    """What a session decided about one application, and why; never changed."""

    session = models.ForeignKey(
        SelectionSession, on_delete=models.PROTECT, related_name="decisions"
    )
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    rank = models.PositiveSmallIntegerField(_("rank on the reserve list"), null=True, blank=True)
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("selection decision")
        verbose_name_plural = _("selection decisions")
        ordering: ClassVar[list[str]] = ["outcome", "rank", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["session", "application"],
                name="session_decides_once_about_an_application",
                violation_error_message=_("This application is decided already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values),
                name="decision_outcome_is_known",
                violation_error_message=_("Choose the outcome."),
            ),
            models.CheckConstraint(
                condition=ranked("outcome", Outcome.RESERVE),
                name="decision_has_a_rank_on_reserve_only",
                violation_error_message=_("A place on the reserve list has a rank, no other has."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="decision_has_a_reason",
                violation_error_message=_("Give the reason for the decision."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_outcome_display()}"
