"""The smallest valid objects of a partnership's internal area."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.models import DirectoryEntry
from meetings.models import MeetingGuest
from tandems.enums import Licence, TextState
from tandems.models import (
    Document,
    DocumentVersion,
    Picture,
    ProfileComment,
    ProfileConfirmation,
    ProfilePicture,
    ProfileText,
    TopicGuest,
)
from tests.factories import (
    MeetingFactory,
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemFactory,
    TandemTopicFactory,
    UserFactory,
)


class ProfileTextFactory(DjangoModelFactory):
    """A translation into Italian."""

    entry = factory.SubFactory(ProfileEntryFactory)
    language = "it"
    text = "Un formato di partecipazione."
    state = TextState.TRANSLATED

    class Meta:
        model = ProfileText


class ProfileConfirmationFactory(DjangoModelFactory):
    profile = factory.SubFactory(ProfileVersionFactory)
    municipality = factory.SubFactory(MunicipalityFactory)

    class Meta:
        model = ProfileConfirmation


class ProfileCommentFactory(DjangoModelFactory):
    profile = factory.SubFactory(ProfileVersionFactory)
    text = "Bitte nennen Sie auch die Bibliothek."

    class Meta:
        model = ProfileComment


class PictureFactory(DjangoModelFactory):
    """A picture whose files are named but not there."""

    tandem = factory.SubFactory(TandemFactory)
    small = medium = large = "uploads/00/picture"
    width, height = 1_600, 900
    sha256 = factory.Sequence(lambda n: f"{n:064x}")

    class Meta:
        model = Picture


class ProfilePictureFactory(DjangoModelFactory):
    profile = factory.SubFactory(ProfileVersionFactory)
    picture = factory.SubFactory(PictureFactory)
    alt_de = "Menschen an einem Tisch"
    alt_en = "People at a table"
    author = "Stadt Krefeld"
    licence = Licence.CC_BY

    class Meta:
        model = ProfilePicture


class DocumentFactory(DjangoModelFactory):
    tandem = factory.SubFactory(TandemFactory)
    title = "Leitfaden"
    language = "de"

    class Meta:
        model = Document


class DocumentVersionFactory(DjangoModelFactory):
    document = factory.SubFactory(DocumentFactory)
    number = factory.Sequence(lambda n: n + 1)
    file = "uploads/00/document"
    name = "leitfaden.pdf"
    kind = "pdf"
    size = 1_000
    sha256 = factory.Sequence(lambda n: f"{n:064x}")

    class Meta:
        model = DocumentVersion


class TopicGuestFactory(DjangoModelFactory):
    topic = factory.SubFactory(TandemTopicFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    since = dt.date(2022, 6, 1)

    class Meta:
        model = TopicGuest


class MeetingGuestFactory(DjangoModelFactory):
    meeting = factory.SubFactory(MeetingFactory)
    municipality = factory.SubFactory(MunicipalityFactory)

    class Meta:
        model = MeetingGuest


class DirectoryEntryFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    office = "Amt für Stadtentwicklung"
    consent = "Ich bin einverstanden."

    class Meta:
        model = DirectoryEntry
