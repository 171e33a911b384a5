"""What municipalities are told about the selection, and what they answer."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.enums import LetterState, OfferState, Outcome
from calls.models.application import Application
from calls.models.conflict import closed_to
from calls.models.selection import SelectionSession


class LetterQuerySet(models.QuerySet["Letter"]):
    """Questions about letters."""

    def visible_to(self, user: Any) -> LetterQuerySet:
        """Return those that no conflict of interest closes to a person of the team."""
        return self.exclude(closed_to(user, "application"))

    def released(self) -> LetterQuerySet:
        """Return what municipalities may read, the newest first."""
        return self.filter(state=LetterState.RELEASED).order_by("-released_at", "-pk")

    def drafts(self) -> LetterQuerySet:
        """Return what has not gone out yet."""
        return self.filter(state=LetterState.DRAFT)


class Letter(models.Model):
    """A letter about a decision: drafted from the reviews, edited by people, released once.

    ``outcome`` tells what it says: a place, the reserve list, or a refusal. Who moves up from the
    reserve list gets a second letter, with a place.
    """

    session = models.ForeignKey(SelectionSession, on_delete=models.PROTECT, related_name="letters")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="letters")
    outcome = models.CharField(_("kind of letter"), max_length=8, choices=Outcome)
    state = models.CharField(
        _("state"), max_length=8, choices=LetterState, default=LetterState.DRAFT
    )
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=20_000)
    drafted_at = models.DateTimeField(_("drafted at"), default=timezone.now)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter about the selection")
        verbose_name_plural = _("letters about the selection")
        ordering: ClassVar[list[str]] = ["outcome", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["session", "application", "outcome"],
                name="letter_is_written_once",
                violation_error_message=_("There is a letter of this kind already."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values) & Q(state__in=LetterState.values),
                name="letter_kind_and_state_are_known",
                violation_error_message=_("Choose the kind of letter and its state."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=["de", "en"]),
                name="letter_language_is_known",
                violation_error_message=_("Choose a language of the portal."),
            ),
            models.CheckConstraint(
                condition=Q(state=LetterState.DRAFT) | Q(released_at__isnull=False),
                name="released_letter_has_its_moment",
                violation_error_message=_("A released letter needs its moment."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class OfferQuerySet(models.QuerySet["Offer"]):
    """Questions about offers."""

    def open(self) -> OfferQuerySet:
        """Return those whose answer is awaited."""
        return self.filter(state=OfferState.OPEN)

    def living(self) -> OfferQuerySet:
        """Return those that take a place: confirmed, or the answer is awaited."""
        return self.filter(state__in=[OfferState.OPEN, OfferState.CONFIRMED])

    def confirmed(self) -> OfferQuerySet:
        """Return those that were confirmed."""
        return self.filter(state=OfferState.CONFIRMED)

    def over_at(self, moment: dt.datetime) -> OfferQuerySet:
        """Return those whose time to answer is over."""
        return self.open().filter(due_at__lte=moment)


class Offer(models.Model):
    """A place offered to a municipality by a letter, with a date to confirm it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="offers")
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="offer")
    state = models.CharField(_("state"), max_length=9, choices=OfferState, default=OfferState.OPEN)
    due_at = models.DateTimeField(_("to be confirmed by"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    note = models.TextField(_("reason"), blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offered place")
        verbose_name_plural = _("offered places")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=[OfferState.OPEN, OfferState.CONFIRMED]),
                name="application_has_one_living_offer",
                violation_error_message=_("A place is offered to this municipality already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=OfferState.values),
                name="offer_state_is_known",
                violation_error_message=_("Choose the state of the offer."),
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.OPEN) | Q(answered_at__isnull=False),
                name="answered_offer_has_its_moment",
                violation_error_message=_("An answer needs its moment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_state_display()}"
