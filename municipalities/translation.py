"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from municipalities.models import (
    AreaFigure,
    Municipality,
    PopulationFigure,
    Strength,
    Topic,
    TopicRole,
)


@register(Topic)
class TopicTranslation(TranslationOptions):
    fields = ("name",)


@register(Municipality)
class MunicipalityTranslation(TranslationOptions):
    fields = ("name", "region", "district", "point_note", "contact_offices", "description")


@register([PopulationFigure, AreaFigure, TopicRole])
class NoteTranslation(TranslationOptions):
    fields = ("note",)


@register(Strength)
class StrengthTranslation(TranslationOptions):
    fields = ("text",)
