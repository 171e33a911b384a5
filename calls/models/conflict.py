"""Conflicts of interest: declared per person and application, some close it to an organisation."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from calls.enums import ConflictKind


class ConflictDeclarationQuerySet(models.QuerySet["ConflictDeclaration"]):
    """Questions about conflicts of interest."""

    def closing(self) -> ConflictDeclarationQuerySet:
        """Return those that close an application to somebody."""
        return self.exclude(kind=ConflictKind.NONE)

    def closing_to(self, user: Any) -> ConflictDeclarationQuerySet:
        """Return those that close an application to a person: own ones, and of the organisation."""
        if user is None or not user.is_authenticated:
            return self.none()
        own = Q(person=user)
        whole = Q(kind=ConflictKind.INSTITUTIONAL, organisation__in=organisations_of(user))
        return self.closing().filter(own | whole)


class ConflictDeclaration(models.Model):
    """What a person stated about an application before its text opened.

    An institutional conflict closes the application to everybody of the organisation.
    """

    application = models.ForeignKey(
        "calls.Application", on_delete=models.CASCADE, related_name="conflicts"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("conflict of interest"), max_length=13, choices=ConflictKind)
    sentence = models.CharField(_("in one sentence"), max_length=300, blank=True)
    declared_at = models.DateTimeField(_("declared at"), default=timezone.now)

    objects = ConflictDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration about conflicts of interest")
        verbose_name_plural = _("declarations about conflicts of interest")
        indexes: ClassVar[list[models.Index]] = [
            # What is closed to an organisation, asked with every list of applications.
            models.Index(fields=["organisation", "kind"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "person"],
                name="person_declares_once_about_an_application",
                violation_error_message=_("There is a declaration already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ConflictKind.values),
                name="conflict_kind_is_known",
                violation_error_message=_("Choose whether there is a conflict of interest."),
            ),
            models.CheckConstraint(
                condition=Q(kind=ConflictKind.NONE) | ~Q(sentence=""),
                name="conflict_is_explained",
                violation_error_message=_("Explain the conflict of interest in one sentence."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"


def organisations_of(user: Any) -> set[int]:
    """Return the organisations (primary keys) for which a person holds a role today."""
    return {role.organisation_id for role in getattr(user, "roles", ()) if role.organisation_id}


def closed_to(user: Any, path: str = "pk") -> Exists:
    """Return the condition that a conflict of interest closes an application to a person.

    ``path`` leads from the rows that are asked to the application.
    """
    declared = ConflictDeclaration.objects.closing_to(user)
    return Exists(declared.filter(application=OuterRef(path)))
