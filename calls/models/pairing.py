"""Pairs of municipalities: rules by hand, proposals with reasons, and what both cities say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, reach_of
from calls.enums import ConsentAnswer, PairingState, PairRuleKind
from calls.models.application import Application
from calls.models.call import Call
from calls.models.conflict import closed_to

#: States in which a pairing holds its two cities.
HOLDING = (PairingState.PROPOSED, PairingState.AGREED, PairingState.FORMED)


class PairRule(models.Model):
    """A pair that people fix or exclude before the rest is computed, and why."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="pair_rules")
    german = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    european = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("rule"), max_length=9, choices=PairRuleKind)
    reason = models.CharField(_("reason"), max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("rule for a pair")
        verbose_name_plural = _("rules for pairs")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["call", "german", "european"],
                name="pair_has_one_rule",
                violation_error_message=_("There is a rule for this pair already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PairRuleKind.values),
                name="pair_rule_is_known",
                violation_error_message=_("Choose whether the pair is fixed or excluded."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="pair_rule_has_a_reason",
                violation_error_message=_("Give the reason for the rule."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.german} · {self.european}"


class PairingQuerySet(models.QuerySet["Pairing"]):
    """Questions about pairings."""

    def visible_to(self, user: Any) -> PairingQuerySet:
        """Return those that a person may see: the team those without conflict, cities their own."""
        if reach_of(user, Permission.READ_APPLICATIONS) is None:
            return self.exclude(closed_to(user, "german")).exclude(closed_to(user, "european"))
        own = Application.objects.edited_by(user).values("pk")
        return self.filter(Q(german__in=own) | Q(european__in=own))

    def holding(self) -> PairingQuerySet:
        """Return those that hold their cities."""
        return self.filter(state__in=HOLDING)

    def of(self, application: Application) -> PairingQuerySet:
        """Return those of one application, the newest first."""
        either = Q(german=application) | Q(european=application)
        return self.filter(either).order_by("-pk")

    def awaiting(self, applications: Iterable[int]) -> PairingQuerySet:
        """Return those that one of the applications (primary keys) can still answer."""
        keys = list(applications)
        answered = PairingConsent.objects.filter(pairing=OuterRef("pk"), application__in=keys)
        rows = self.filter(Q(german__in=keys) | Q(european__in=keys), ~Exists(answered))
        return rows.filter(state=PairingState.PROPOSED, due_at__gt=timezone.now())

    def with_cities(self) -> PairingQuerySet:
        """Fetch both applications and what they said along."""
        return self.select_related("call", "german", "european").prefetch_related("consents")


class Pairing(models.Model):
    """A German and another European municipality that are to become partners.

    ``card`` holds what both see: reasons and differences as they were computed (see
    ``calls.matching``); ``fit`` is in ten-thousandths.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="pairings")
    german = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="pairings_as_german"
    )
    european = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="pairings_as_european"
    )
    state = models.CharField(
        _("state"), max_length=8, choices=PairingState, default=PairingState.PROPOSED
    )
    fit = models.PositiveSmallIntegerField(_("fit in ten-thousandths"))
    card = models.JSONField(_("match card"), default=dict)
    due_at = models.DateTimeField(_("to be answered by"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["german"],
                condition=Q(state__in=HOLDING),
                name="german_city_has_one_partner",
                violation_error_message=_("The German municipality has a partner already."),
            ),
            models.UniqueConstraint(
                fields=["european"],
                condition=Q(state__in=HOLDING),
                name="european_city_has_one_partner",
                violation_error_message=_("The European municipality has a partner already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PairingState.values),
                name="pairing_state_is_known",
                violation_error_message=_("Choose the state of the pairing."),
            ),
            models.CheckConstraint(
                condition=Q(fit__lte=10_000),
                name="pairing_fits_at_most_wholly",
                violation_error_message=_("The fit lies between 0 and 100 per cent."),
            ),
            models.CheckConstraint(
                condition=~Q(german=models.F("european")),
                name="pairing_has_two_cities",
                violation_error_message=_("A municipality is no partner of itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.german} · {self.european}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether an answer is missing although the time for it is over."""
        return self.state == PairingState.PROPOSED and self.due_at <= timezone.now()


class PairingConsent(models.Model):
    """What one of the two municipalities says to the partner that is proposed."""

    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="consents")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="pairing_consents"
    )
    answer = models.CharField(_("answer"), max_length=7, choices=ConsentAnswer)
    reason = models.TextField(_("reason"), blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("consent to a pairing")
        verbose_name_plural = _("consents to a pairing")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["pairing", "application"],
                name="city_answers_a_pairing_once",
                violation_error_message=_("This municipality has answered already."),
            ),
            models.CheckConstraint(
                condition=Q(answer__in=ConsentAnswer.values),
                name="consent_answer_is_known",
                violation_error_message=_("Choose an answer."),
            ),
            models.CheckConstraint(
                condition=Q(answer=ConsentAnswer.AGREES) | ~Q(reason=""),
                name="asking_for_another_partner_has_a_reason",
                violation_error_message=_("Say why another partner would fit better."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_answer_display()}"
