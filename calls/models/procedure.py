"""How the applications to a call are judged, and by which rules pairs are formed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from calls.models.call import Call

#: Parts of the fit of a pair, as columns of a procedure; together they weigh 100 per cent.
WEIGHTS = (
    *("weight_offer", "weight_challenge", "weight_language"),
    *("weight_capacity", "weight_size", "weight_type"),
)


def weight(label: Any, default: int) -> models.PositiveSmallIntegerField[int, int]:
    """Return a column for the weight of one part of the fit."""
    return models.PositiveSmallIntegerField(
        label, default=default, validators=[MaxValueValidator(100)]
    )


class Procedure(models.Model):
    """The rules of one selection: who reads how much until when, dates to answer, and matching."""

    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="procedure")
    readers = models.PositiveSmallIntegerField(
        _("reviewers for each application"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
    )
    organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="+",
        verbose_name=_("organisations of which at least one person reads each application"),
    )
    review_until = models.DateTimeField(_("reviews are due at"), null=True, blank=True)
    disputed_from = models.DecimalField(
        _("points between the highest and the lowest review from which an application is disputed"),
        max_digits=2,
        decimal_places=1,
        default=1.5,
        validators=[MinValueValidator(0.5), MaxValueValidator(5)],
    )
    confirm_days = models.PositiveSmallIntegerField(
        _("days to confirm a place"), default=14, validators=[MinValueValidator(1)]
    )
    consent_days = models.PositiveSmallIntegerField(
        _("days to agree to a partner"), default=14, validators=[MinValueValidator(1)]
    )
    per_country = models.PositiveSmallIntegerField(
        _("most partnerships with one country"),
        null=True,
        blank=True,
        default=1,
        validators=[MinValueValidator(1)],
    )
    twinning_allowed = models.BooleanField(
        _("cities that are twinned already may be paired"), default=True
    )
    weight_offer = weight(_("weight: one seeks what the other gives"), 50)
    weight_challenge = weight(_("weight: shared challenge"), 15)
    weight_language = weight(_("weight: working language"), 10)
    weight_capacity = weight(_("weight: working hours"), 10)
    weight_size = weight(_("weight: number of inhabitants"), 10)
    weight_type = weight(_("weight: type of municipality"), 5)

    class Meta:
        verbose_name = _("selection procedure")
        verbose_name_plural = _("selection procedures")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    weight_offer=100
                    - F("weight_challenge")
                    - F("weight_language")
                    - F("weight_capacity")
                    - F("weight_size")
                    - F("weight_type")
                ),
                name="procedure_weights_make_a_hundred",
                violation_error_message=_("The weights of the fit must add up to 100 per cent."),
            ),
            models.CheckConstraint(
                condition=Q(readers__gte=1) & Q(readers__lte=9),
                name="procedure_has_one_to_nine_readers",
                violation_error_message=_("Between one and nine people read an application."),
            ),
            models.CheckConstraint(
                condition=Q(per_country__isnull=True) | Q(per_country__gte=1),
                name="procedure_lets_countries_in",
                violation_error_message=_("Allow at least one partnership with a country."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.call)

    @property
    def weights(self) -> dict[str, int]:
        """Return the weight of each part of the fit by its name, in per cent."""
        return {name.removeprefix("weight_"): getattr(self, name) for name in WEIGHTS}
