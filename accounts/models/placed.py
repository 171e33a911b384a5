"""A role at a place: what an invitation offers and an assignment gives."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import CITY_ROLES, ORGANISATIONS_OF, UserRole
from accounts.models.organisations import Organisation
from municipalities.models import Municipality


class PlacedRole(models.Model):
    """A city role with its municipality, or any other role with its organisation."""

    role = models.CharField(_("role"), max_length=12, choices=UserRole)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("municipality"),
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("organisation"),
    )

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(role__in=UserRole.values),
                name="%(class)s_role_is_known",
                violation_error_message=_("Choose the role."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(role__in=sorted(CITY_ROLES))
                    & Q(municipality__isnull=False)
                    & Q(organisation__isnull=True)
                )
                | (
                    ~Q(role__in=sorted(CITY_ROLES))
                    & Q(municipality__isnull=True)
                    & Q(organisation__isnull=False)
                ),
                name="%(class)s_belongs_to_its_kind_of_place",
                violation_error_message=_(
                    "City roles need a municipality, all other roles an organisation."
                ),
            ),
        ]

    def clean(self) -> None:
        """Refuse a role that this kind of organisation does not give."""
        kinds = ORGANISATIONS_OF.get(UserRole(self.role)) if self.role in UserRole.values else None
        if kinds and self.organisation is not None and self.organisation.kind not in kinds:
            raise ValidationError(
                {
                    "organisation": _(
                        "This role does not exist in this organisation. Choose another one."
                    )
                }
            )

    @property
    def place(self) -> Municipality | Organisation | None:
        """Return the municipality or organisation of the role."""
        return self.municipality or self.organisation

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the municipality that the role belongs to, for questions of rights."""
        return {self.municipality_id} if self.municipality_id else set()
