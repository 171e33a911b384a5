"""People who sign in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.enums import PACES, STAFF_ROLES, Notification, Pace
from accounts.mailboxes import mailbox_expression, mailbox_of
from municipalities.models import validate_time_zone

if TYPE_CHECKING:
    from accounts.models.roles import RoleAssignment


def validate_plain_name(name: str) -> None:
    """Refuse a name that holds an address: it stands in official mails."""
    if re.search(r"[@<>\[\]{}]|\w:\S|\w[.。．]\w{2,}", name):
        raise ValidationError(_("Please give your name only, without addresses or brackets."))


class UserManager(BaseUserManager["User"]):
    """Creates and finds people."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new person; without a password the account cannot sign in with one.

        Raises :class:`ValueError` without an address.
        """
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new person with all rights, for operators at the command line."""
        return self.create_user(email, password, **{**fields, "is_superuser": True})

    def of_mailbox(self, address: str) -> User | None:
        """Return the person who receives what is sent to ``address``, whatever its spelling."""
        rows = self.annotate(mailbox=mailbox_expression())
        return rows.filter(mailbox=mailbox_of(address)).first()

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person with this address; case does not count."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_plain_name])
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=[("de", _("German")), ("en", _("English"))],
        default="de",
    )
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Europe/Berlin", validators=[validate_time_zone]
    )
    #: ISO 639-1; for whoever assigns what is written in many languages.
    reads = models.JSONField(_("languages that the person reads"), default=list, blank=True)
    muted = models.JSONField(_("mails that are not wanted"), default=list, blank=True)
    #: Kind of notice (``enums.PACES``) → how soon; what is not in it has its default.
    paces = models.JSONField(_("how often e-mails are wanted"), default=dict, blank=True)
    digest_sent_at = models.DateTimeField(_("digest sent at"), null=True, blank=True)
    summary_sent_at = models.DateTimeField(_("summary sent at"), null=True, blank=True)
    erasure_announced_at = models.DateTimeField(_("erasure announced at"), null=True, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                mailbox_expression(),
                name="mailbox_has_one_account",
                violation_error_message=_("There is already an account with this address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def roles(self) -> list[RoleAssignment]:
        """Return the roles held today, read once: a request loads its person anew."""
        return list(self.role_assignments.held_on(timezone.localdate()).with_places())

    def wants(self, notification: str) -> bool:
        """Tell whether the person wants mails of this kind (see ``enums.Notification``)."""
        return self.is_active and notification not in self.muted

    def pace_of(self, notification: str) -> str:
        """Return how soon the person wants to be told of this kind (see ``enums.Pace``)."""
        if not self.wants(notification):
            return Pace.NEVER
        chosen: str = self.paces.get(notification, PACES[Notification(notification)])
        return chosen

    @property
    def is_staff(self) -> bool:
        """Tell whether the person works for the programme; Django's admin asks for this."""
        return self.is_active and (self.is_superuser or bool(self.role_names & STAFF_ROLES))

    @property
    def role_names(self) -> set[str]:
        """Return the names of the roles held today."""
        return {assignment.role for assignment in self.roles}
