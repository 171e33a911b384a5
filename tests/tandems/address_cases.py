"""The addresses of a partnership's internal area: who may open them, and what they need."""

from __future__ import annotations

from typing import Any

from municipalities.models import Municipality
from tandems.actions.documents import add_document
from tandems.actions.pictures import add_picture
from tandems.models import Document, Tandem
from tests.factories import (
    MeetingFactory,
    MunicipalityFactory,
    ProfileEntryFactory,
    ProfileVersionFactory,
    TandemMemberFactory,
    TandemTopicFactory,
    make_user,
)
from tests.tandems.files_cases import ABOUT, WORDS, checked, picture_file
from tests.workspace import MeetingGuestFactory, TopicGuestFactory

#: As ``BEHIND_LOGIN`` in tests/house/test_addresses.py.
TABLE = """
workspace:home                         login 404   200   200   200   404   200   200   404
workspace:people                       login 404   200   200   200   404   200   200   404
workspace:history                      login 404   200   200   200   404   200   200   404
workspace:profile                      login 404   200   200   200   404   200   200   404
workspace:profile-start                login 404   back  back  back  404   back  back  404
workspace:profile-preview              login 404   200   200   200   404   200   200   404
workspace:profile-markdown             login 404   back  back  back  404   back  back  404
workspace:profile-check                login 404   back  back  back  404   back  back  404
workspace:profile-submit               login 404   200   200   403   404   200   200   404
workspace:profile-confirm              login 404   back  back  403   404   403   403   404
workspace:profile-comment              login 404   200   200   200   404   200   200   404
workspace:profile-return               login 404   back  back  403   404   back  back  404
workspace:profile-release              login 404   403   403   403   404   back  back  404
workspace:profile-set-aside            login 404   200   200   403   404   200   200   404
workspace:profile-changes              login 404   200   200   200   404   200   200   404
workspace:versions                     login 404   200   200   200   404   200   200   404
workspace:pictures                     login 404   200   200   200   404   200   200   404
workspace:picture-add                  login 404   200   200   200   404   200   200   404
workspace:documents                    login 404   200   200   200   404   200   200   404
workspace:document-add                 login 404   200   200   200   404   200   200   404
workspace:topics                       login 404   200   200   200   404   200   200   404
workspace:topic-add                    login 404   200   200   403   404   200   200   404
workspace:meetings                     login 404   200   200   200   404   200   200   404
workspace:membership                   login 404   403   403   403   404   200   200   404
workspace:membership-join              login 404   403   403   403   404   200   200   404
workspace:membership-dock              login 404   403   403   403   404   200   200   404
workspace:membership-rematch           login 404   403   403   403   404   200   200   404
workspace:membership-end               login 404   403   403   403   404   200   200   404
workspace:section                      login 404   200   200   200   404   200   200   404
workspace:point-add                    login 404   200   200   200   404   200   200   404
workspace:point                        login 404   200   200   200   404   200   200   404
workspace:point-move                   login 404   back  back  back  404   back  back  404
workspace:point-remove                 login 404   200   200   200   404   200   200   404
workspace:version                      login 404   200   200   200   404   200   200   404
workspace:version-restore              login 404   200   200   403   404   200   200   404
workspace:picture                      login 404   200   200   200   404   200   200   404
workspace:picture-move                 login 405   405   405   405   405   405   405   405
workspace:picture-remove               login 404   200   200   200   404   200   200   404
workspace:document                     login 404   200   200   200   404   200   200   404
workspace:document-edit                login 404   200   200   200   404   200   200   404
workspace:document-version             login 404   200   200   200   404   200   200   404
workspace:document-visibility          login 404   200   200   200   404   200   200   404
workspace:document-remove              login 404   200   200   200   404   200   200   404
workspace:document-file                login 404   200   200   200   404   200   200   404
workspace:topic                        login 404   200   200   200   404   200   200   404
workspace:topic-edit                   login 404   200   200   403   404   200   200   404
workspace:topic-end                    login 404   200   200   403   404   200   200   404
workspace:topic-guests                 login 404   200   200   403   404   200   200   404
workspace:topic-guest-end              login 404   200   200   403   404   200   200   404
workspace:meeting-guests               login 404   200   200   403   404   200   200   404
workspace:meeting-guest-end            login 404   200   200   403   404   200   200   404
workspace:membership-leave             login 404   403   403   403   404   200   200   404
workspace:home(foreign)                login 404   404   404   404   404   200   200   404
workspace:people(foreign)              login 404   404   404   404   404   200   200   404
workspace:history(foreign)             login 404   404   404   404   404   200   200   404
workspace:profile(foreign)             login 404   404   404   404   404   200   200   404
workspace:profile-start(foreign)       login 404   404   404   404   404   back  back  404
workspace:profile-preview(foreign)     login 404   404   404   404   404   200   200   404
workspace:profile-markdown(foreign)    login 404   404   404   404   404   back  back  404
workspace:profile-check(foreign)       login 404   404   404   404   404   back  back  404
workspace:profile-submit(foreign)      login 404   404   404   404   404   200   200   404
workspace:profile-confirm(foreign)     login 404   404   404   404   404   403   403   404
workspace:profile-comment(foreign)     login 404   404   404   404   404   200   200   404
workspace:profile-return(foreign)      login 404   404   404   404   404   back  back  404
workspace:profile-release(foreign)     login 404   404   404   404   404   back  back  404
workspace:profile-set-aside(foreign)   login 404   404   404   404   404   200   200   404
workspace:profile-changes(foreign)     login 404   404   404   404   404   200   200   404
workspace:versions(foreign)            login 404   404   404   404   404   200   200   404
workspace:pictures(foreign)            login 404   404   404   404   404   200   200   404
workspace:picture-add(foreign)         login 404   404   404   404   404   200   200   404
workspace:documents(foreign)           login 404   404   404   404   404   200   200   404
workspace:document-add(foreign)        login 404   404   404   404   404   200   200   404
workspace:topics(foreign)              login 404   404   404   404   404   200   200   404
workspace:topic-add(foreign)           login 404   404   404   404   404   200   200   404
workspace:meetings(foreign)            login 404   404   404   404   404   200   200   404
workspace:membership(foreign)          login 404   404   404   404   404   200   200   404
workspace:membership-join(foreign)     login 404   404   404   404   404   200   200   404
workspace:membership-dock(foreign)     login 404   404   404   404   404   200   200   404
workspace:membership-rematch(foreign)  login 404   404   404   404   404   200   200   404
workspace:membership-end(foreign)      login 404   404   404   404   404   200   200   404
workspace:section(foreign)             login 404   404   404   404   404   200   200   404
workspace:point-add(foreign)           login 404   404   404   404   404   200   200   404
workspace:point(foreign)               login 404   404   404   404   404   200   200   404
workspace:point-move(foreign)          login 404   404   404   404   404   back  back  404
workspace:point-remove(foreign)        login 404   404   404   404   404   200   200   404
workspace:version(foreign)             login 404   404   404   404   404   200   200   404
workspace:version-restore(foreign)     login 404   404   404   404   404   200   200   404
workspace:picture(foreign)             login 404   404   404   404   404   200   200   404
workspace:picture-move(foreign)        login 405   405   405   405   405   405   405   405
workspace:picture-remove(foreign)      login 404   404   404   404   404   200   200   404
workspace:document(foreign)            login 404   404   404   404   404   200   200   404
workspace:document-edit(foreign)       login 404   404   404   404   404   200   200   404
workspace:document-version(foreign)    login 404   404   404   404   404   200   200   404
workspace:document-visibility(foreign) login 404   404   404   404   404   200   200   404
workspace:document-remove(foreign)     login 404   404   404   404   404   200   200   404
workspace:document-file(foreign)       login 404   404   404   404   404   200   200   404
workspace:topic(foreign)               login 404   404   404   404   404   200   200   404
workspace:topic-edit(foreign)          login 404   404   404   404   404   200   200   404
workspace:topic-end(foreign)           login 404   404   404   404   404   200   200   404
workspace:topic-guests(foreign)        login 404   404   404   404   404   200   200   404
workspace:topic-guest-end(foreign)     login 404   404   404   404   404   200   200   404
workspace:meeting-guests(foreign)      login 404   404   404   404   404   200   200   404
workspace:meeting-guest-end(foreign)   login 404   404   404   404   404   200   200   404
workspace:membership-leave(foreign)    login 404   404   404   404   404   200   200   404
"""
#: Pages that need no more than the partnership.
PLAIN = (
    *("home", "people", "history", "profile", "profile-start", "profile-preview"),
    *("profile-markdown", "profile-check", "profile-submit", "profile-confirm"),
    *("profile-comment", "profile-return", "profile-release", "profile-set-aside"),
    *("profile-changes", "versions", "pictures", "picture-add", "documents", "document-add"),
    *("topics", "topic-add", "meetings", "membership", "membership-join", "membership-dock"),
    *("membership-rematch", "membership-end"),
)


