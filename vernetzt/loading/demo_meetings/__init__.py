"""An invented partnership at work, from its kick-off to the meetings to come.

Made through the actions of the pages, each by who may take it and on the day on which it would
have happened, so that every page can be looked at in every role. Cities, people and texts are
invented, and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from core.outbox import silence
from tandems.models import Tandem, TandemNotice
from vernetzt.loading.demo_meetings.consulting import advise, prepare_case
from vernetzt.loading.demo_meetings.ground import prepare_ground, write_profile
from vernetzt.loading.demo_meetings.outcomes import conclude, settle_until, write_log
from vernetzt.loading.demo_meetings.planning import (
    announce_network_meeting,
    let_guest_in,
    look_for_a_date,
    prepare,
)
from vernetzt.loading.demo_meetings.stage import Stage


def make_partnership_at_work(
    data: dict[str, Any], *, coordinator: User, password_of: Callable[[str], str]
) -> Tandem:
    """Make the partnership with all its meetings, all or nothing; return it."""
    with silence(), translation.override("de"), transaction.atomic():
        stage = Stage(data, coordinator)
        prepare_ground(stage, password_of)
        prepare(stage, "kick_off")
        conclude(stage, "kick_off")
        prepare(stage, "old_case")
        prepare_case(stage, "old_case")
        advise(stage, "old_case")
        conclude(stage, "old_case")
        prepare(stage, "site_visit", by="vale.contact")
        conclude(stage, "site_visit")
        prepare(stage, "working")
        conclude(stage, "working")
        settle_until(stage, timezone.now())
        write_log(stage)
        prepare(stage, "written_case", by="vale.contact", public=False)
        prepare_case(stage, "written_case")
        advise(stage, "written_case")
        prepare(stage, "coming")
        let_guest_in(stage, "coming")
        prepare(stage, "return_visit", public=False)
        look_for_a_date(stage, "return_visit")
        write_profile(stage)
        announce_network_meeting(stage, "network")
        tandem = stage.tandem
        # All of it would have been told long ago.
        TandemNotice.objects.filter(tandem=tandem).delete()
        return tandem
