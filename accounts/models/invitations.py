"""Invitations: the only way in for a new person."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CITY_ROLES
from accounts.mailboxes import mailbox_expression, mailbox_of
from accounts.models.placed import PlacedRole
from accounts.permissions import Permission

SALT = "accounts.invitation"
SESSION_KEY = "invitation"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Questions about invitations."""

    def open(self) -> InvitationQuerySet:
        """Return those that can still be accepted."""
        now = timezone.now()
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)

    def of_link(self, token: str) -> Invitation | None:
        """Return the invitation that a link names, if it can still be accepted."""
        try:
            key = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return self.open().filter(pk=key).first()

    def of_session(self, session: Any) -> Invitation | None:
        """Return the invitation by whose link this browser came, if it can still be accepted."""
        key = session.get(SESSION_KEY)
        return self.open().filter(pk=key).first() if key else None

    def to_mailbox(self, address: str) -> InvitationQuerySet:
        """Return those that reach the same mailbox as ``address``, whatever the spelling."""
        return self.alias(mailbox=mailbox_expression()).filter(mailbox=mailbox_of(address))

    def visible_to(self, user: Any) -> InvitationQuerySet:
        """Return the invitations that ``user`` may see: all, or those of the own municipality."""
        if user.has_perm(Permission.READ_PEOPLE):
            return self
        own = [role.municipality_id for role in user.roles if role.role in CITY_ROLES]
        return self.filter(municipality__in=own)


class Invitation(PlacedRole):
    """An invitation by e-mail to take a role, for some days, once."""

    email = models.EmailField(_("e-mail address"))
    language = models.CharField(
        _("language of the mail"),
        max_length=2,
        choices=[("de", _("German")), ("en", _("English"))],
        default="de",
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *PlacedRole.Meta.constraints,
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_is_accepted_or_withdrawn_not_both",
                violation_error_message=_("An accepted invitation can no longer be withdrawn."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                "role",
                "municipality",
                condition=Q(accepted_at__isnull=True)
                & Q(withdrawn_at__isnull=True)
                & Q(municipality__isnull=False),
                name="invitation_to_a_municipality_is_open_once",
                violation_error_message=_("This person is already invited to this role."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                "role",
                "organisation",
                condition=Q(accepted_at__isnull=True)
                & Q(withdrawn_at__isnull=True)
                & Q(organisation__isnull=False),
                name="invitation_to_an_organisation_is_open_once",
                violation_error_message=_("This person is already invited to this role."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_role_display()}, {self.place}"

    @property
    def is_open(self) -> bool:
        """Tell whether the invitation can still be accepted."""
        ended = self.accepted_at or self.withdrawn_at
        return not ended and timezone.now() < self.expires_at

    @property
    def link(self) -> str:
        """Return the address in the mail, without host."""
        return reverse("accounts:invitation", args=[signing.dumps(self.pk, salt=SALT)])
