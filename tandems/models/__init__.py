"""Partnerships with dated members, topics, the released profile and the changes on the way."""

from __future__ import annotations

from tandems.models.partnership import (
    Tandem as Tandem,
    TandemChange as TandemChange,
    TandemMember as TandemMember,
    TandemTopic as TandemTopic,
)
from tandems.models.profile import ProfileEntry as ProfileEntry, ProfileVersion as ProfileVersion
