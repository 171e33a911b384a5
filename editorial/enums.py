"""Closed lists of the editorial app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PageKey(models.TextChoices):
    """The standing pages that every installation needs."""

    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy")
    ACCESSIBILITY = "accessibility", _("Accessibility")
    EASY_LANGUAGE = "easy-language", _("Easy language")


class ProgrammeSection(models.TextChoices):
    """Under which heading a statement about the programme stands."""

    SUMMARY = "summary", _("The programme")
    AIM = "aim", _("Aims")
    ACTIVITY = "activity", _("What happens")
    PHASE = "phase", _("Timeline")
    METHOD = "method", _("How it works")
    NETWORK = "network", _("Networks and initiatives")
    FINDING = "finding", _("Findings")
    DISAGREEMENT = "disagreement", _("Where sources disagree")


class ResourceKind(models.TextChoices):
    """What kind of publication it is."""

    INFORMATION_SHEET = "information_sheet", _("information sheet")
    CALL_NOTICE = "call_notice", _("call notice")
    TENDER = "tender", _("tender")
    PROJECT_PAGE = "project_page", _("project page")
    PLATFORM = "platform", _("platform")
    PARTICIPATION_PAGE = "participation_page", _("participation page")
    NEWS = "news", _("news item")
    ARTICLE = "article", _("article")
    PODCAST = "podcast", _("podcast")
    REPORT = "report", _("report")
    PUBLICATION = "publication", _("publication")
    DATASET = "dataset", _("dataset")
    TOOL = "tool", _("tool")
