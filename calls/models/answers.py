"""What an application answers to its call's own questions, attaches and agrees to."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.application import Application
from calls.models.terms import Consent, Question
from core.files import FileKind, random_name


class ApplicationAnswer(models.Model):
    """The answer to one question of the call."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("answer of an application")
        verbose_name_plural = _("answers of an application")
        ordering: ClassVar[list[str]] = ["question__position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "question"],
                name="application_answers_a_question_once",
                violation_error_message=_("This question is already answered."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Agreement(models.Model):
    """A consent that was given, with the words that were read."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="agreements"
    )
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="agreements")
    text = models.TextField(_("what was agreed to"))
    language = models.CharField(_("language"), max_length=2)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)

    class Meta:
        verbose_name = _("given consent")
        verbose_name_plural = _("given consents")
        ordering: ClassVar[list[str]] = ["consent__position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "consent"],
                name="application_agrees_to_a_consent_once",
                violation_error_message=_("This consent is already given."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Questions about files."""

    def present(self) -> AttachmentQuerySet:
        """Return those that belong to what stands in the form now."""
        return self.filter(removed_at=None)


class Attachment(models.Model):
    """A checked file of an application.

    One that was sent stays until the application goes, also when it is taken out of the form: what
    was sent must stay whole.
    """

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="attachments"
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("question that asks for it"),
    )
    file = models.FileField(_("file"), upload_to=random_name, max_length=120)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=4, choices=FileKind)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of an application")
        verbose_name_plural = _("files of an application")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "sha256"],
                condition=Q(removed_at__isnull=True),
                name="application_holds_a_file_once",
                violation_error_message=_("This file is already there."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FileKind.values),
                name="attachment_kind_is_known",
                violation_error_message=_("Choose the kind of file."),
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="attachment_is_not_empty",
                violation_error_message=_("The file is empty."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the download, which asks who may."""
        application = self.application
        return reverse("calls:file", args=[application.call.slug, application.key, self.key])


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Questions about what was sent."""

    def without_receipt(self) -> SubmissionQuerySet:
        """Return those whose receipt is not written yet, the oldest first."""
        return self.filter(receipt_at=None).order_by("pk")


class Submission(models.Model):
    """Exactly what was sent at one moment; never changed. The last one counts.

    ``document`` holds it as plain data (see :func:`calls.content.frozen`), ``sha256`` is the
    checksum of its canonical JSON.
    """

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="submissions"
    )
    number = models.PositiveSmallIntegerField(_("version"))
    document = models.JSONField(_("what was sent"))
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"))
    receipt = models.FileField(_("receipt"), upload_to=random_name, max_length=120, blank=True)
    receipt_at = models.DateTimeField(_("receipt written at"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submitted version")
        verbose_name_plural = _("submitted versions")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "number"],
                name="submission_has_its_own_number",
                violation_error_message=_("This version exists already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} ({self.number})"

    def get_absolute_url(self) -> str:
        """Return the page that shows this version."""
        application: Any = self.application
        return reverse("calls:version", args=[application.call.slug, application.key, self.number])
