"""What people are told about their partnerships: the sentences, and who may still read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models import RoleAssignment, User
from accounts.permissions import Permission, reach_of
from core.dates import day
from core.pages import language_of_path
from municipalities.models import Municipality
from tandems.enums import TandemStatus
from tandems.models import Document, Tandem, TandemMember, TandemNotice

#: Event → what happened, in a sentence. A city is always a municipality, never a person.
EVENTS: dict[str, Any] = {
    "profile_submitted": _(
        "%(city)s has submitted the profile. The other cities can now confirm it or comment on it."
    ),
    "profile_confirmed": _("%(city)s has confirmed the profile."),
    "profile_ready": _("The cities have confirmed the profile. It waits for its release."),
    "profile_returned": _("The profile is a draft again."),
    "profile_commented": _("There is a new comment on the profile."),
    "profile_released": _("A new version of the profile is public."),
    "profile_set_aside": _("A draft of the profile was set aside."),
    "member_left": _("%(city)s leaves the partnership. Its last day is %(day)s."),
    "member_stays": _("%(city)s stays in the partnership after all."),
    "member_joined": _("%(city)s has joined the partnership."),
    "guest_docked": _("%(city)s is a guest of the partnership from now on."),
    "guest_left": _("%(city)s is no longer a guest of the partnership."),
    "partnership_ended": _("The partnership has a new status: %(status)s."),
    # Who is in it is not said: it is planned, and of planned ones only their own cities know.
    "partnership_rematched": _("A new partnership has grown out of this one."),
    "topic_added": _("There is a new topic: “%(topic)s”."),
    "topic_changed": _("The topic “%(topic)s” was changed."),
    "topic_ended": _("The work on the topic “%(topic)s” has ended."),
    "topic_guest": _("%(city)s is a guest of the topic “%(topic)s” from now on."),
    "topic_guest_ended": _("%(city)s is no longer a guest of the topic “%(topic)s”."),
    "meeting_guest": _("%(city)s is a guest of the meeting “%(meeting)s”."),
    "document_added": _("There is a new document: “%(title)s”."),
    "document_version": _("There is a new version of the document “%(title)s”."),
    "document_visibility": _("Who may read the document “%(title)s” has changed."),
    "commitment_made": _("%(city)s has made a commitment: “%(text)s”"),
    "commitment_kept": _("%(city)s has kept a commitment: “%(text)s”"),
    "commitment_moved": _("%(city)s needs more time for a commitment: “%(text)s”"),
    "commitment_dropped": _("%(city)s has dropped a commitment: “%(text)s”"),
    "meeting_planned": _("A meeting is being planned: “%(meeting)s”."),
    "meeting_dated": _("The meeting “%(meeting)s” has a date: %(day)s."),
    "meeting_announced": _("The meeting “%(meeting)s” is now public."),
    "meeting_waits": _(
        "The meeting “%(meeting)s” is announced. It becomes public as soon as every partnership "
        "that meets is public."
    ),
    "meeting_withdrawn": _(
        "The announcement of the meeting “%(meeting)s” is withdrawn. The meeting is internal again."
    ),
    "meeting_held": _("The meeting “%(meeting)s” has taken place."),
    "meeting_reopened": _(
        "That the meeting “%(meeting)s” has taken place was noted by mistake and is taken back."
    ),
    "meeting_cancelled": _("The meeting “%(meeting)s” is cancelled."),
    "meeting_revived": _("The meeting “%(meeting)s” takes place after all."),
    "questions_asked": _("%(city)s has asked its guiding questions for “%(meeting)s”."),
    "minutes_sent": _(
        "The minutes of “%(meeting)s” are waiting for the agreement of the cities, by %(day)s."
    ),
    "minutes_commented": _("There is a new comment on the minutes of “%(meeting)s”."),
    "minutes_returned": _("The minutes of “%(meeting)s” are a draft again."),
    "minutes_agreed_by": _("%(city)s agrees to the minutes of “%(meeting)s”."),
    "minutes_agreed": _("All cities agree to the minutes of “%(meeting)s”."),
    "minutes_released": _("The public part of the minutes of “%(meeting)s” is public."),
    "minutes_extended": _(
        "The cities have more time to agree to the minutes of “%(meeting)s”: until %(day)s."
    ),
    "minutes_corrected": _("A correction of the minutes of “%(meeting)s” has been begun."),
    "minutes_given_up": _(
        "The correction of the minutes of “%(meeting)s” was given up. The agreed minutes still "
        "count."
    ),
    "learning_added": _("%(city)s has written an entry in the learning log."),
    "check_in_answered": _("%(city)s has answered what became of the exchange."),
    "check_in_silent": _("%(city)s has not answered what became of the exchange."),
    "check_in_unasked": _(
        "%(city)s could not be asked what became of the exchange: it has neither a contact person "
        "nor a deputy."
    ),
    "commitment_reopened": _("A commitment of %(city)s is open again: “%(text)s”"),
    "consultation_released": _(
        "A peer consultation is over, and one sentence from it is public: “%(meeting)s”."
    ),
}
#: What waits for the team alone: it is told at once, not once a week.
URGENT = frozenset({"profile_ready"})
#: What a person typed stands shortened in a mail.
LONGEST_FACT = 160


def stored_facts(facts: Mapping[str, str] | None, city: Municipality | None) -> dict[str, str]:
    """Return what is kept of an event until its mail is written: short lines of plain text.

    The city is kept by its name in each language.
    """
    kept = {
        name: Truncator(" ".join(str(value).split())).chars(LONGEST_FACT)
        for name, value in (facts or {}).items()
    }
    if city is not None:
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                kept[f"city_{code}"] = str(city)
    return kept


def stored_path(path: str) -> str:
    """Return a path without the language that it starts with."""
    language = language_of_path(path)
    return path[len(language) + 1 :] if language else path


def sentence_of(event: str, facts: Mapping[str, str]) -> str:
    """Return what happened in the active language; raises :class:`KeyError` for a missing fact."""
    filled = dict(facts)
    ending = f"_{get_language()}"
    filled |= {key.removesuffix(ending): facts[key] for key in facts if key.endswith(ending)}
    if facts.get("status") in TandemStatus.values:
        filled["status"] = str(TandemStatus(facts["status"]).label)
    with suppress(KeyError, ValueError):
        filled["day"] = day(dt.date.fromisoformat(facts["day"]))
    return str(EVENTS[event]) % filled


def with_roles(people: Iterable[User]) -> list[User]:
    """Return the people with the roles that each holds today, all fetched by one query."""
    found = {person.pk: person for person in people}
    for person in found.values():
        person.roles = []
    rows = RoleAssignment.objects.held_on(timezone.localdate()).filter(user__in=found)
    for row in rows.with_places():
        found[row.user_id].roles.append(row)
    return list(found.values())


def concerned_by(tandem: Tandem, *, cities: bool, team: bool) -> list[User]:
    """Return who is told of a partnership: who acts for a current member, and the team."""
    today = timezone.localdate()
    rows = RoleAssignment.objects.held_on(today).giving(Permission.READ_WORKSPACE)
    acting = tandem.members.acting().values("municipality")
    in_cities = rows.filter(municipality__in=acting) if cities else rows.none()
    # All roles of the programme that give this right give it on all partnerships.
    in_team = rows.filter(municipality__isnull=True) if team else rows.none()
    people = User.objects.filter(is_active=True)
    keys = {*in_cities.values_list("user", flat=True), *in_team.values_list("user", flat=True)}
    return with_roles(people.filter(pk__in=keys).order_by("pk"))


def readers_of(document: Document, people: list[User]) -> list[User]:
    """Return those of the people who may read the document; colleagues are asked about once."""
    answers: dict[frozenset[int] | None, bool] = {}
    readers = []
    for person in people:
        reach = reach_of(person, Permission.READ_WORKSPACE)
        key = None if reach is None else frozenset(reach)
        if key not in answers:
            rows = Document.objects.visible_to(person).filter(removed_at__isnull=True)
            answers[key] = rows.filter(pk=document.pk).exists()
        if answers[key]:
            readers.append(person)
    return readers


def still_readable(person: User, notices: list[TandemNotice]) -> list[TandemNotice]:
    """Return those notices of which the person may still know.

    That is who acts for a current member of the partnership, or belongs to the team; what is about
    a document must still be there and open to the person.
    """
    if not person.is_active:
        return []
    reach = reach_of(person, Permission.READ_WORKSPACE)
    if reach is not None:
        members = TandemMember.objects.acting().filter(municipality__in=reach)
        keys = {notice.tandem_id for notice in notices}
        current = set(members.filter(tandem__in=keys).values_list("tandem", flat=True))
        notices = [notice for notice in notices if notice.tandem_id in current]
    asked = {notice.document_id for notice in notices if notice.document_id}
    if not asked:
        return notices
    rows = Document.objects.visible_to(person).filter(removed_at__isnull=True, pk__in=asked)
    readable = {None, *rows.values_list("pk", flat=True)}
    return [notice for notice in notices if notice.document_id in readable]


def notices_of(user: Any) -> list[dict[str, Any]]:
    """Return what waits to be told to a person and may still be read by it, for the own data."""
    return [
        {"event": row.event, "facts": row.facts, "happened_at": row.happened_at.isoformat()}
        for row in still_readable(user, list(TandemNotice.objects.filter(user=user)))
    ]
