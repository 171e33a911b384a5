"""Where in a profile somebody reads or writes: version, section, city, language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from accounts.permissions import Permission
from calls.content import mark_of
from calls.enums import WorkingLanguage
from municipalities.models import Municipality
from tandems.access import Access
from tandems.content import languages_of
from tandems.enums import MemberRole, ProfileSection, ProfileState, TextState
from tandems.models import ProfileEntry, ProfileText, ProfileVersion
from tandems.views.asking import workspace_of

#: States of what stands, or has stood, on the public page.
PUBLIC = (ProfileState.RELEASED, ProfileState.SUPERSEDED)


def released_of(access: Access) -> ProfileVersion | None:
    """Return what the public page says; for a city that has left: what it said on its last day."""
    rows = access.tandem.profile_versions.prefetch_related("confirmations__municipality")
    if access.until is None:
        return rows.released().first()
    shown = rows.filter(state__in=PUBLIC, released_at__date__lte=access.until)
    return shown.order_by("-released_at", "-pk").first()


def unfinished_of(access: Access) -> ProfileVersion | None:
    """Return the version on its way; a city that has left does not see what others write."""
    if access.until is not None:
        return None
    rows = access.tandem.profile_versions.prefetch_related("confirmations__municipality")
    return _with_tandem(access, rows.unfinished().first())


def version_of(access: Access) -> ProfileVersion | None:
    """Return the version that is read and written: the one on its way, else the public one."""
    return unfinished_of(access) or _with_tandem(access, released_of(access))


def _with_tandem(access: Access, version: ProfileVersion | None) -> ProfileVersion | None:
    """Return the version with the partnership at hand, whose members are known already."""
    if version is not None:
        version.tandem = access.tandem
    return version


def acting_cities(access: Access) -> list[Municipality]:
    """Return the current members in the order of the pair."""
    acting = access.tandem.acting_municipalities
    rows = [row for row in access.tandem.members.all() if row.role == MemberRole.MEMBER]
    places = {row.municipality_id: row.municipality for row in rows}
    return [place for key, place in places.items() if key in acting]


def languages_for(access: Access, texts: Iterable[ProfileText]) -> list[str]:
    """Return the languages in which an entry can be written, and those in which it is written."""
    offered = [*languages_of(acting_cities(access)), *(text.language for text in texts)]
    return [code for code in dict.fromkeys(offered) if code in WorkingLanguage.values]


@dataclass(frozen=True, slots=True)
class Place:
    """The text of a section in one language, as somebody has it before them."""

    access: Access
    version: ProfileVersion | None
    section: ProfileSection
    municipality: Municipality | None
    language: str
    languages: list[str]
    entry: ProfileEntry | None
    texts: dict[str, ProfileText]
    points: list[ProfileEntry]

    @property
    def stored(self) -> str:
        """Return the text that is stored, empty where there is none."""
        text = self.texts.get(self.language)
        return text.text if text else ""

    @property
    def subject(self) -> ProfileEntry:
        """Return the smallest thing that changes, for questions of rights."""
        if self.entry is not None:
            return self.entry
        version = self.version or ProfileVersion(tandem=self.access.tandem)
        return ProfileEntry(profile=version, section=self.section, municipality=self.municipality)

    @property
    def may_write(self) -> bool:
        """Tell whether the person may write here, in a draft."""
        return self.access.may(Permission.DRAFT_PROFILE, self.subject)

    @property
    def is_open(self) -> bool:
        """Tell whether the text can be changed now."""
        return self.version is not None and self.version.is_draft and self.may_write

    @property
    def url(self) -> str:
        """Return the address of this place."""
        return self.url_in(self.language)

    def url_in(self, language: str) -> str:
        """Return the address of the same text in another language."""
        city = self.municipality.slug if self.municipality else ""
        return section_url(self.access.tandem.slug, self.section, language, city)

    @property
    def following(self) -> ProfileSection | None:
        """Return the section after this one."""
        sections = list(ProfileSection)
        rest = sections[sections.index(self.section) + 1 :]
        has_cities = bool(acting_cities(self.access))
        return next((part for part in rest if part != ProfileSection.OFFER or has_cities), None)


def section_url(slug: str, section: str, language: str = "", city: str = "") -> str:
    """Return the address of a section in a language; of “gives and seeks” that of a city."""
    query = {name: value for name, value in (("language", language), ("city", city)) if value}
    url = reverse("workspace:section", args=[slug, section])
    return f"{url}?{urlencode(query)}" if query else url


def place_of(request: HttpRequest, slug: str, section: str) -> Place:
    """Return where the request writes or reads; what is no section, city or language meets 404.

    The form brings language and city along, so that a form that was kept while its author signed
    in again comes back to its place.
    """
    access = workspace_of(request, slug)
    if section not in ProfileSection.values:
        raise Http404
    version = version_of(access)
    rows = list(version.entries.with_texts().filter(section=section)) if version else []
    entries = [entry for entry in rows if not entry.is_point]
    points = [entry for entry in rows if entry.is_point]
    city = None
    if section == ProfileSection.OFFER:
        city = chosen_city(asked(request, "city"), access, entries)
    entry = next((row for row in entries if row.municipality == city), None)
    if entry is not None and version is not None:
        entry.profile = version
    texts = {text.language: text for text in entry.texts.all()} if entry else {}
    languages = languages_for(access, texts.values())
    language = asked(request, "language") or default_language(languages)
    if language not in languages:
        raise Http404
    return Place(
        access, version, ProfileSection(section), city, language, languages, entry, texts, points
    )


def asked(request: HttpRequest, name: str) -> str:
    """Return a value of the form, else of the address."""
    return request.POST.get(name) or request.GET.get(name, "")


def default_language(languages: list[str]) -> str:
    """Return the language of the page where the text can be written in it, else the first."""
    here = get_language() or ""
    return here if here in languages else languages[0]


def chosen_city(slug: str, access: Access, entries: list[ProfileEntry]) -> Municipality:
    """Return whose “gives and seeks” is meant: the city asked for, else the own, else the first."""
    places = {place.slug: place for place in acting_cities(access)}
    for entry in entries:
        if entry.municipality is not None:
            places.setdefault(entry.municipality.slug, entry.municipality)
    own = [row.municipality.slug for row in access.members]
    wanted = slug or next((name for name in own if name in places), next(iter(places), ""))
    if wanted not in places:
        raise Http404
    return places[wanted]


def language_rows(
    entry: ProfileEntry | None,
    languages: list[str],
    here: str,
    urls: dict[str, str],
    *,
    may_say: bool,
) -> list[dict[str, Any]]:
    """Return each language of an entry with what its text is and what may be said about it.

    ``urls`` holds the address of each language, ``may_say`` whether the person may check texts.
    """
    texts = {text.language: text for text in entry.texts.all()} if entry else {}
    original = next((text for text in texts.values() if text.state == TextState.ORIGINAL), None)
    rows = []
    for code in languages:
        text = texts.get(code)
        is_translation = text is not None and text != original
        is_late = text is not None and text.outdated_since is not None
        rows.append(
            {
                "code": code,
                "label": WorkingLanguage(code).label,
                "text": text,
                "state": text.get_state_display() if text else "",
                "outdated_since": text.outdated_since if text else None,
                "url": urls.get(code, ""),
                "is_here": code == here,
                "entry": entry,
                "seen": mark_of(text.text) if text else "",
                "original": original.language if original else "",
                "read": mark_of(original.text) if original else "",
                "may_check": may_say
                and is_translation
                and text is not None
                and (is_late or text.state != TextState.CHECKED),
                "may_lead": may_say and is_translation and not is_late,
            }
        )
    return rows
