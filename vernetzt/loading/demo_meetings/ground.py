"""The ground of the invented partnership: places, people, membership, topics and profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.actions import change_profile, prepare_demo_account
from accounts.backends import DEMO_DOMAIN
from accounts.models import User
from calls.content import marks_of
from core.actions import note_change
from core.dates import DatePrecision
from core.models import save_new
from municipalities.enums import Role
from municipalities.models import Municipality, PopulationFigure, Topic, TopicRole
from tandems.actions import change_tandem_status
from tandems.actions.events import enter_partnership
from tandems.actions.release import confirm_profile, release_version, submit_profile
from tandems.actions.topics import TopicContent, add_topic
from tandems.actions.writing import save_text, start_draft
from tandems.content import fingerprint
from tandems.enums import TandemKind, TandemStatus
from tandems.models import ProfileVersion, Tandem
from tandems.takeover import next_number
from vernetzt.loading.demo_call import LANGUAGES, i18n
from vernetzt.loading.demo_meetings.stage import TEAM, Stage, around, moment_of

#: Before the partnership begins its people have their accounts.
EARLIER = dt.timedelta(days=7)
INVENTED = {"de": "erfunden", "en": "invented"}


def address_of(person: str) -> str:
    """Return the address of an officer of an invented city, named as in ``lindenau.contact``."""
    city, role = person.split(".")
    return f"{role}.{city}@{DEMO_DOMAIN}"


def prepare_ground(stage: Stage, password_of: Callable[[str], str]) -> None:
    """Make cities, people and the partnership, which is at work from then on."""
    about = stage.data["partnership"]
    joined = stage.day(about["joined_week"])
    stage.people[TEAM] = stage.coordinator
    for key, names in stage.data["topics"].items():
        known = Topic.objects.filter(key=key).first()
        stage.topics[key] = known or Topic.objects.create(key=key, **i18n("name", names))
    with around(moment_of(joined) - EARLIER):
        for name, city in stage.data["cities"].items():
            stage.cities[name] = make_city(city, stage)
            for role in city["people"]:
                person = f"{name}.{role}"
                password = password_of(address_of(person))
                stage.people[person] = make_officer(stage, name, role, password)
    with around(moment_of(joined)):
        make_partnership(stage, joined)
    with around(moment_of(stage.day(about["active_week"]))):
        change_tandem_status(tandem=stage.tandem, status=TandemStatus.ACTIVE, by=stage.coordinator)
        for topic in about["topics"]:
            add_topic(
                tandem=stage.tandem,
                content=TopicContent(
                    topic=stage.topics[topic["topic"]].pk,
                    **i18n("focus", topic["focus"]),
                    direction=direction_of(stage, topic),
                    stage=topic["stage"],
                    sources=[],
                ),
                by=stage.contact("lindenau"),
            )


def make_city(city: dict[str, Any], stage: Stage) -> Municipality:
    """Write a city into the register, with what it gives and seeks."""
    facts = ("slug", "local_name", "country", "latitude", "longitude", "time_zone", "languages")
    row = Municipality(
        **{name: city[name] for name in facts},
        **i18n("name", city["name"]),
        **i18n("region", city["region"]),
        **i18n("description", city["description"]),
        **i18n("contact_offices", city["offices"]),
    )
    save_new(row)
    note_change(row, field="register", old="", new="invented", by=stage.coordinator)
    day = stage.day(stage.data["partnership"]["joined_week"])
    figure = PopulationFigure(
        municipality=row,
        value=city["population"],
        earliest=day,
        latest=day,
        precision=DatePrecision.DAY,
        **i18n("note", INVENTED),
    )
    save_new(figure)
    for side in Role:
        for key in city.get(side, []):
            save_new(TopicRole(municipality=row, topic=stage.topics[key], role=side))
    return row


def make_officer(stage: Stage, name: str, role: str, password: str) -> User:
    """Make the account of an officer of a city, who reads times on its clock."""
    about = stage.data["cities"][name]
    user = prepare_demo_account(
        email=address_of(f"{name}.{role}"),
        name=about["people"][role],
        password=password,
        role=role,
        language=about["language"],
        municipality=stage.cities[name],
        by=None,
    )
    change_profile(
        user=user,
        name=user.name,
        language=user.language,
        time_zone=about["time_zone"],
        by=user,
    )
    # The roles are read once per object.
    return User.objects.get(pk=user.pk)


def make_partnership(stage: Stage, joined: dt.date) -> None:
    """Write the partnership, planned, and let both cities join."""
    about = stage.data["partnership"]
    row = Tandem(
        slug=about["slug"],
        number=next_number(),
        kind=TandemKind.TANDEM,
        status=TandemStatus.PLANNED,
        **i18n("name", about["name"]),
    )
    save_new(row)
    note_change(row, field="status", old="", new=row.status, by=stage.coordinator)
    for place in stage.cities.values():
        enter_partnership(tandem=row, municipality=place, since=joined, by=stage.coordinator)
    stage.slug = row.slug


def direction_of(stage: Stage, topic: dict[str, Any]) -> tuple[bool, int | None, int | None]:
    """Return who gives and who seeks on a topic; where nobody is named, both do both."""
    if "giver" not in topic:
        return True, None, None
    return False, stage.cities[topic["giver"]].pk, stage.cities[topic["seeker"]].pk


def write_profile(stage: Stage) -> None:
    """Write the profile in both languages, submit, confirm and release it."""
    about = stage.data["profile"]
    with around(moment_of(stage.day(about["written_week"]))):
        profile = start_draft(tandem=stage.tandem, by=stage.contact("lindenau"))
        for entry in about["texts"]:
            # Of what a city gives and seeks, that city alone writes.
            city = entry.get("city", "lindenau")
            for language in LANGUAGES:
                save_text(
                    profile=profile,
                    section=entry["section"],
                    municipality=stage.cities[city] if "city" in entry else None,
                    language=language,
                    text=entry["text"][language],
                    opened_with=marks_of({"text": ""}),
                    by=stage.contact(city),
                )
    words: list[tuple[Any, str, str]] = [
        (submit_profile, "submitted_week", "lindenau"),
        (confirm_profile, "confirmed_week", "vale"),
    ]
    for give_word, week, city in words:
        with around(moment_of(stage.day(about[week]))):
            profile = ProfileVersion.objects.get(pk=profile.pk)
            give_word(
                profile=profile,
                member=stage.member(city),
                seen=fingerprint(profile),
                by=stage.contact(city),
            )
    profile = ProfileVersion.objects.get(pk=profile.pk)
    release_version(profile=profile, seen=fingerprint(profile), by=stage.coordinator)
