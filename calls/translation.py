"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from calls.models import Call, CallFact, CallMilestone


@register(Call)
class CallTranslation(TranslationOptions):
    fields = ("title", "summary")


@register([CallFact, CallMilestone])
class TextTranslation(TranslationOptions):
    fields = ("text",)
