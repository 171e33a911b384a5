"""Cases for the constraints of the internal area: profiles, pictures, documents, guests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.constraints import Arranged, Case, alone
from tests.factories import (
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemFactory,
    TandemTopicFactory,
)
from tests.workspace import (
    DocumentFactory,
    DocumentVersionFactory,
    PictureFactory,
    ProfileCommentFactory,
    ProfileConfirmationFactory,
    ProfilePictureFactory,
    ProfileTextFactory,
    TopicGuestFactory,
)

MOMENT = dt.datetime(2022, 6, 1, 12, tzinfo=dt.UTC)
FIRST = dt.date(2022, 6, 1)
DAY = dt.timedelta(days=1)


def taken(factory: Any, owner: str, *fields: str, **shared: Any) -> Any:
    """Arrange two rows of one owner; what the first one holds is taken for the second."""

    def arrange() -> Arranged:
        first = factory(**shared)
        second = factory(**{owner: getattr(first, owner)}, **distinct(fields))
        values = {name: getattr(first, name) for name in fields}
        elsewhere = getattr(factory(**shared), owner)
        return Arranged(second, values, {owner: elsewhere, **values})

    def distinct(names: tuple[str, ...]) -> dict[str, Any]:
        other = {"number": 99, "sha256": "f" * 64}
        return {name: other[name] for name in names if name in other}

    return arrange


def two_drafts() -> Arranged:
    first = ProfileVersionFactory(state="draft")
    other = ProfileVersionFactory(tandem=first.tandem, state="superseded")
    return Arranged(other, refused={"state": "submitted"}, allowed={"state": "set_aside"})


def two_keys() -> Arranged:
    first = ProfileEntryFactory()
    second = ProfileEntryFactory(profile=first.profile)
    elsewhere = ProfileEntryFactory().profile
    return Arranged(second, {"key": first.key}, {"key": first.key, "profile": elsewhere})


def two_texts_of(**fields: Any) -> Any:
    """Arrange a text and a point of one section; the point may not become a second text."""

    def arrange() -> Arranged:
        first = ProfileEntryFactory(
            section="goal", is_point=False, result_kind="", **made_of(fields)
        )
        point = ProfileEntryFactory(
            profile=first.profile, section="goal", result_kind="", municipality=first.municipality
        )
        return Arranged(point, {"is_point": False}, {"is_point": False, "section": "activity"})

    def made_of(wanted: dict[str, Any]) -> dict[str, Any]:
        return {name: value() for name, value in wanted.items()}

    return arrange


def two_texts_in_one_language() -> Arranged:
    first = ProfileTextFactory()
    second = ProfileTextFactory(entry=first.entry, language="pl")
    return Arranged(second, {"language": "it"}, {"language": "it", "entry": bare_entry()})


def two_originals() -> Arranged:
    entry = ProfileEntryFactory(texts={"de": "Ein Ziel."})
    other = ProfileTextFactory(entry=entry)
    return Arranged(other, refused={"state": "original"}, allowed={"state": "checked"})


def picture_twice() -> Arranged:
    first = ProfilePictureFactory()
    second = ProfilePictureFactory(profile=first.profile)
    elsewhere = ProfileVersionFactory()
    values = {"picture": first.picture}
    return Arranged(second, values, {**values, "profile": elsewhere})


def guest_twice() -> Arranged:
    first = TopicGuestFactory()
    second = TopicGuestFactory(topic=first.topic)
    same = {"municipality": first.municipality}
    return Arranged(second, same, {**same, "until": FIRST + DAY})


CASES = [
    Case(
        "tandem_has_one_unfinished_profile",
        "Another version of this profile is being worked on.",
        two_drafts,
    ),
    Case(
        "profile_version_has_its_own_number",
        "Another version of this profile has this number.",
        taken(ProfileVersionFactory, "tandem", "number", state="superseded"),
    ),
    Case(
        "profile_is_confirmed_once_by_each_municipality",
        "This municipality has confirmed the version already.",
        taken(ProfileConfirmationFactory, "profile", "municipality"),
    ),
    Case(
        "profile_comment_has_a_text",
        "Write a comment.",
        alone(ProfileCommentFactory, refused={"text": ""}, allowed={"text": "."}),
    ),
    Case("profile_entry_has_its_own_key", "This version holds the entry already.", two_keys),
    Case("profile_section_has_one_text", "This section has a text already.", two_texts_of()),
    Case(
        "profile_section_has_one_text_of_each_municipality",
        "This municipality has a text there already.",
        two_texts_of(municipality=MunicipalityFactory),
    ),
    Case(
        "profile_entry_has_one_text_in_each_language",
        "There is a text in this language already.",
        two_texts_in_one_language,
    ),
    Case(
        "profile_entry_has_one_original",
        "Another language is the original already.",
        two_originals,
    ),
    *(
        Case(
            "profile_text_state_and_language_are_known",
            "Choose the language and the state of the text.",
            alone(ProfileTextFactory, refused=refused, allowed=allowed),
        )
        for refused, allowed in (
            ({"state": "guessed"}, {"state": "checked"}),
            ({"language": "xx"}, {"language": "pl"}),
        )
    ),
    Case(
        "original_is_never_out_of_date",
        "The original cannot be out of date.",
        lambda: Arranged(
            ProfileTextFactory(entry=bare_entry()),
            refused={"outdated_since": MOMENT, "state": "original"},
            allowed={"outdated_since": MOMENT},
        ),
    ),
    Case(
        "only_checked_texts_have_a_moment_of_checking",
        "Only a checked translation has been checked.",
        alone(
            ProfileTextFactory,
            refused={"checked_at": MOMENT},
            allowed={"checked_at": MOMENT, "state": "checked"},
        ),
    ),
    Case(
        "profile_text_is_not_empty",
        "Write a text.",
        alone(ProfileTextFactory, refused={"text": ""}, allowed={"text": "."}),
    ),
    Case(
        "picture_is_uploaded_once",
        "This picture is there already.",
        taken(PictureFactory, "tandem", "sha256"),
    ),
    Case(
        "picture_has_a_width_and_a_height",
        "This picture has no size.",
        alone(PictureFactory, refused={"height": 0}, allowed={"height": 1}),
    ),
    Case(
        "picture_stands_once_in_a_profile",
        "This picture is in the profile already.",
        picture_twice,
    ),
    Case(
        "picture_licence_is_known",
        "Choose the licence.",
        alone(ProfilePictureFactory, refused={"licence": "mine"}, allowed={"licence": "CC0-1.0"}),
    ),
    *(
        Case(
            "picture_has_descriptions_and_a_source",
            "Describe the picture in both languages and name its source.",
            alone(ProfilePictureFactory, refused={name: ""}, allowed={name: "x"}),
        )
        for name in ("alt_de", "alt_en", "author")
    ),
    *(
        Case(
            "document_kind_and_language_are_known",
            "Choose the kind and the language of the document.",
            alone(DocumentFactory, refused=refused, allowed=allowed),
        )
        for refused, allowed in (
            ({"kind": "song"}, {"kind": "minutes"}),
            ({"language": "xx"}, {"language": "bg"}),
        )
    ),
    Case(
        "document_visibility_is_known",
        "Choose who may read the document.",
        alone(DocumentFactory, refused={"visibility": "all"}, allowed={"visibility": "public"}),
    ),
    Case(
        "document_has_a_title",
        "Give the document a title.",
        alone(DocumentFactory, refused={"title": ""}, allowed={"title": "."}),
    ),
    Case(
        "document_version_has_its_own_number",
        "Another version of this document has this number.",
        taken(DocumentVersionFactory, "document", "number"),
    ),
    Case(
        "mutual_topic_has_no_direction",
        "Either both give and seek, or one gives and the other seeks.",
        lambda: Arranged(
            TandemTopicFactory(giver=MunicipalityFactory(), seeker=MunicipalityFactory()),
            refused={"is_mutual": True},
            allowed={"is_mutual": True, "giver": None, "seeker": None},
        ),
    ),
    Case(
        "topic_guest_is_let_in_once",
        "This municipality is a guest of the topic already.",
        guest_twice,
    ),
    Case(
        "topic_guest_goes_after_coming",
        "The last day lies before the first one.",
        alone(TopicGuestFactory, refused={"until": FIRST - DAY}, allowed={"until": FIRST}),
    ),
    Case(
        "tandem_has_a_reason_only_when_it_ended",
        "A reason for the end needs the day of the end.",
        alone(
            TandemFactory,
            refused={"ended_reason": "done"},
            allowed={"ended_reason": "done", "ended_on": FIRST},
        ),
    ),
]


def bare_entry() -> Any:
    """Return an entry without any text."""
    entry = ProfileEntryFactory(texts={"de": "x"})
    entry.texts.all().delete()
    return entry
