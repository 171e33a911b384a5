"""The story of a partnership's membership, as entries of a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from core.dates import NO_DATE, DatePrecision, DateSpan
from core.queries import prepared, with_parts
from core.templatetags.core_tags import words
from tandems.enums import TRANSITIONS, TandemStatus
from tandems.models import Tandem, TandemChange, TandemMember

#: How a partnership ended → what the timeline says.
ENDINGS = {
    TandemStatus.COMPLETED: gettext_lazy("The partnership is completed."),
    TandemStatus.CONTINUES: gettext_lazy("The partnership is completed; the cooperation goes on."),
    TandemStatus.ENDED_EARLY: gettext_lazy("The partnership ends early."),
    TandemStatus.UNDOCUMENTED: gettext_lazy(
        "The partnership ends; what became of it is not documented."
    ),
}
#: Kind of entry → place among those of one day; what is not named stands in between.
RANKS = {"origin": 0, "join": 1, "guest": 1, "end": 3, "successor": 4}
IN_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry; ``text`` is safe HTML.

    ``kind`` is origin, join, guest, leave, change, end or successor.
    """

    kind: str
    span: DateSpan
    text: str | SafeString
    sources: list[str] = field(default_factory=list)

    @property
    def order(self) -> tuple[bool, dt.date, int]:
        """Return what entries are sorted by: undated ones last, leaving after coming."""
        return (
            self.span.earliest is None,
            self.span.earliest or dt.date.max,
            RANKS.get(self.kind, IN_BETWEEN),
        )


@prepared
def relatives_of(tandem: Any, previous: Any) -> QuerySet[TandemMember]:
    """Return the members of the public partnerships that it grew out of and into, first ones first.

    ``previous``: the key of the one that it grew out of, or 0.
    """
    related = Q(tandem__previous=tandem) | Q(tandem=previous)
    rows = TandemMember.objects.filter(related).exclude(tandem__status=TandemStatus.PLANNED)
    rows = with_parts(rows, tandem=("slug", "name_de", "name_en"))
    return rows.order_by("joined_earliest", "pk")


def timeline_of(
    members: Iterable[TandemMember],
    changes: Iterable[TandemChange],
    tandem: Tandem | None = None,
    relatives: Iterable[TandemMember] | None = None,
) -> list[TimelineEntry]:
    """Return joining, leaving, changes and the end in the order in which they happened.

    Cities that joined on the same documented date share one entry. With ``tandem`` its end is told
    too, and what it grew out of and into: ``relatives`` are the members of those partnerships;
    left out, the public ones are asked for, which is one query; none where ``tandem`` came with
    ``has_successors`` false and grew out of nothing.
    """
    members = list(members)
    entries = [
        *coming(members),
        *(
            TimelineEntry("leave", member.left, leaving(member), member.sources)
            for member in members
            if member.left and not turned_member(member, members)
        ),
        *(
            TimelineEntry("change", change.span, words(change, "text"), change.sources)
            for change in changes
        ),
    ]
    if tandem is not None:
        if relatives is None:
            may_have = tandem.previous_id or getattr(tandem, "has_successors", True)
            relatives = relatives_of(tandem.pk, tandem.previous_id or 0) if may_have else ()
        entries += [*ending(tandem), *kinship(tandem, members, relatives)]
    return sorted(entries, key=lambda entry: entry.order)


def coming(members: list[TandemMember]) -> list[TimelineEntry]:
    """Return an entry for each date on which cities joined or came as guests."""
    entries: list[TimelineEntry] = []
    together: dict[tuple[bool, DateSpan], list[TandemMember]] = {}
    for member in members:
        together.setdefault((member.is_guest, member.joined), []).append(member)
    for (guest, span), joined in together.items():
        hosts = together.get((False, span), [])
        if guest and len(hosts) == 1:
            # One sentence for an exchange: a single city and the guest that came to it.
            text, sources = visiting(hosts[0], joined), sources_of([*hosts, *joined])
            entries.append(TimelineEntry("guest", span, text, sources))
        elif guest or len(joined) > 1 or (True, span) not in together:
            kind = "guest" if guest else "join"
            entries.append(TimelineEntry(kind, span, joining(joined), sources_of(joined)))
    return entries


def turned_member(guest: TandemMember, members: Iterable[TandemMember]) -> bool:
    """Tell whether a guest stopped being one because its city joined on that very day."""
    return guest.is_guest and any(
        not member.is_guest
        and member.municipality == guest.municipality
        and member.joined_earliest == guest.left_on
        for member in members
    )


def ending(tandem: Tandem) -> list[TimelineEntry]:
    """Return the entry about the end, where its day is known, with the reason if it is public."""
    text = ENDINGS.get(TandemStatus(tandem.status))
    if text is None or tandem.ended_on is None:
        return []
    reason = words(tandem, "ended_reason")
    told = format_html(_("{text} Reason: {reason}."), text=text, reason=reason)
    span = DateSpan(tandem.ended_on, tandem.ended_on, DatePrecision.DAY)
    return [TimelineEntry("end", span, told if reason else str(text))]


def kinship(
    tandem: Tandem, members: list[TandemMember], relatives: Iterable[TandemMember]
) -> list[TimelineEntry]:
    """Return what the partnership grew out of, dated by its beginning, and what grew out of it."""
    began = min((m.joined for m in members if m.joined.earliest), key=first_day, default=NO_DATE)
    found: dict[int, TimelineEntry] = {}
    for row in relatives:
        if row.tandem_id in found:
            continue
        name, url = words(row.tandem, "name"), row.tandem.get_absolute_url()
        link = format_html('<a href="{}">{}</a>', url, name)
        if row.tandem_id == tandem.previous_id:
            text = format_html(_("The partnership grows out of {name}."), name=link)
            found[row.tandem_id] = TimelineEntry("origin", began, text)
        else:
            text = format_html(_("A new partnership grows out of it: {name}."), name=link)
            found[row.tandem_id] = TimelineEntry("successor", row.joined, text)
    return list(found.values())


def endings_of(tandem: Tandem) -> list[TandemStatus]:
    """Return how a partnership can end from where it stands; none where it has ended early."""
    return [status for status in ENDINGS if status in TRANSITIONS[tandem.status]]


def first_day(span: DateSpan) -> dt.date:
    """Return the first day of a span; undated ones come last."""
    return span.earliest or dt.date.max


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
    if member.is_guest:
        if reason:
            text = _("{name} is no longer a guest. Reason: {reason}.")
            return format_html(text, name=name, reason=reason)
        return format_html(_("{name} is no longer a guest."), name=name)
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
