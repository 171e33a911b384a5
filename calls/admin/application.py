"""Applications in the administration: what the project team sees of them.

All pages are our own. A list of Django's would answer questions about columns that it does not
show; these know their filters and orders by name. Each page asks for its right itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from calls.admin import application_list, application_page, counting, reminding
from calls.models import Application

View = Callable[..., HttpResponseBase]
#: Route, name and view of each page.
PAGES: tuple[tuple[str, str, View], ...] = (
    ("", "changelist", require_safe(application_list.index)),
    ("numbers/", "numbers", require_safe(counting.numbers)),
    ("remind/", "remind", require_POST(reminding.preview)),
    ("remind/send/", "remind_send", require_POST(reminding.send)),
    ("<uuid:key>/", "detail", require_safe(application_page.detail)),
    ("<uuid:key>/files/<uuid:file>/", "file", require_safe(application_page.file)),
    ("<uuid:key>/receipt-<int:number>.pdf", "receipt", require_safe(application_page.receipt)),
)


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Leads to the pages of the applications; nothing is added, changed or deleted here."""

    def get_urls(self) -> list[Any]:
        """Return our pages alone, without the ones that Django would make."""
        return [
            path(route, self.admin_site.admin_view(view), name=f"calls_application_{name}")
            for route, name, view in PAGES
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Lead to the list who may read applications."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the person may read applications, or this one."""
        return request.user.has_perm(Permission.READ_APPLICATIONS, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse; cities apply."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; an application belongs to its city."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; an application belongs to its city."""
        return False
