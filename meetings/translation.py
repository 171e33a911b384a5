"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from meetings.models import AgendaItem, Consultation, GuidingQuestion, Meeting, Minutes


@register(Meeting)
class MeetingTranslation(TranslationOptions):
    fields = ("title", "description", "participant_note", "access_notes")


@register(AgendaItem)
class AgendaItemTranslation(TranslationOptions):
    fields = ("text",)


@register(GuidingQuestion)
class GuidingQuestionTranslation(TranslationOptions):
    fields = ("text", "decision")


@register(Minutes)
class MinutesTranslation(TranslationOptions):
    fields = ("public_text",)


@register(Consultation)
class ConsultationTranslation(TranslationOptions):
    fields = ("released_sentence",)
