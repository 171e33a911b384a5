"""The record of a session as it is read: what a reader may have of it, and as a PDF.

Everything here reads the frozen data of :func:`calls.record.frozen_record` alone.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterator
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils.translation import get_language, gettext as _, ngettext

from calls.document import in_language
from calls.enums import Outcome, Pool
from calls.pdf import Document, Fact, Section, Table, Words
from core.dates import day
from municipalities.enums import Country

Values = dict[str, Any]


def readable(record: Values, closed: Collection[int]) -> Values:
    """Return a record without what is closed to its reader; ``left_out`` says how many.

    ``closed`` are applications (primary keys). Where some are left out, all ranks are, too: they
    could be told from the gaps. The text of recommendation and decision is about the whole set.
    """
    hidden = {row["application"] for row in record["decisions"]} & set(closed)
    hidden |= {row["application"] for row in record["ranking"]} & set(closed)
    if not hidden:
        return {**record, "left_out": 0}
    ranking = [{**row, "rank": None} for row in record["ranking"]]
    decisions = [{**row, "rank": None, "recommended_rank": None} for row in record["decisions"]]
    return {
        **record,
        "ranking": [row for row in ranking if row["application"] not in hidden],
        "decisions": [row for row in decisions if row["application"] not in hidden],
        "left_out": len(hidden),
    }


def record_document(record: Values, sha256: str) -> Document:
    """Return a readable record as a document in the active language; texts stay as written."""
    session, decision = record["session"], record["decision"]
    title = in_language(record["call"]["title"])
    number = _("Session %(number)s") % {"number": session["number"]}
    return Document(
        title=_("Record of the selection"),
        subtitle=title,
        language=get_language() or "de",
        author_office=_("#connectedinEurope"),
        facts=(
            Fact(_("Session"), str(session["number"])),
            Fact(_("Held on"), day(dt.date.fromisoformat(session["held_on"]))),
            Fact(_("Place or form"), session["place"]),
            Fact(_("Decided on"), moment_words(decision["at"], record["call"]["time_zone"])),
            Fact(_("Decided by"), decision["by"]),
            Fact(_("Decided list"), decision["list"]),
            Fact(_("Checksum (SHA-256)"), sha256),
        ),
        sections=tuple(_sections(record)),
        footer=f"{title} · {number}",
        empty=_("nothing noted"),
        created_at=dt.datetime.fromisoformat(decision["at"]),
    )


def moment_words(moment: str, zone: str) -> str:
    """Return a moment on a clock, with its zone; ``moment`` is in ISO 8601, with its offset."""
    local = dt.datetime.fromisoformat(moment).astimezone(zoneinfo.ZoneInfo(zone or "UTC"))
    return _("%(day)s at %(time)s (%(zone)s)") % {
        "day": day(local.date()),
        "time": f"{local:%H:%M:%S}",
        "zone": zone or "UTC",
    }


def left_out_words(number: int) -> str:
    """Return how many applications this copy leaves out, and why."""
    words = ngettext(
        "This copy leaves out %(number)s application that a conflict of interest closes to its"
        " reader, and with it all ranks.",
        "This copy leaves out %(number)s applications that a conflict of interest closes to its"
        " reader, and with them all ranks.",
        number,
    )
    return words % {"number": number}


def _sections(record: Values) -> Iterator[Section]:
    if record["left_out"]:
        yield Section(_("Copy in part"), (Words("", left_out_words(record["left_out"])),))
    session = record["session"]
    if session["corrects"]:
        words = _("This decision replaces that of session %(number)s.")
        why = Words(words % {"number": session["corrects"]}, session["correction_reason"])
        yield Section(_("Correction of an earlier decision"), (why,))
    yield Section(_("Present"), (_present(record),))
    yield Section(_("Recommendation of the project team"), tuple(_recommendation(record)))
    yield Section(_("Ranking at the moment of the recommendation"), tuple(_ranking(record)))
    yield Section(_("Decision of BBSR"), tuple(_decided(record)))
    yield Section(_("Statements of reasons"), tuple(_reasons(record)))


def _present(record: Values) -> Table:
    columns = (_("Name"), _("Organisation"), _("Stood aside for"))
    rows = tuple(
        (row["name"], row["organisation"] or "–", names_in(row["aside"]) or "–")
        for row in record["participants"]
    )
    return Table(_("Who was present, and who stood aside for which case"), columns, rows)


def names_in(rows: list[Values]) -> str:
    """Return applications by name and reference number, for one cell."""
    return "; ".join(f"{row['name']} ({row['reference']})" for row in rows)


def _recommendation(record: Values) -> Iterator[Words]:
    said = record["recommendation"]
    at = moment_words(said["at"], record["call"]["time_zone"])
    yield Words(_("Recommended by"), f"{said['by']}, {at}")
    yield Words(_("Recommended list"), _and(said["list"], said["idea"]))
    yield Words(_("Recommendation"), said["text"])


def _and(name: str, idea: str) -> str:
    return f"{name}: {idea}" if idea else name


def _ranking(record: Values) -> Iterator[Table]:
    columns = (
        *(_("Rank"), _("Municipality"), _("Reviews"), _("Mean")),
        *(_("Corrected"), _("Spread"), _("Disputed")),
    )
    for pool in Pool:
        rows = tuple(
            (
                str(row["rank"] or "–"),
                f"{row['name']} ({row['country']})",
                str(row["reviews"]),
                *(points(row[name]) for name in ("mean", "corrected", "spread")),
                _("yes") if row["is_disputed"] else "–",
            )
            for row in record["ranking"]
            if row["pool"] == pool
        )
        if rows:
            yield Table(capital(pool.label), columns, rows)


def points(value: float | None) -> str:
    """Return points with two decimals; a dash where there are none."""
    return "–" if value is None else floatformat(value, 2)


def capital(label: Any) -> str:
    """Return a label as it begins a line."""
    text = str(label)
    return text[:1].upper() + text[1:]


def _decided(record: Values) -> Iterator[Words | Table]:
    said = record["decision"]
    yield Words(_("Reason for the set as a whole"), said["note"])
    if said["aside"]:
        words = _(
            "%(name)s stood aside for %(cases)s, about which a conflict of interest was declared."
            " These follow the recommendation."
        )
        told = words % {"name": said["by"], "cases": names_in(said["aside"])}
        yield Words(_("Stood aside"), told)
    columns = (_("Pool"), *(capital(outcome.label) for outcome in Outcome), _("Places"))
    rows = []
    for pool in Pool:
        found = [row["outcome"] for row in record["decisions"] if row["pool"] == pool]
        places = record["call"]["places"][pool]
        numbers = (str(found.count(outcome)) for outcome in Outcome)
        rows.append((capital(pool.label), *numbers, str(places or "–")))
    yield Table(_("Outcome in numbers"), columns, tuple(rows))


def _reasons(record: Values) -> Iterator[Table]:
    for outcome in Outcome:
        for pool in Pool:
            rows = [
                row
                for row in record["decisions"]
                if row["outcome"] == outcome and row["pool"] == pool
            ]
            if not rows:
                continue
            caption = f"{capital(outcome.label)}: {pool.label}"
            # By rank on the reserve list, by name elsewhere and where ranks are left out.
            rows.sort(key=lambda row: (row["rank"] or 0, row["name"]))
            if outcome == Outcome.RESERVE:
                columns = (_("Rank"), _("Municipality"), _("Statement of reasons"))
                cells = [(str(row["rank"] or "–"), _place(row), row["reason"]) for row in rows]
                yield Table(caption, columns, tuple(cells))
            else:
                columns_of_two = (_("Municipality"), _("Statement of reasons"))
                yield Table(
                    caption, columns_of_two, tuple((_place(row), row["reason"]) for row in rows)
                )


def _place(row: Values) -> str:
    changed = ""
    if row["recommended"] != row["outcome"]:
        words = _("recommended: %(outcome)s")
        changed = f"; {words % {'outcome': Outcome(row['recommended']).label}}"
    return f"{row['name']}, {Country(row['country']).label} ({row['reference']}{changed})"
