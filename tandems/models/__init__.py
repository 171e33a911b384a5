"""Partnerships with dated members, topics, the released profile and the changes on the way."""

from __future__ import annotations

from tandems.models.change import TandemChange as TandemChange
from tandems.models.partnership import (
    Tandem as Tandem,
    TandemMember as TandemMember,
    prepared_members as prepared_members,
    tandems_of as tandems_of,
)
from tandems.models.profile import ProfileEntry as ProfileEntry, ProfileVersion as ProfileVersion
from tandems.models.topic import TandemTopic as TandemTopic
