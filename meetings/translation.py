"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from meetings.models import AgendaItem, Meeting


@register(Meeting)
class MeetingTranslation(TranslationOptions):
    fields = ("title", "description", "participant_note")


@register(AgendaItem)
class AgendaItemTranslation(TranslationOptions):
    fields = ("text",)
