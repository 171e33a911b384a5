"""What finds the versions of profiles that became ready overnight."""

from __future__ import annotations

from typing import Any

from tandems.actions.release import tell_if_ready
from tandems.enums import ProfileState
from tandems.models import ProfileVersion


def tell_of_ready_profiles(*, by: Any = None) -> int:
    """Tell the project team of versions for which no word is missing since a last day has passed.

    Whoever records a leaving may name a day that lies ahead; nobody is there when it is over.
    Return of how many; each is told once, because it is confirmed by that.
    """
    ready = ProfileVersion.objects.awaiting_release().filter(state=ProfileState.SUBMITTED)
    return sum(tell_if_ready(tandem=version.tandem, by=by) for version in ready)