def records_of(tandem: Tandem, place: Municipality, note: str) -> dict[str, list[Any]]:
    """Return the arguments for each page of a partnership that has one of everything."""
    partner = TandemMemberFactory(tandem=tandem, municipality=MunicipalityFactory(), position=1)
    ProfileVersionFactory(tandem=tandem, number=1)
    draft = ProfileVersionFactory(tandem=tandem, number=2, state="draft", released_at=None)
    point = ProfileEntryFactory(profile=draft)
    team = make_user("coordinator")
    add_picture(profile=draft, file=checked(picture_file(), "Bild.jpg"), words=WORDS, by=team)
    document = add_document(
        tandem=tandem,
        member=tandem.members.get(municipality=place),
        file=checked(),
        words=ABOUT,
        visibility="partnership",
        by=team,
    )
    topic = TandemTopicFactory(tandem=tandem)
    guest = TopicGuestFactory(topic=topic)
    meeting = MeetingFactory(tandem=tandem, scope="tandem", status="planned")
    visitor = MeetingGuestFactory(meeting=meeting)
    slug = tandem.slug
    key = [slug, draft.pictures.get().picture.key]
    return {
        f"workspace:{name}{note}": arguments
        for name, arguments in {
            **{name: [slug] for name in PLAIN},
            "section": [slug, "goal"],
            "point-add": [slug, "goal"],
            **{name: [slug, point.key] for name in ("point", "point-move", "point-remove")},
            **{name: [slug, 1] for name in ("version", "version-restore")},
            **dict.fromkeys(("picture", "picture-move", "picture-remove"), key),
            **{
                f"document{part}": [slug, document.key]
                for part in ("", "-edit", "-version", "-visibility", "-remove")
            },
            "document-file": [slug, document.key, 1],
            **{f"topic{part}": [slug, topic.pk] for part in ("", "-edit", "-end", "-guests")},
            "topic-guest-end": [slug, topic.pk, guest.pk],
            "meeting-guests": [slug, meeting.pk],
            "meeting-guest-end": [slug, meeting.pk, visitor.pk],
            "membership-leave": [slug, partner.pk],
        }.items()
    }


def public_files_of(tandem: Tandem) -> tuple[Any, Any]:
    """Return a picture of the released profile, and a public document."""
    team = make_user("coordinator")
    draft = ProfileVersionFactory(tandem=tandem, number=90, state="draft", released_at=None)
    picture = add_picture(
        profile=draft, file=checked(picture_file(), "Bild.jpg"), words=WORDS, by=team
    )
    draft.pictures.update(profile=tandem.profile_versions.get(state="released"))
    document = add_document(
        tandem=tandem,
        member=None,
        file=checked(),
        words=ABOUT,
        visibility="partnership",
        by=team,
    )
    Document.objects.filter(pk=document.pk).update(visibility="public")
    return picture.picture, document
