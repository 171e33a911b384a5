"""The sheets of a record that is readable for its reader (:func:`calls.record.readable`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from calls.enums import Outcome, Pool
from calls.record.reading import left_out_words, names_in
from calls.workbook.writing import Sheet

Values = dict[str, Any]


def record_sheets(record: Values, sha256: str, on_clock: Any) -> Iterator[Sheet]:
    """Yield the sheets of a record that is readable for its reader.

    ``on_clock`` turns a moment into the local time of the call.
    """
    yield session_sheet(record, sha256, on_clock)
    yield ranking_sheet(record["ranking"])
    yield decisions_sheet(record["decisions"])
    yield attendance_sheet(record["participants"])


def session_sheet(record: Values, sha256: str, on_clock: Any) -> Sheet:
    """Return the facts and texts of a session."""
    session, said, decision = record["session"], record["recommendation"], record["decision"]

    def moment(text: str) -> Any:
        return on_clock(dt.datetime.fromisoformat(text)) if text else None

    rows: list[tuple[str, Any]] = [
        (_("Session"), session["number"]),
        (_("Held on"), dt.date.fromisoformat(session["held_on"])),
        (_("Place or form"), session["place"]),
        (_("Corrects session"), session["corrects"]),
        (_("Why it is corrected"), session["correction_reason"]),
        (_("Recommended list"), said["list"]),
        (_("Recommendation"), said["text"]),
        (_("Recommended by"), said["by"]),
        (_("Recommended on"), moment(said["at"])),
        (_("Decided list"), decision["list"]),
        (_("Reason for the set as a whole"), decision["note"]),
        (_("Decided by"), decision["by"]),
        (_("Decided on"), moment(decision["at"])),
        (_("Stood aside for"), names_in(decision["aside"])),
        (_("Time zone"), record["call"]["time_zone"]),
        (_("Checksum (SHA-256)"), sha256),
    ]
    if record["left_out"]:
        rows.insert(0, (_("Copy in part"), left_out_words(record["left_out"])))
    return Sheet(_("Session"), ((_("Fact"), 32), (_("Value"), 90)), rows)


def ranking_sheet(rows: Iterable[Values]) -> Sheet:
    """Return where applications stood at the moment of the recommendation."""
    columns = (
        *((_("Rank"), 8), (_("Municipality"), 30), (_("Country"), 9), (_("Pool"), 26)),
        *((_("Reference number"), 18), (_("Reviews"), 9), (_("Mean"), 9), (_("Corrected"), 11)),
        *((_("Spread"), 9), (_("Lowest"), 9), (_("Highest"), 9), (_("Disputed"), 10)),
    )
    return Sheet(
        _("Ranking"),
        columns,
        (
            (
                *(row["rank"], row["name"], row["country"], str(Pool(row["pool"]).label)),
                *(row["reference"], row["reviews"], row["mean"], row["corrected"]),
                *(row["spread"], row["lowest"], row["highest"], row["is_disputed"]),
            )
            for row in rows
        ),
    )


def decisions_sheet(rows: Iterable[Values]) -> Sheet:
    """Return what was decided about each application, and why."""
    columns = (
        *((_("Municipality"), 30), (_("Country"), 9), (_("Pool"), 26), (_("Reference number"), 18)),
        *((_("Decision"), 16), (_("Rank"), 8), (_("Statement of reasons"), 80)),
        *((_("Recommended"), 16), (_("Rank in the recommendation"), 12)),
        *((_("Reason in the recommendation"), 50), (_("Meets the formal conditions"), 14)),
        (_("Remark on the formal conditions"), 40),
    )
    return Sheet(
        _("Decisions"),
        columns,
        (
            (
                *(row["name"], row["country"], str(Pool(row["pool"]).label), row["reference"]),
                *(str(Outcome(row["outcome"]).label), row["rank"], row["reason"]),
                *(str(Outcome(row["recommended"]).label), row["recommended_rank"]),
                *(row["recommended_reason"], row["is_eligible"], row["eligibility"]),
            )
            for row in rows
        ),
    )


def attendance_sheet(rows: Iterable[Values]) -> Sheet:
    """Return who was present, and who stood aside for which case."""
    columns = ((_("Name"), 30), (_("Organisation"), 24), (_("Stood aside for"), 80))
    found = ((row["name"], row["organisation"], names_in(row["aside"])) for row in rows)
    return Sheet(_("Present"), columns, found)
