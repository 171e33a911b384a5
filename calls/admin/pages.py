"""What all our own pages in the administration have in common.

A page of Django's would answer questions about columns that it does not show; ours know their
filters and orders by name. Each page asks for its right itself: the door of the administration
only asks whether somebody is of the programme.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import path

from accounts.permissions import Permission

View = Callable[..., HttpResponseBase]
#: Route, name and view of each page.
Pages = tuple[tuple[str, str, View], ...]


class PagesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Leads to own pages about a record; nothing is added, changed or deleted as Django would."""

    pages: Pages = ()
    #: The right that leads here.
    permission = Permission.READ_APPLICATIONS

    def get_urls(self) -> list[Any]:
        """Return our pages alone, without the ones that Django would make."""
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(route, self.admin_site.admin_view(view), name=f"{prefix}_{name}")
            for route, name, view in self.pages
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Lead to the pages who holds the right."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the person holds the right, on this record."""
        return request.user.has_perm(self.permission, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse; actions write."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; actions write."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; actions write."""
        return False
