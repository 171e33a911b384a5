"""Partnerships with one of everything, for the browser: made within a running portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from tandems.actions.documents import add_document, add_document_version, change_visibility
from tandems.actions.pictures import add_picture
from tandems.actions.release import comment_profile
from tandems.models import Document, ProfileText, ProfileVersion, Tandem
from tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemTopicFactory,
    TopicFactory,
    make_pair,
    make_user,
)
from tests.tandems.files_cases import ABOUT, WORDS, checked, pdf, picture_file
from tests.tandems.membership_cases import place
from tests.tandems.release_cases import client_of, make_people
from tests.tandems.test_membership_rematch import with_reserve
from tests.workspace import (
    DirectoryEntryFactory,
    MeetingGuestFactory,
    ProfileCommentFactory,
    ProfileConfirmationFactory,
    ProfilePictureFactory,
    TopicGuestFactory,
)

#: Words and names that are longer than a phone is wide.
LONG = "Bürgerbeteiligungsformatweiterentwicklungsvereinbarung"
TEXT = """## Hitze

Die **Innenstadt** heizt sich auf:

- wenig Schatten
- [Bericht](https://www.hamm.de/hitze)
"""
FOREIGN = {"it": "Il centro storico si riscalda, e *mancano* gli alberi."}


def make() -> dict[str, Any]:
    """Make everything; return how people are signed in, and the keys of what was made."""
    people = make_people("draft", number=2)
    tandem: Tandem = people.tandem
    rename(tandem, "hamm-arezzo")
    released = release(people)
    keys = write(people, released) | fill(people)
    asked, ready = make_people("submitted"), make_people("confirmed")
    rename(asked.tandem, "asked")
    rename(ready.tandem, "ready")
    comment_profile(
        profile=asked.version, member=asked.partner, text="Bitte *kürzen*.", by=asked.deputy
    )
    alone = with_reserve()
    empty = make_pair(slug="empty")
    guest = make_user("contact", place("Utrecht", "NL"))
    TopicGuestFactory(topic_id=keys["topic"], municipality=place("Utrecht", "NL"))
    enter_directory(people.contact, shows_address=True)
    enter_directory(guest)
    users = {
        "contact": people.contact,
        "deputy": people.deputy,
        "left": people.left,
        "guest": guest,
        "team": people.team,
        "bbsr": people.bbsr,
        "confirmer": asked.deputy,
        "newcomer": make_user("contact", empty.members.get(position=0).municipality),
    }
    reserve = alone.call.applications.get(place_name="City 2") if alone.call else None
    return {
        "cookies": {name: cookies_of(user) for name, user in users.items()},
        "alone": alone.slug,
        "reserve": str(reserve.key) if reserve else "",
        **keys,
    }


def cookies_of(user: User) -> dict[str, str]:
    """Return the cookies with which somebody is signed in."""
    return {key: morsel.value for key, morsel in client_of(user).cookies.items()}


def rename(tandem: Tandem, slug: str) -> None:
    """Give a partnership an address that the tests can write down."""
    Tandem.objects.filter(pk=tandem.pk).update(slug=slug)
    tandem.slug = slug


def release(people: Any) -> ProfileVersion:
    """Put an older version onto the public page, with a text that only Italians can read."""
    released: ProfileVersion = ProfileVersionFactory(
        tandem=people.tandem,
        number=1,
        as_of=dt.date(2023, 6, 1),
        started_at=dt.datetime(2023, 5, 1, 12, tzinfo=dt.UTC),
        released_at=dt.datetime(2023, 6, 1, 12, tzinfo=dt.UTC),
    )
    for member in (people.home, people.partner):
        ProfileConfirmationFactory(profile=released, municipality=member.municipality)
    ProfileEntryFactory(
        profile=released, section="challenge", is_point=False, result_kind="", texts=FOREIGN
    )
    for section in ("goal", "result", "failure"):
        kind = "participation" if section == "result" else ""
        ProfileEntryFactory(profile=released, section=section, result_kind=kind)
    return released


def write(people: Any, released: ProfileVersion) -> dict[str, str]:
    """Write the draft: texts in the states they can have, points and pictures."""
    draft: ProfileVersion = people.version
    texts = {"de": TEXT, "en": "The centre heats up.", **FOREIGN}
    challenge = ProfileEntryFactory(
        profile=draft, section="challenge", is_point=False, result_kind="", texts=texts
    )
    late = ProfileText.objects.filter(entry=challenge, language="it")
    late.update(outdated_since=timezone.now(), written_by=people.deputy)
    for member in (people.home, people.partner):
        ProfileEntryFactory(
            profile=draft,
            section="offer",
            is_point=False,
            result_kind="",
            municipality=member.municipality,
            texts={"de": f"Wir geben: {LONG}."},
        )
    point = ProfileEntryFactory(
        profile=draft, sources=["https://www.hamm.de/" + "beteiligung/" * 12 + "bericht.html"]
    )
    ProfileCommentFactory(
        profile=draft, municipality=people.partner.municipality, written_by=people.deputy
    )
    for number, colour in enumerate(("teal", "maroon")):
        placed = add_picture(
            profile=draft,
            file=checked(picture_file((1_600, 900), colour), f"{colour}.jpg"),
            words={**WORDS, "alt_de": f"{WORDS['alt_de']} {number}", "caption_de": LONG},
            by=people.contact,
        )
        ProfilePictureFactory(profile=released, picture=placed.picture, position=number)
    return {"point": str(point.key), "picture": str(placed.picture.key)}


def fill(people: Any) -> dict[str, Any]:
    """Make topics, documents, meetings and commitments of every kind."""
    tandem, today = people.tandem, timezone.localdate()
    topic = TandemTopicFactory(
        tandem=tandem,
        focus_de=f"{LONG} am Markt",
        focus_en="Trees at the market",
        giver=people.home.municipality,
        seeker=people.partner.municipality,
    )
    TandemTopicFactory(tandem=tandem, ended_on=today)
    TandemTopicFactory(tandem=tandem, is_mutual=True, stage="mutual")
    TopicGuestFactory(topic=topic, until=dt.date(2023, 6, 1))
    guest = TopicGuestFactory(topic=topic)
    document = add(people, "partnership", title=f"Protokoll {LONG}", topic_id=topic.pk)
    newer = checked(pdf("newer"), "Protokoll-vom-Mai-2024-Endfassung-mit-Anlagen.pdf")
    add_document_version(document=document, file=newer, note="Anlage 2", by=people.contact)
    network = add(people, "network", title="Baumkataster", topic_id=topic.pk)
    team = add(people, "team", title="Vermerk")
    public = add(people, "partnership", title="Leitfaden", description="Wie man Bäume zählt.")
    change_visibility(document=public, visibility="public", by=people.contact)
    day = dt.timedelta(days=1)
    dates = {"precision": "day", "tandem": tandem, "scope": "tandem"}
    coming = MeetingFactory(
        earliest=today + 9 * day, latest=today + 9 * day, status="planned", **dates
    )
    MeetingFactory(earliest=today - 9 * day, latest=today - 9 * day, **dates)
    stay = MeetingGuestFactory(meeting=coming, municipality=place("Venlo", "NL"))
    promise = CommitmentFactory(tandem=tandem, municipality=people.home.municipality)
    CommitmentFactory(
        tandem=tandem, municipality=people.partner.municipality, due_on=today - 9 * day
    )
    return {
        "topic": topic.pk,
        "guest": guest.pk,
        "document": str(document.key),
        "public": str(public.key),
        "papers": [str(row.key) for row in (network, team)],
        "meeting": coming.pk,
        "stay": stay.pk,
        "promise": promise.pk,
        "member": people.partner.pk,
    }


def add(people: Any, visibility: str, **about: Any) -> Document:
    """Put a document in, for the team where it is the team's."""
    for_team = visibility == "team"
    return add_document(
        tandem=people.tandem,
        member=None if for_team else people.home,
        file=checked(pdf(about["title"])),
        words={**ABOUT, **about},
        visibility=visibility,
        by=people.team if for_team else people.contact,
    )


def enter_directory(user: User, **fields: Any) -> None:
    """Let somebody stand in the directory."""
    entry = DirectoryEntryFactory(
        user=user, works_on="Bäume und Plätze", languages=["de", "it"], **fields
    )
    entry.topics.set([TopicFactory(), TopicFactory()])
