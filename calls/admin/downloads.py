"""The record of a session as PDF and XLSX, and the whole procedure as XLSX."""

from __future__ import annotations

import io
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from calls.admin.selection_frame import call_for
from calls.models import Application, Call, SelectionSession, closed_to
from calls.pdf import render_pdf
from calls.record import readable, record_document
from calls.workbook import procedure_workbook, record_sheets, workbook_of

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def record_for(
    request: HttpRequest, slug: str, number: int
) -> tuple[Call, SelectionSession, dict[str, Any]]:
    """Return a decided session with what its reader may have of the record."""
    call = call_for(request, slug)
    rows = SelectionSession.objects.filter(call=call).decided()
    session: SelectionSession = get_object_or_404(rows, number=number)
    closed = Application.objects.filter(closed_to(request.user), call=call)
    return call, session, readable(session.document, set(closed.values_list("pk", flat=True)))


def record_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Hand out the record as an accessible PDF."""
    _call, session, record = record_for(request, slug, number)
    content = render_pdf(record_document(record, session.sha256))
    return handed_out(io.BytesIO(content), f"record-{slug}-{number}.pdf", PDF)


def record_xlsx(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Hand out the record as a workbook."""
    call, session, record = record_for(request, slug, number)
    file = workbook_of(record_sheets(record, session.sha256, call.on_its_clock))
    return handed_out(file, f"record-{slug}-{number}.xlsx", XLSX)


def procedure_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Hand out the whole procedure as a workbook, as its reader may read it."""
    call = call_for(request, slug)
    file = procedure_workbook(call, request.user)
    return handed_out(file, f"procedure-{slug}-{timezone.localdate():%Y-%m-%d}.xlsx", XLSX)


def handed_out(file: IO[bytes], name: str, kind: str) -> FileResponse:
    """Return a file for saving; it is read in pieces, and closed and deleted at its end."""
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # The middleware leaves a policy alone that is already there.
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
