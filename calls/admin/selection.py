"""The selection in the administration: trial lists, the board, the session, its record."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import attending, board, board_list, deciding, downloads, session_page
from calls.admin.pages import PagesAdmin
from calls.models import SelectionList

form_page = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(SelectionList)
class SelectionListAdmin(PagesAdmin):
    """Coordinators and BBSR try lists and hold the session; BBSR alone decides."""

    permission = Permission.PREPARE_SELECTION
    pages = (
        ("", "changelist", require_safe(board_list.index)),
        ("<slug:slug>/", "lists", require_safe(board_list.lists)),
        ("<slug:slug>/new/", "new", require_POST(board_list.new)),
        ("<slug:slug>/procedure.xlsx", "procedure", require_safe(downloads.procedure_xlsx)),
        ("<slug:slug>/<int:pk>/", "board", form_page(board.detail)),
        ("<slug:slug>/session/", "session", require_safe(session_page.detail)),
        ("<slug:slug>/session/open/", "open", require_POST(session_page.begin)),
        ("<slug:slug>/session/attendance/", "attendance", form_page(attending.attendance)),
        ("<slug:slug>/session/recommend/", "recommend", require_POST(session_page.recommend)),
        ("<slug:slug>/session/take-back/", "take_back", require_POST(session_page.take_back)),
        ("<slug:slug>/session/decide/", "decide", form_page(deciding.decide)),
        ("<slug:slug>/session/<int:number>/record.pdf", "pdf", require_safe(downloads.record_pdf)),
        (
            "<slug:slug>/session/<int:number>/record.xlsx",
            "xlsx",
            require_safe(downloads.record_xlsx),
        ),
    )
