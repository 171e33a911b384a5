"""Applications in the administration: what the project team and reviewers see of them."""

from __future__ import annotations

from django.contrib import admin
from django.views.decorators.http import require_POST, require_safe

from calls.admin import application_list, application_page, counting, reminding
from calls.admin.pages import PagesAdmin
from calls.models import Application


@admin.register(Application)
class ApplicationAdmin(PagesAdmin):
    """An application belongs to its city: here it is read."""

    pages = (
        ("", "changelist", require_safe(application_list.index)),
        ("numbers/", "numbers", require_safe(counting.numbers)),
        ("remind/", "remind", require_POST(reminding.preview)),
        ("remind/send/", "remind_send", require_POST(reminding.send)),
        ("<uuid:key>/", "detail", require_safe(application_page.detail)),
        ("<uuid:key>/files/<uuid:file>/", "file", require_safe(application_page.file)),
        ("<uuid:key>/receipt-<int:number>.pdf", "receipt", require_safe(application_page.receipt)),
    )
