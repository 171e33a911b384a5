"""What every part of the plan shares: the records of the file and the rows planned so far."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.dates import NO_DATE, DateSpan
from vernetzt.loading.records import Record
from vernetzt.loading.writer import Row

#: What the log says of a state that a file of facts has moved.
NOTE = "Loaded from the facts of the programme."


def span_values(span: DateSpan) -> dict[str, Any]:
    """Return a span as the values of a dated model."""
    return asdict(span)


class Plan:
    """The records of a file by their ids, and the rows that they become."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Find the records and their ids."""
        self.file = Record(data, "file")
        self.planned: list[Row] = []
        self.programme = self.file.part("programme", required=True) or Record(
            {}, "programme", self.file.faults
        )
        self.programme.label = "programme"
        meta = self.file.part("meta")
        self.as_of = meta.date("as_of") if meta else None
        self.topics = self.programme.identified("themes")
        self.organisations = self.file.identified("organisations")
        self.municipalities = self.file.identified("municipalities")
        self.tandems = self.file.identified("tandems")
        self.meetings = self.file.identified("meetings")
        self.resources = self.file.identified("resources")
        self.disagreements = self.file.identified("disagreements")
        end = self.programme.part("end")
        self.end = end.partial_date("value") if end else NO_DATE
        self.coordinators: dict[str, DateSpan] = {}
        self.call_key = ""

    def add(
        self,
        model: type[Any],
        record: Record,
        lookup: dict[str, Any],
        values: dict[str, Any],
        *,
        sourced: bool = True,
        **options: Any,
    ) -> None:
        """Plan one row of a record, with the record's sources."""
        if sourced:
            values = {**values, "sources": record.urls()}
        self.planned.append(Row(model, record.label, lookup, values, **options))
