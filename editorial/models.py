"""What is told about the programme: news, standing pages, statements, resources."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import DatedModel, SourcedModel
from editorial.enums import PageKey, ProgrammeSection, ResourceKind
from municipalities.models import Municipality
from tandems.models import Tandem


class ArticleQuerySet(models.QuerySet["Article"]):
    """Questions about news."""

    def visible_on(self, today: dt.date) -> ArticleQuerySet:
        """Return what is published on ``today``, the newest first."""
        return self.filter(published_on__lte=today).order_by("-published_on", "-pk")


class Article(SourcedModel):
    """A news story of the programme or of a partnership, in Markdown."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=200)
    teaser = models.TextField(_("teaser"), blank=True)
    body = models.TextField(_("text (Markdown)"), blank=True)
    published_on = models.DateField(_("published on"))
    tandem = models.ForeignKey(
        Tandem, on_delete=models.PROTECT, null=True, blank=True, related_name="articles"
    )
    municipalities = models.ManyToManyField(Municipality, blank=True, related_name="articles")
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("news story")
        verbose_name_plural = _("news")
        indexes: ClassVar[list[models.Index]] = [
            # The news list and the feed.
            models.Index(fields=["-published_on", "-id"]),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse("editorial:article", args=[self.slug])


class Page(models.Model):
    """A standing page such as the imprint, in Markdown.

    ``{operator_name}`` and its like in the text are filled from the settings.
    """

    key = models.CharField(_("page"), max_length=20, choices=PageKey, unique=True)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text (Markdown)"), blank=True)
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(key__in=PageKey.values),
                name="page_key_is_known",
                violation_error_message=_("Choose one of the standing pages."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the public page."""
        return reverse(f"editorial:{self.key}")


class ProgrammeEntry(DatedModel, SourcedModel):
    """One documented statement about the programme, under a heading."""

    section = models.CharField(_("section"), max_length=12, choices=ProgrammeSection)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("statement about the programme")
        verbose_name_plural = _("statements about the programme")
        ordering: ClassVar[list[str]] = ["section", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["section", "position"],
                name="programme_entry_has_its_own_position",
                violation_error_message=_("This position is taken by another statement."),
            ),
            models.CheckConstraint(
                condition=Q(section__in=ProgrammeSection.values),
                name="programme_entry_section_is_known",
                violation_error_message=_("Choose the section."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.text


class Resource(DatedModel, SourcedModel):
    """A publication, page, tool or dataset about the programme, elsewhere on the web."""

    reference = models.SlugField(_("reference"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=ResourceKind)
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    languages = models.JSONField(_("languages (BCP 47)"), default=list, blank=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *DatedModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=ResourceKind.values),
                name="resource_kind_is_known",
                violation_error_message=_("Choose the kind of resource."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


def page_text(text: str, facts: dict[str, str], missing: Any) -> str:
    """Return ``text`` with every ``{name}`` of ``facts`` filled; an empty fact becomes ``missing``.

    Plain replacement: braces that name nothing stay as they are. A mail address becomes a link.
    """
    for name, value in facts.items():
        written = f"<{value}>" if "@" in value else value
        text = text.replace("{" + name + "}", written or str(missing))
    return text
