"""The administration's door and name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from vernetzt.dashboard import dashboard_of

#: Records of the mail library → what the team calls them.
MAIL_NAMES = {"Email": _("Outbox"), "Log": _("Delivery log")}


class PortalAdminSite(admin.AdminSite):
    """Admits people whose role opens the administration; there is no second sign-in form."""

    site_header = _("#connectedinEurope: administration")
    site_title = _("Administration")
    index_title = _("Administration")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether a role of the signed-in person opens the administration."""
        return request.user.has_perm(Permission.OPEN_ADMIN)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the portal's page, with its limits and its notice."""
        return redirect("account_change_password")

    def index(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what waits for the person above what the portal keeps."""
        tasks = dashboard_of(request.user)["tasks"]
        return super().index(request, {"tasks": tasks, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Name a library's records in our words."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "post_office":
                app["name"] = _("E-mails")
                for model in app["models"]:
                    model["name"] = MAIL_NAMES.get(model["object_name"], model["name"])
        return apps

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the portal's sign-in, with its limits and its second factor."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))
