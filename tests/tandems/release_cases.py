"""A partnership with everybody who has to do with its profile."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.test import Client

from accounts.models import User
from tandems.actions.release import confirm_profile, submit_profile
from tandems.content import fingerprint
from tandems.enums import MemberRole
from tandems.models import ProfileVersion, Tandem
from tests.factories import (
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    make_pair,
    make_user,
    sign_in,
)

LEFT_ON = dt.date(2023, 12, 31)
PLAIN = {"released_at": None}


def make_people(state: str = "draft", **profile: Any) -> SimpleNamespace:
    """Return a pair with a version of its profile, a third city that has left, and all people."""
    tandem = make_pair()
    home, partner = tandem.members.order_by("position")
    gone = TandemMemberFactory(tandem=tandem, position=2, left_on=LEFT_ON)
    guest = TandemMemberFactory(tandem=tandem, position=3, role=MemberRole.GUEST)
    # In the order of the pair, whatever the names of the factory are.
    for row, name in ((home, "Hamm"), (partner, "Arezzo"), (gone, "Sofia"), (guest, "Venlo")):
        type(row.municipality).objects.filter(pk=row.municipality_id).update(
            name_de=name, name_en=name, local_name=name
        )
        row.refresh_from_db()
    version = ProfileVersionFactory(tandem=tandem, state=state, **{**PLAIN, **profile})
    ProfileEntryFactory(profile=version)
    people = SimpleNamespace(
        tandem=tandem,
        version=version,
        home=home,
        partner=partner,
        gone=gone,
        contact=make_user("contact", home.municipality),
        deputy=make_user("deputy", partner.municipality),
        colleague=make_user("colleague", home.municipality),
        left=make_user("contact", gone.municipality),
        guest=make_user("contact", guest.municipality),
        neighbour=make_user("contact", another_city()),
        stranger=make_user(),
        observer=make_user("observer"),
        reviewer=make_user("reviewer"),
        team=make_user("coordinator"),
        bbsr=make_user("bbsr"),
    )
    if state in {"submitted", "confirmed"}:
        ProfileVersion.objects.filter(pk=version.pk).update(state="draft")
        version.refresh_from_db()
        people.version = submitted(people)
    if state == "confirmed":
        people.version = confirmed(people)
    return people


def another_city() -> Any:
    """Return a city that is a member of another partnership."""
    place = MunicipalityFactory()
    TandemMemberFactory(municipality=place)
    return place


def submitted(people: SimpleNamespace) -> ProfileVersion:
    """Submit the draft for the first city."""
    draft = ProfileVersion.objects.get(pk=people.version.pk)
    return submit_profile(
        profile=draft, member=people.home, seen=fingerprint(draft), by=people.contact
    )


def confirmed(people: SimpleNamespace) -> ProfileVersion:
    """Confirm the submitted version for the second city."""
    version = ProfileVersion.objects.get(pk=people.version.pk)
    return confirm_profile(
        profile=version, member=people.partner, seen=version.fingerprint, by=people.deputy
    )


def address(tandem: Tandem, page: str) -> str:
    """Return a page of the internal area."""
    return f"/en/tandems/{tandem.slug}/workspace/profile/{page}"


def client_of(user: User) -> Client:
    """Return a browser in which a person is signed in."""
    client = Client()
    sign_in(client, user)
    return client
