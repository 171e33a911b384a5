"""Workbooks (XLSX) of the selection: the record of a session, and the whole procedure."""

from __future__ import annotations

from calls.workbook.procedure import procedure_workbook as procedure_workbook
from calls.workbook.record import record_sheets as record_sheets
from calls.workbook.writing import Sheet as Sheet, workbook_of as workbook_of
