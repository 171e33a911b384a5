"""What people are told about their partnerships by mail, at once or in a digest."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from tandems.models.document import Document
from tandems.models.partnership import Tandem


class TandemNotice(models.Model):
    """One thing that happened in a partnership, for one person, until it was sent.

    ``event`` names the sentence, ``facts`` what is filled into it (see ``tandems/notices.py``):
    the words are made in the recipient's language when the mail is. Whether the person may still
    see it is asked then too.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tandem_notices"
    )
    tandem = models.ForeignKey(Tandem, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Notification)
    event = models.CharField(_("what happened"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    #: Path without language prefix and host.
    path = models.CharField(_("where to read more"), max_length=300)
    happened_at = models.DateTimeField(_("happened at"), default=timezone.now)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar[list[str]] = ["happened_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            # What waits for a person's next digest.
            models.Index(fields=["user", "happened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.tandem}"
