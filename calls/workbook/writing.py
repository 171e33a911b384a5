"""A workbook (XLSX) out of plain rows.

Written row by row into a file on the disk, so that memory stays small; text is always text, never
a formula or a link, whatever it begins with.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from core.text import clean_text

#: Excel's limit for one cell.
LONGEST_CELL = 32_767
#: What tells the reader that a text was cut.
CUT = " […]"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name (at most 31 letters), its columns with their widths, and its rows."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Any]]


def workbook_of(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Return a temporary file with the workbook, at its beginning; closing it deletes it.

    Cells are text, whole numbers, numbers, truths (as words), days or moments (without a zone:
    write the local time); nothing is an empty cell.
    """
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - whoever answers closes it
    try:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        book.set_properties({"title": _("Selection"), "author": _("#connectedinEurope")})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "number": book.add_format({"num_format": "0.00", "valign": "top"}),
            "whole": book.add_format({"num_format": "0", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"}),
        }
        for sheet in sheets:
            _write_sheet(book, sheet, formats)
        book.close()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _write_sheet(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
        page.write_string(0, column, name, formats["head"])
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, formats)
    page.autofilter(0, 0, number, max(0, len(sheet.columns) - 1))


def _write_cell(page: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    """Write one value as what it is; a text is never read as anything else."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, _("yes") if value else _("no"), formats["text"])
    elif isinstance(value, int):
        page.write_number(row, column, value, formats["whole"])
    elif isinstance(value, float):
        page.write_number(row, column, value, formats["number"])
    elif isinstance(value, dt.datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), formats["moment"])
    elif isinstance(value, dt.date):
        page.write_datetime(row, column, value, formats["day"])
    else:
        text = clean_text(str(value))
        if len(text) > LONGEST_CELL:
            text = text[: LONGEST_CELL - len(CUT)] + CUT
        page.write_string(row, column, text, formats["text"])
