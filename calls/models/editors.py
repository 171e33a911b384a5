"""Who writes an application, and who saved what last."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mailboxes import mailbox_expression, mailbox_of
from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from calls.enums import Step
from calls.models.application import Application

SALT = "calls.editor"


class ApplicationEditorQuerySet(models.QuerySet["ApplicationEditor"]):
    """Questions about editors."""

    def waiting(self) -> ApplicationEditorQuerySet:
        """Return those who were invited and have not come."""
        return self.filter(user=None)

    def to_mailbox(self, address: str) -> ApplicationEditorQuerySet:
        """Return those that reach the same mailbox as ``address``, whatever the spelling."""
        return self.alias(mailbox=mailbox_expression()).filter(mailbox=mailbox_of(address))

    def of_link(self, token: str) -> ApplicationEditor | None:
        """Return whom a link invites; nothing for a link that we did not make."""
        try:
            key = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return self.waiting().select_related("application__call").filter(pk=key).first()


class ApplicationEditor(models.Model):
    """Somebody who writes an application: who began it, and colleagues invited by e-mail."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="edited_applications",
    )
    email = models.EmailField(_("e-mail address"))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now)
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)

    objects = ApplicationEditorQuerySet.as_manager()

    class Meta:
        verbose_name = _("editor of an application")
        verbose_name_plural = _("editors of an application")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "email"],
                name="application_editor_is_named_once",
                violation_error_message=_("This person is already invited."),
            ),
            models.UniqueConstraint(
                fields=["application", "user"],
                name="application_editor_joins_once",
                violation_error_message=_("This person already writes this application."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, joined_at__isnull=True)
                | Q(user__isnull=False, joined_at__isnull=False),
                name="application_editor_joins_as_a_person",
                violation_error_message=_("Who has joined needs an account, and the moment."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.email)

    @property
    def link(self) -> str:
        """Return the address in the invitation, without host."""
        return reverse("calls:join", args=[signing.dumps(self.pk, salt=SALT)])


def officers_of(municipality: Any) -> Any:
    """Return the roles held today by which people write a municipality's application."""
    held = RoleAssignment.objects.held_on(timezone.localdate()).giving(Permission.APPLY)
    return held.filter(municipality=municipality, user__is_active=True)


def writers_of(application: Any, municipality: Any) -> Any:
    """Return the people who write an application: its editors, and officers of the municipality.

    Both are primary keys, or references to an outer query two levels up.
    """
    named = ApplicationEditor.objects.filter(application=application, user__isnull=False)
    roles = officers_of(municipality)
    people = User.objects.filter(is_active=True)
    return people.filter(Q(pk__in=named.values("user")) | Q(pk__in=roles.values("user")))


class ApplicationSave(models.Model):
    """Who saved a step last, and when."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="saves")
    step = models.CharField(_("step"), max_length=12, choices=Step)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("saved step")
        verbose_name_plural = _("saved steps")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "step"],
                name="application_step_is_noted_once",
                violation_error_message=_("This step is already noted."),
            ),
            models.CheckConstraint(
                condition=Q(step__in=Step.values),
                name="application_step_is_known",
                violation_error_message=_("Choose a step of the form."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, {self.saved_at}"
