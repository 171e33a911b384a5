"""Partnerships with dated members, topics, profiles, documents, pictures and changes."""

from __future__ import annotations

from tandems.models.change import TandemChange as TandemChange
from tandems.models.document import (
    Document as Document,
    DocumentVersion as DocumentVersion,
)
from tandems.models.entry import ProfileEntry as ProfileEntry, ProfileText as ProfileText
from tandems.models.notice import TandemNotice as TandemNotice
from tandems.models.partnership import (
    Tandem as Tandem,
    TandemMember as TandemMember,
    prepared_members as prepared_members,
    tandems_of as tandems_of,
)
from tandems.models.picture import (
    SIZES as SIZES,
    Picture as Picture,
    ProfilePicture as ProfilePicture,
)
from tandems.models.profile import (
    FRESH as FRESH,
    ProfileComment as ProfileComment,
    ProfileConfirmation as ProfileConfirmation,
    ProfileVersion as ProfileVersion,
)
from tandems.models.reading import reading as reading
from tandems.models.topic import TandemTopic as TandemTopic, TopicGuest as TopicGuest
