"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from accounts.models import Organisation


@register(Organisation)
class OrganisationTranslation(TranslationOptions):
    fields = ("name", "contribution", "note")
