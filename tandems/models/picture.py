"""Pictures of a partnership, and where they stand in versions of its profile."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.files.storage import random_name
from core.models import SourcedModel
from tandems.enums import Licence
from tandems.models.partnership import Tandem
from tandems.models.profile import ProfileVersion

#: Longest sides, in pixels, in which a picture is kept.
SIZES = {"small": 480, "medium": 960, "large": 1_920}


class Picture(models.Model):
    """An uploaded picture in three sizes (JPEG), drawn anew from its pixels."""

    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="pictures")
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    small = models.FileField(_("small"), upload_to=random_name)
    medium = models.FileField(_("medium"), upload_to=random_name)
    large = models.FileField(_("large"), upload_to=random_name)
    #: Of the large one, in pixels; the others have the same proportions.
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tandem", "sha256"],
                name="picture_is_uploaded_once",
                violation_error_message=_("This picture is there already."),
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0) & Q(height__gt=0),
                name="picture_has_a_width_and_a_height",
                violation_error_message=_("This picture has no size."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    def url_of(self, size: str) -> str:
        """Return the address of a size, see :data:`SIZES`."""
        return reverse("tandems:picture", args=[self.tandem.slug, self.key, size])


class ProfilePicture(SourcedModel):
    """A picture in a version of the profile, with the words that belong to it."""

    profile = models.ForeignKey(ProfileVersion, on_delete=models.CASCADE, related_name="pictures")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="places")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    alt = models.CharField(_("description for people who cannot see it"), max_length=300)
    caption = models.CharField(_("caption"), max_length=300, blank=True)
    author = models.CharField(_("author or source"), max_length=200)
    licence = models.CharField(_("licence"), max_length=12, choices=Licence)

    class Meta:
        verbose_name = _("picture in a profile")
        verbose_name_plural = _("pictures in a profile")
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["profile", "picture"],
                name="picture_stands_once_in_a_profile",
                violation_error_message=_("This picture is in the profile already."),
            ),
            models.CheckConstraint(
                condition=Q(licence__in=Licence.values),
                name="picture_licence_is_known",
                violation_error_message=_("Choose the licence."),
            ),
            models.CheckConstraint(
                condition=~Q(alt_de="") & ~Q(alt_en="") & ~Q(author=""),
                name="picture_has_descriptions_and_a_source",
                violation_error_message=_(
                    "Describe the picture in both languages and name its source."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.alt
