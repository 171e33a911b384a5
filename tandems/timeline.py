"""The story of a partnership's membership, as entries of a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from core.dates import DateSpan
from core.templatetags.core_tags import words
from tandems.models import TandemChange, TandemMember


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry: ``kind`` is join, guest, leave or change; ``text`` is safe HTML."""

    kind: str
    span: DateSpan
    text: str | SafeString
    sources: list[str] = field(default_factory=list)

    @property
    def order(self) -> tuple[bool, dt.date, bool]:
        """Return what entries are sorted by: undated ones last, leaving after coming."""
        return (
            self.span.earliest is None,
            self.span.earliest or dt.date.max,
            self.kind not in {"join", "guest"},
        )


def timeline_of(
    members: Iterable[TandemMember], changes: Iterable[TandemChange]
) -> list[TimelineEntry]:
    """Return joining, leaving and changes in the order in which they happened.

    Cities that joined on the same documented date share one entry.
    """
    entries: list[TimelineEntry] = []
    together: dict[tuple[bool, DateSpan], list[TandemMember]] = {}
    for member in members:
        together.setdefault((member.is_guest, member.joined), []).append(member)
        if member.left:
            entries.append(TimelineEntry("leave", member.left, leaving(member), member.sources))
    for (guest, span), joined in together.items():
        hosts = together.get((False, span), [])
        if guest and len(hosts) == 1:
            # One sentence for an exchange: a single city and the guest that came to it.
            text, sources = visiting(hosts[0], joined), sources_of([*hosts, *joined])
            entries.append(TimelineEntry("guest", span, text, sources))
        elif guest or len(joined) > 1 or (True, span) not in together:
            kind = "guest" if guest else "join"
            entries.append(TimelineEntry(kind, span, joining(joined), sources_of(joined)))
    entries.extend(
        TimelineEntry("change", change.span, words(change, "text"), change.sources)
        for change in changes
    )
    return sorted(entries, key=lambda entry: entry.order)


def sources_of(members: Iterable[TandemMember]) -> list[str]:
    """Return the sources of several memberships, each once."""
    return list(dict.fromkeys(address for member in members for address in member.sources))


def joining(members: list[TandemMember]) -> SafeString:
    """Return the sentence about municipalities that join on the same date."""
    names = enumeration([words(member.municipality, "name") for member in members])
    if members[0].is_guest:
        text = ngettext(
            "{names} takes part as a guest.", "{names} take part as guests.", len(members)
        )
    elif len(members) == 1:
        text = _("{names} joins.")
    else:
        text = _("{names} start learning from each other.")
    return format_html(text, names=names)


def visiting(host: TandemMember, guests: list[TandemMember]) -> SafeString:
    """Return the sentence about guests that begin an exchange with one municipality."""
    text = ngettext(
        "{host} and {names} start an exchange; {names} is a guest of the programme.",
        "{host} and {names} start an exchange; {names} are guests of the programme.",
        len(guests),
    )
    names = enumeration([words(guest.municipality, "name") for guest in guests])
    return format_html(text, host=words(host.municipality, "name"), names=names)


def leaving(member: TandemMember) -> SafeString:
    """Return the sentence about a leaving municipality, with the reason where it is public."""
    name = words(member.municipality, "name")
    reason = words(member, "left_reason")
    if reason:
        return format_html(
            _("{name} leaves the programme. Reason: {reason}."), name=name, reason=reason
        )
    return format_html(_("{name} leaves the programme."), name=name)


def enumeration(names: Sequence[str]) -> SafeString:
    """Return ``A``, ``A and B`` or ``A, B and C``, escaped where a name is not marked as safe."""
    first = format_html_join(", ", "{}", ((name,) for name in names[:-1]))
    last = format_html("{}", names[-1]) if names else SafeString("")
    return format_html(_("{first} and {last}"), first=first, last=last) if first else last
