"""Readers of JSON records that name record and field of whatever is wrong."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from core.dates import NO_DATE, DatePrecision, DateSpan, month_span, year_span
from core.models import is_web_address
from vernetzt.loading.faults import Fault

LANGUAGES = ("de", "en")


def unstorable(text: str) -> str:
    """Return why no database can keep ``text``, or nothing where it can."""
    if "\x00" in text:
        return "holds a NUL character."
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return "holds half a character (a lone surrogate)."
    return ""


@dataclass
class Record:
    """A JSON object with typed readers.

    A reader that meets a fault notes it in ``faults`` and returns a harmless value, so that one
    run finds every fault of a file; the caller refuses the file when any was noted.
    """

    data: Mapping[str, Any]
    label: str
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, name: str, message: str) -> None:
        """Note a fault of the field ``name``."""
        self.faults.append(Fault(self.label, name, message))

    def text(self, name: str, *, required: bool = True, longest: int = 0) -> str:
        """Return a text; ``null`` and absence count as empty."""
        value = self.data.get(name)
        if value is None or value == "":
            if required:
                self.refuse(name, "is missing.")
            return ""
        if not isinstance(value, str):
            self.refuse(name, f"must be text, found {type(value).__name__}.")
            return ""
        if fault := unstorable(value):
            self.refuse(name, fault)
            return ""
        if longest and len(value) > longest:
            self.refuse(name, f"is longer than {longest} characters.")
        return value

    def words(
        self, target: str, source: str | None = None, *, required: bool = True, longest: int = 0
    ) -> dict[str, str]:
        """Return ``{target_de: …, target_en: …}`` from ``source_de`` and ``source_en``.

        An empty ``source`` reads the plain keys ``de`` and ``en``. A text in one language only is
        a fault, whether or not it is required at all.
        """
        base = target if source is None else source
        names = {code: f"{base}_{code}" if base else code for code in LANGUAGES}
        values = {
            code: self.text(name, required=required, longest=longest)
            for code, name in names.items()
        }
        if not required and any(values.values()):
            for code, name in names.items():
                if not values[code]:
                    self.refuse(name, "is missing, although the other language is there.")
        return {f"{target}_{code}": value for code, value in values.items()}

    def note(self, target: str, source: str = "", *, longest: int = 0) -> dict[str, str]:
        """Return the texts of a remark, which may exist in one language only.

        Without a language in its name (``note`` beside ``note_de``) it is English.
        """
        base = source or target
        texts = {
            code: self.text(f"{base}_{code}", required=False, longest=longest) for code in LANGUAGES
        }
        texts["en"] = texts["en"] or self.text(base, required=False, longest=longest)
        return {f"{target}_{code}": text for code, text in texts.items()}

    def urls(self, name: str = "sources") -> list[str]:
        """Return a list of web addresses."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(name, "must be a list of web addresses.")
            return []
        good: list[str] = []
        for address in value:
            if not is_web_address(address):
                self.refuse(name, f"holds {address!r}, which is no web address.")
            else:
                good.append(address)
        return good

    def url(self, name: str) -> str:
        """Return one web address or an empty text."""
        value = self.text(name, required=False)
        if value and not is_web_address(value):
            self.refuse(name, f"holds {value!r}, which is no web address.")
            return ""
        return value

    def date(self, name: str, *, required: bool = False) -> dt.date | None:
        """Return a full ISO date."""
        value = self.text(name, required=required)
        if not value:
            return None
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise ValueError
            return dt.date.fromisoformat(value)
        except ValueError:
            self.refuse(name, f"{value!r} is not a date of the form 2022-05-17.")
            return None

    def partial_date(self, name: str) -> DateSpan:
        """Return ``2021``, ``2021-12``, ``2022-02-25`` or ``2022-07/2022-12`` as a span."""
        value = self.text(name, required=False)
        if not value:
            return NO_DATE
        try:
            if match := re.fullmatch(r"(\d{4}-\d{2})/(\d{4}-\d{2})", value):
                first, last = (month_span(*map(int, part.split("-"))) for part in match.groups())
                return DateSpan(first.earliest, last.latest, DatePrecision.PERIOD)
            if re.fullmatch(r"\d{4}", value):
                return year_span(int(value))
            if re.fullmatch(r"\d{4}-\d{2}", value):
                return month_span(*map(int, value.split("-")))
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise ValueError
            exact = dt.date.fromisoformat(value)
        except (ValueError, calendar.IllegalMonthError):
            self.refuse(name, f"{value!r} is not a date such as 2022, 2022-05 or 2022-05-17.")
            return NO_DATE
        return DateSpan(exact, exact, DatePrecision.DAY)

    def bounds(self, earliest: str, latest: str, precision: str = "") -> DateSpan:
        """Return documented bounds; ``precision`` names the field that holds the precision."""
        first, last = self.date(earliest), self.date(latest)
        if first is None and last is None:
            return NO_DATE
        if first is None or last is None:
            self.refuse(latest if last is None else earliest, "is missing beside the other bound.")
            return NO_DATE
        if last < first:
            self.refuse(latest, f"{last} lies before {first}.")
            return NO_DATE
        kind = self.choice(precision, DatePrecision.values) if precision else ""
        if not kind:
            kind = DatePrecision.DAY if first == last else DatePrecision.RANGE
        return DateSpan(first, last, kind)

    def number(self, name: str, *, required: bool = False, least: int = 0) -> int | None:
        """Return a whole number."""
        value = self.data.get(name)
        if value is None:
            if required:
                self.refuse(name, "is missing.")
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.refuse(name, f"{value!r} is not a whole number from {least} up.")
            return None
        return value

    def decimal(self, name: str) -> Decimal | None:
        """Return a number with two decimals."""
        value = self.data.get(name)
        if value is None:
            return None
        try:
            if isinstance(value, bool):
                raise InvalidOperation
            number = Decimal(str(value)).quantize(Decimal("0.01"))
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            self.refuse(name, f"{value!r} is not a number.")
            return None
        return number

    def degrees(self, name: str, limit: int) -> float:
        """Return an angle between ``-limit`` and ``limit`` degrees."""
        value = self.data.get(name)
        # Not-a-number is refused too: no comparison with it holds.
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else 999
        if not abs(number) <= limit:
            self.refuse(name, f"{value!r} is not an angle between -{limit} and {limit} degrees.")
            return 0.0
        return float(number)

    def choice(
        self, name: str, options: Collection[str] | Mapping[str, str], *, required: bool = True
    ) -> str:
        """Return one of ``options``; a mapping translates the file's word into ours."""
        value = self.text(name, required=required)
        if not value:
            return ""
        if value not in options:
            known = ", ".join(sorted(options))
            self.refuse(name, f"{value!r} is unknown; known are: {known}.")
            return ""
        return options[value] if isinstance(options, Mapping) else value

    def reference(self, name: str, known: Collection[str], *, required: bool = True) -> str:
        """Return the id of a record that exists in the file."""
        value = self.text(name, required=required)
        if value and value not in known:
            self.refuse(name, f"names {value!r}, which is not in the file.")
            return ""
        return value

    def references(self, name: str, known: Collection[str]) -> list[str]:
        """Return a list of ids of records that exist in the file."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(name, "must be a list of ids.")
            return []
        found = [entry for entry in value if isinstance(entry, str) and entry in known]
        for entry in value:
            if entry not in found:
                self.refuse(name, f"names {entry!r}, which is not in the file.")
        return found

    def strings(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.refuse(name, "must be a list of texts.")
            return []
        if fault := next((fault for entry in value if (fault := unstorable(entry))), ""):
            self.refuse(name, fault)
            return []
        return list(value)

    def part(self, name: str, *, required: bool = False) -> Record | None:
        """Return a nested object."""
        value = self.data.get(name)
        if value is None:
            if required:
                self.refuse(name, "is missing.")
            return None
        if not isinstance(value, Mapping):
            self.refuse(name, "must be an object.")
            return None
        return Record(value, f"{self.label}, {name}", self.faults)

    def parts(self, name: str) -> Iterator[tuple[int, Record]]:
        """Yield the position and record of each object in a list."""
        value = self.data.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse(name, "must be a list.")
            return
        for position, entry in enumerate(value):
            label = f"{self.label}, {name}[{position}]"
            if isinstance(entry, Mapping):
                yield position, Record(entry, label, self.faults)
            else:
                self.faults.append(Fault(label, "record", "must be an object."))

    def identified(self, name: str, key: str = "id") -> dict[str, Record]:
        """Return the records of a top-level list by their id, each id once."""
        found: dict[str, Record] = {}
        for position, record in self.parts(name):
            record.label = f"{name}[{position}]"
            identifier = record.text(key)
            if not identifier:
                continue
            record.label = f"{name} “{identifier}”"
            if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", identifier):
                record.refuse(key, f"{identifier!r} may hold only a-z, 0-9 and hyphens.")
            elif identifier in found:
                record.refuse(key, f"{identifier!r} is used twice.")
            else:
                found[identifier] = record
        return found
