"""The way of a profile to the public page: submitted, confirmed by each city, released."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Notification
from accounts.permissions import Permission, reach_of, require
from core.actions import change_status, note_change
from core.models import save_new
from tandems.actions.notices import tell_people
from tandems.actions.partnership import mark_maintained, release_profile
from tandems.confirming import cities_missing, is_ready, was_held_up
from tandems.content import fingerprint
from tandems.enums import PROFILE_TRANSITIONS, UNFINISHED, ProfileState
from tandems.locks import lock_tandem
from tandems.models import (
    ProfileComment,
    ProfileConfirmation,
    ProfileText,
    ProfileVersion,
    Tandem,
    TandemMember,
)
from tandems.models.profile import ASKED as ASKED

#: Stands for the city in the notice where the project team submits (the mark, in no language).
TEAM = "#vernetztinEuropa"


@transaction.atomic
def submit_profile(
    *, profile: ProfileVersion, member: TandemMember | None, seen: str, by: Any
) -> ProfileVersion:
    """Put a draft forward for a member (``None``: the project team does), exactly as ``seen``.

    ``seen`` is the fingerprint of what the person has read. The member's own word counts at once;
    where nobody else's is missing the version is confirmed.

    Raises :class:`PermissionDenied` for who may not submit for this member, and
    :class:`ValidationError` for what is no draft, holds no text, or was changed meanwhile.
    """
    locked = _locked(profile)
    _require_voice(locked, member, Permission.SUBMIT_PROFILE, by)
    if not locked.is_draft:
        raise ValidationError(_("This version has been submitted already."), code="state")
    _refuse_unseen(locked, seen)
    if not ProfileText.objects.filter(entry__profile=locked).exists():
        raise ValidationError(_("There is nothing to confirm yet: the profile holds no text."))
    if member is not None:
        _give_word(locked, member, by)
    missing = cities_missing(locked)
    state = ProfileState.SUBMITTED if missing else ProfileState.CONFIRMED
    changes = {"submitted_by": by, "submitted_at": timezone.now(), "fingerprint": seen}
    submitted = _step(locked, state, by, changes=changes)
    mark_maintained(tandem=locked.tandem, by=by)
    facts = {} if member else {"city": TEAM}
    city = member.municipality if member else None
    _tell(submitted, "profile_submitted", "version", by, facts=facts, city=city)
    if not missing:
        _tell_ready(submitted, by)
    return submitted


@transaction.atomic
def confirm_profile(
    *, profile: ProfileVersion, member: TandemMember, seen: str, by: Any
) -> ProfileVersion:
    """Give a city's word on exactly the version that has the fingerprint ``seen``.

    With the last missing word the version is confirmed. A city that joined after that is asked
    as well, and its word holds up the release until it is given.

    Raises :class:`PermissionDenied` for who does not speak for the city (the project team speaks
    for none), and :class:`ValidationError` for what waits for no word, what the city has confirmed
    already, and what was changed meanwhile.
    """
    locked = _locked(profile)
    _require_voice(locked, member, Permission.SUBMIT_PROFILE, by)
    if locked.state not in ASKED:
        raise ValidationError(
            _("This version is no longer waiting for confirmation."), code="state"
        )
    _refuse_unseen(locked, seen)
    if locked.confirmations.filter(municipality=member.municipality_id).exists():
        raise ValidationError(_("Your city has confirmed this version already."), code="given")
    _give_word(locked, member, by)
    missing = cities_missing(locked)
    if not missing and locked.state == ProfileState.SUBMITTED:
        locked = _step(locked, ProfileState.CONFIRMED, by)
    mark_maintained(tandem=locked.tandem, by=by)
    _tell(locked, "profile_confirmed", "version", by, city=member.municipality)
    if not missing:
        _tell_ready(locked, by)
    return locked


@transaction.atomic
def comment_profile(
    *, profile: ProfileVersion, member: TandemMember | None, text: str, by: Any
) -> ProfileComment:
    """Say something about a version on its way, for a member or (``None``) for the project team.

    The same words of the same person twice in a row are kept once: that was a double click.

    Raises :class:`PermissionDenied` for who does not write for this member, and
    :class:`ValidationError` for a version that is not on its way any more.
    """
    locked = _locked(profile)
    _require_voice(locked, member, Permission.DRAFT_PROFILE, by)
    if locked.state not in UNFINISHED:
        raise ValidationError(
            _("This version is not on its way any more, so nobody would read the comment."),
            code="state",
        )
    last = locked.comments.order_by("pk").last()
    if last is not None and (last.written_by_id, last.text) == (by.pk, text):
        return last
    comment = ProfileComment(
        profile=locked,
        municipality=member.municipality if member else None,
        text=text,
        written_by=by,
    )
    save_new(comment)
    mark_maintained(tandem=locked.tandem, by=by)
    _tell(locked, "profile_commented", "version", by)
    return comment


@transaction.atomic
def return_profile(
    *, profile: ProfileVersion, member: TandemMember | None, note: str, by: Any
) -> ProfileVersion:
    """Take a submitted or confirmed version back to the draft; every word given on it is gone.

    The note stays as a comment, where everybody who writes reads it.

    Raises :class:`PermissionDenied` for who may not, and :class:`ValidationError` for a version
    that is a draft already or public.
    """
    locked = _locked(profile)
    _require_voice(locked, member, Permission.SUBMIT_PROFILE, by)
    if locked.state not in ASKED:
        raise ValidationError(
            _("Only a submitted version can become a draft again; this one is “%(state)s”."),
            code="state",
            params={"state": locked.get_state_display()},
        )
    locked.confirmations.all().delete()
    changes = {"submitted_by": None, "submitted_at": None, "fingerprint": ""}
    returned = _step(locked, ProfileState.DRAFT, by, note=note, changes=changes)
    city = member.municipality if member else None
    save_new(ProfileComment(profile=returned, municipality=city, text=note, written_by=by))
    mark_maintained(tandem=locked.tandem, by=by)
    _tell(returned, "profile_returned", "profile", by)
    return returned


@transaction.atomic
def release_version(*, profile: ProfileVersion, seen: str, by: Any) -> ProfileVersion:
    """Put exactly the version with the fingerprint ``seen`` on the public page.

    It says how things stood on the day of the last confirmation.

    Raises :class:`PermissionDenied` for who may not release, and :class:`ValidationError` for what
    is not submitted, what a city of today has not confirmed, and what was changed meanwhile.
    """
    locked = _locked(profile)
    require(by, Permission.RELEASE_PROFILE, locked)
    if locked.state not in ASKED:
        raise ValidationError(_("This version does not wait for its release."), code="state")
    _refuse_unseen(locked, seen)
    if missing := cities_missing(locked):
        raise ValidationError(
            _("Not confirmed yet by: %(cities)s."),
            code="missing",
            params={"cities": ", ".join(str(city) for city in missing)},
        )
    if locked.state == ProfileState.SUBMITTED:
        # The city whose word was missing has left the partnership meanwhile.
        locked = _step(locked, ProfileState.CONFIRMED, by)
    last = locked.confirmations.order_by("given_at").last()
    moment = last.given_at if last else locked.submitted_at or timezone.now()
    released = release_profile(profile=locked, as_of=timezone.localdate(moment), by=by)
    released.tandem = locked.tandem
    mark_maintained(tandem=locked.tandem, by=by)
    path = locked.tandem.get_absolute_url()
    _tell(released, "profile_released", path, by, team=True)
    return released


@transaction.atomic
def set_aside_profile(*, profile: ProfileVersion, by: Any) -> ProfileVersion:
    """Put a draft away; it stays readable, and can be restored.

    Raises :class:`PermissionDenied` for who may not, and :class:`ValidationError` for what is no
    draft.
    """
    locked = _locked(profile)
    require(by, Permission.SUBMIT_PROFILE, locked)
    put_away = _step(locked, ProfileState.SET_ASIDE, by)
    mark_maintained(tandem=locked.tandem, by=by)
    _tell(put_away, "profile_set_aside", "versions", by)
    return put_away


@transaction.atomic
def tell_if_ready(*, tandem: Tandem, by: Any) -> bool:
    """Tell the project team of a version that nothing holds up any more since a city has left.

    A submitted version is confirmed by that. Return whether the team was told: it is not while a
    word is missing, nor of a version of which it knows already.
    """
    profile = ProfileVersion.objects.filter(tandem=tandem.pk, state__in=ASKED).first()
    locked = _locked(profile) if profile else None
    if locked is None or not is_ready(locked):
        return False
    if locked.state == ProfileState.SUBMITTED:
        locked = _step(locked, ProfileState.CONFIRMED, by)
    elif not was_held_up(locked):
        return False
    _tell_ready(locked, by)
    return True


def _locked(profile: ProfileVersion) -> ProfileVersion:
    """Return the version as it stands now, locked after its partnership, as everywhere."""
    tandem = lock_tandem(profile.tandem_id)
    locked = ProfileVersion.objects.select_for_update(no_key=True).get(pk=profile.pk)
    locked.tandem = tandem
    return locked


def _require_voice(
    profile: ProfileVersion, member: TandemMember | None, permission: Permission, by: Any
) -> None:
    """Raise :class:`PermissionDenied` unless ``by`` speaks for the member, or is of the team.

    The team may do everything, and would else give the word of a city; a city's officer would
    else act without their city being named.
    """
    is_team = reach_of(by, permission) is None
    if is_team != (member is None):
        raise PermissionDenied
    if member is None:
        require(by, permission, profile)
        return
    fresh = TandemMember.objects.get(pk=member.pk)
    if fresh.tandem_id != profile.tandem_id:
        raise PermissionDenied
    require(by, permission, fresh)


def _refuse_unseen(profile: ProfileVersion, seen: str) -> None:
    """Raise :class:`ValidationError` unless the version says what the person has read."""
    now = fingerprint(profile)
    if seen != now or profile.fingerprint not in {"", now}:
        raise ValidationError(
            _("The text was changed after you opened this page. Please read it once more."),
            code="changed",
        )


def _give_word(profile: ProfileVersion, member: TandemMember, by: Any) -> None:
    """Write down a city's word, and that it was given."""
    place = member.municipality
    save_new(ProfileConfirmation(profile=profile, municipality=place, given_by=by))
    note_change(profile, field="confirmation", old="", new=place.slug[:40], by=by)


def _step(
    profile: ProfileVersion, state: str, by: Any, *, note: str = "", changes: Any = None
) -> ProfileVersion:
    """Move the version to a state, keeping its partnership at hand."""
    moved = change_status(
        profile,
        field="state",
        new=state,
        transitions=PROFILE_TRANSITIONS,
        note=note,
        changes=changes,
        by=by,
    )
    moved.tandem = profile.tandem
    return moved


def _tell_ready(profile: ProfileVersion, by: Any) -> None:
    """Tell the project team that a version waits for its release."""
    _tell(profile, "profile_ready", "profile-release", by, cities=False, team=True)


def _tell(profile: ProfileVersion, event: str, page: str, by: Any, **more: Any) -> None:
    """Tell people what happened; ``page`` is a page of the internal area, or a whole path."""
    slug = profile.tandem.slug
    if page == "version":
        page = reverse("workspace:version", args=[slug, profile.number])
    elif not page.startswith("/"):
        page = reverse(f"workspace:{page}", args=[slug])
    tell_people(
        tandem=profile.tandem,
        kind=Notification.TANDEM_PROFILE,
        event=event,
        path=page,
        by=by,
        **more,
    )
