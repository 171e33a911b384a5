"""The story of a partnership's membership, as entries of a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.dates import DateSpan
from core.templatetags.core_tags import words
from tandems.models import Tandem, TandemChange, TandemMember


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry: ``kind`` is join, guest, leave or change; ``text`` is safe HTML."""

    kind: str
    span: DateSpan
    text: str | SafeString
    sources: list[str] = field(default_factory=list)

    @property
    def order(self) -> tuple[bool, dt.date, bool]:
        """Return what entries are sorted by: undated ones last, leaving after joining."""
        return (
            self.span.earliest is None,
            self.span.earliest or dt.date.max,
            self.kind != "join",
        )


def timeline_of(
    tandem: Tandem, members: Iterable[TandemMember], changes: Iterable[TandemChange]
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
        names = enumeration([str(words(member.municipality, "name")) for member in joined])
        if guest:
            text = (
                _("%(names)s takes part as a guest.")
                if len(joined) == 1
                else _("%(names)s take part as guests.")
            )
        elif len(joined) == 1:
            text = _("%(names)s joins.")
        else:
            text = _("%(names)s start learning from each other.")
        entries.append(TimelineEntry("guest" if guest else "join", span, text % {"names": names}))
    entries.extend(
        TimelineEntry("change", change.span, words(change, "text"), change.sources)
        for change in changes
    )
    return sorted(entries, key=lambda entry: entry.order)


def leaving(member: TandemMember) -> SafeString:
    """Return the sentence about a leaving municipality, with the reason where it is public."""
    name = words(member.municipality, "name")
    reason = words(member, "left_reason")
    if reason:
        return format_html(
            _("{name} leaves the programme. Reason: {reason}."), name=name, reason=reason
        )
    return format_html(_("{name} leaves the programme."), name=name)


def enumeration(names: list[str]) -> str:
    """Return ``A``, ``A and B`` or ``A, B and C``."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
