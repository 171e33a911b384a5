"""Who holds which role for which municipality or organisation, from when to when."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CITY_ROLES, STAFF_ROLES, UserRole
from accounts.models.placed import PlacedRole
from accounts.permissions import GRANTS, Permission
from municipalities.models import Municipality


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Questions about roles."""

    def held_on(self, day: dt.date) -> RoleAssignmentQuerySet:
        """Return those that count on ``day``: from the first to the last day, both included."""
        return self.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gte=day))

    def giving(self, permission: Permission) -> RoleAssignmentQuerySet:
        """Return those whose role gives a right, whatever it covers."""
        return self.filter(role__in=[role for role, held in GRANTS.items() if permission in held])

    def not_over_on(self, day: dt.date) -> RoleAssignmentQuerySet:
        """Return those that count on ``day`` or will later."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=day))

    def found_by(self, question: str) -> RoleAssignmentQuerySet:
        """Return those whose person or place holds the words."""
        words = Q(user__name__icontains=question) | Q(user__email__icontains=question)
        place = Q(organisation__short_name__icontains=question)
        known = Municipality.objects.found_by(question).values("pk")
        return self.filter(words | place | Q(municipality__in=known))

    def of_staff(self, user: Any, organisations: list[str]) -> RoleAssignmentQuerySet:
        """Return the roles that ``user`` holds today in one of the organisations (slugs)."""
        rows = self.held_on(timezone.localdate())
        return rows.filter(user=user, organisation__slug__in=organisations)

    def with_places(self) -> RoleAssignmentQuerySet:
        """Fetch municipality and organisation along."""
        return self.select_related("municipality", "organisation").order_by("since", "pk")

    def with_people(self) -> RoleAssignmentQuerySet:
        """Fetch the person too, by place, role and name."""
        rows = self.select_related("user", "municipality", "organisation")
        return rows.order_by("municipality__slug", "organisation__slug", "role", "user__name", "pk")

    def visible_to(self, user: Any) -> RoleAssignmentQuerySet:
        """Return the roles that ``user`` may see: all, or those of the own municipalities."""
        if user.has_perm(Permission.MANAGE_PEOPLE) or user.has_perm(Permission.READ_PEOPLE):
            return self
        own = [role.municipality_id for role in user.roles if role.role in CITY_ROLES]
        return self.filter(municipality__in=own)


class RoleAssignment(PlacedRole):
    """A role that a person holds between two days."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignments"
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("to (last day)"), null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role of a person")
        verbose_name_plural = _("roles of people")
        indexes: ClassVar[list[models.Index]] = [
            # The roles of one person, asked with every request that is signed in.
            models.Index(fields=["user", "since"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *PlacedRole.Meta.constraints,
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="role_assignment_ends_after_it_starts",
                violation_error_message=_("The role ends before it starts."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "municipality"],
                condition=Q(until__isnull=True) & Q(municipality__isnull=False),
                name="city_role_is_held_once_at_a_time",
                violation_error_message=_("This person already holds this role there."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "organisation"],
                condition=Q(until__isnull=True) & Q(organisation__isnull=False),
                name="staff_role_is_held_once_at_a_time",
                violation_error_message=_("This person already holds this role there."),
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(role=UserRole.CONTACT) & Q(until__isnull=True),
                name="municipality_has_one_contact_at_a_time",
                violation_error_message=_("This municipality already has a contact person."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.place}"

    @property
    def is_staff_role(self) -> bool:
        """Tell whether the role belongs to the programme and not to a municipality."""
        return self.role in STAFF_ROLES
