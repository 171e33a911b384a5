"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from calls.models import STEPS, Answer, Call, CallFact, CallMilestone, Consent, Criterion, Question


@register(Call)
class CallTranslation(TranslationOptions):
    fields = ("title", "summary", "description", "afterwards", "contact", "documents_needed")


@register([CallFact, CallMilestone])
class TextTranslation(TranslationOptions):
    fields = ("text",)


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    fields = ("name", *(f"step_{step}" for step in STEPS))


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("text", "hint", "choices")


@register(Answer)
class AnswerTranslation(TranslationOptions):
    fields = ("question", "text")


@register(Consent)
class ConsentTranslation(TranslationOptions):
    fields = ("text",)
