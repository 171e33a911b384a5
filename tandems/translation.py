"""Fields kept per language."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from tandems.models import (
    ProfilePicture,
    Tandem,
    TandemChange,
    TandemMember,
    TandemTopic,
)


@register(Tandem)
class TandemTranslation(TranslationOptions):
    fields = ("name", "ended_reason")


@register(TandemMember)
class TandemMemberTranslation(TranslationOptions):
    fields = ("left_reason",)


@register(TandemTopic)
class TandemTopicTranslation(TranslationOptions):
    fields = ("focus",)


@register(ProfilePicture)
class ProfilePictureTranslation(TranslationOptions):
    fields = ("alt", "caption")


@register(TandemChange)
class TandemChangeTranslation(TranslationOptions):
    fields = ("text",)
