"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from tandems.models import (
    ProfileEntry,
    ProfileVersion,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
)


@register(Tandem)
class TandemTranslation(TranslationOptions):
    fields = ("name",)


@register(TandemMember)
class TandemMemberTranslation(TranslationOptions):
    fields = ("left_reason",)


@register(TandemTopic)
class TandemTopicTranslation(TranslationOptions):
    fields = ("focus",)


@register(ProfileVersion)
class ProfileVersionTranslation(TranslationOptions):
    fields = ("summary",)


@register([ProfileEntry, TandemChange])
class TextTranslation(TranslationOptions):
    fields = ("text",)
