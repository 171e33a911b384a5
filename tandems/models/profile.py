"""The public text of a partnership in versions; the released one stands on its page."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import SourcedModel
from municipalities.models import Municipality
from tandems.enums import UNFINISHED, ProfileState
from tandems.models.partnership import Tandem, TandemMember

#: A released profile that says how things stand longer ago than this is shown with a warning.
FRESH = dt.timedelta(days=180)
#: States in which the cities are asked for their word, and the project team for the release.
ASKED = (ProfileState.SUBMITTED, ProfileState.CONFIRMED)


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    """Questions about versions of profiles."""

    def unfinished(self) -> ProfileVersionQuerySet:
        """Return those on their way to the public page, the newest first, with partnership."""
        return self.filter(state__in=UNFINISHED).select_related("tandem").order_by("-pk")

    def released(self) -> ProfileVersionQuerySet:
        """Return those that stand on the public pages."""
        return self.filter(state=ProfileState.RELEASED)

    def awaiting_release(self) -> ProfileVersionQuerySet:
        """Return those that wait for nothing but their release, the longest waiting first.

        The cities of today count, as in ``tandems.confirming``: one that has left holds nothing
        up, one that joined after the others had confirmed does.
        """
        given = ProfileConfirmation.objects.filter(
            profile=OuterRef(OuterRef("pk")), municipality=OuterRef("municipality")
        )
        missing = TandemMember.objects.acting().filter(~Exists(given), tandem=OuterRef("tandem"))
        rows = self.filter(~Exists(missing), state__in=ASKED).select_related("tandem")
        return rows.order_by("submitted_at", "pk")

    def until(self, day: dt.date | None) -> ProfileVersionQuerySet:
        """Return those that were begun by the end of ``day``; ``None``: all.

        A city that has left reads what was up to its leaving.
        """
        return self if day is None else self.filter(started_at__date__lte=day)

    def newest_first(self) -> ProfileVersionQuerySet:
        """Return them by number, the newest first, with who released them."""
        return self.select_related("submitted_by", "released_by").order_by("-number")


class ProfileVersion(SourcedModel):
    """One version of a partnership's public text; the released one stands on its page.

    What it says stands in its entries (:class:`ProfileEntry`) and pictures. While it is no draft
    nobody changes them: the cities confirm, and the team releases, exactly what was submitted.
    """

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="profile_versions")
    number = models.PositiveIntegerField(_("version number"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=ProfileState, default=ProfileState.DRAFT
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    based_on = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted on"), null=True, blank=True)
    #: SHA-256 of what it says, as it was submitted (see ``tandems.content.fingerprint``).
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a profile")
        verbose_name_plural = _("versions of a profile")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem"],
                condition=Q(state=ProfileState.RELEASED),
                name="tandem_has_one_released_profile",
                violation_error_message=_("Another version of this profile is released."),
            ),
            models.UniqueConstraint(
                fields=["tandem"],
                condition=Q(state__in=UNFINISHED),
                name="tandem_has_one_unfinished_profile",
                violation_error_message=_("Another version of this profile is being worked on."),
            ),
            models.UniqueConstraint(
                fields=["tandem", "number"],
                name="profile_version_has_its_own_number",
                violation_error_message=_("Another version of this profile has this number."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProfileState.values),
                name="profile_version_state_is_known",
                violation_error_message=_("Choose the state of the profile."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ProfileState.RELEASED, ProfileState.SUPERSEDED])
                | Q(released_at__isnull=False),
                name="released_profile_has_a_moment",
                violation_error_message=_("A released profile needs the moment of its release."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tandem}: {self.get_state_display()}"

    @property
    def acting_municipalities(self) -> set[int]:
        """Return the municipalities that may act for the partnership."""
        return self.tandem.acting_municipalities

    @property
    def is_draft(self) -> bool:
        """Tell whether it may be changed."""
        return self.state == ProfileState.DRAFT

    def is_old_on(self, today: dt.date) -> bool:
        """Tell whether it says how things stood more than :data:`FRESH` ago."""
        return self.as_of is not None and today - self.as_of > FRESH


class ProfileConfirmation(models.Model):
    """A city's word that a submitted version is right; taken back with any change of it."""

    profile = models.ForeignKey(
        ProfileVersion, on_delete=models.CASCADE, related_name="confirmations"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmation of a profile")
        verbose_name_plural = _("confirmations of a profile")
        ordering: ClassVar[list[str]] = ["given_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["profile", "municipality"],
                name="profile_is_confirmed_once_by_each_municipality",
                violation_error_message=_("This municipality has confirmed the version already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile}, {self.municipality}"


class ProfileComment(models.Model):
    """What somebody of a city or of the team says about a version, read by both."""

    profile = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="comments")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("comment"), max_length=2_000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    class Meta:
        verbose_name = _("comment on a profile")
        verbose_name_plural = _("comments on a profile")
        ordering: ClassVar[list[str]] = ["written_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="profile_comment_has_a_text",
                violation_error_message=_("Write a comment."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
