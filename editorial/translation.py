"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from editorial.models import Article, Page, ProgrammeEntry, Resource


@register(Article)
class ArticleTranslation(TranslationOptions):
    fields = ("title", "teaser", "body")


@register(Page)
class PageTranslation(TranslationOptions):
    fields = ("title", "body")


@register(ProgrammeEntry)
class ProgrammeEntryTranslation(TranslationOptions):
    fields = ("title", "text")


@register(Resource)
class ResourceTranslation(TranslationOptions):
    fields = ("title", "description")
