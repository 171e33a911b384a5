"""The administration's door and name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from vernetzt.dashboard import dashboard_of

#: Records of the mail library → what the team calls them.
MAIL_NAMES = {"Email": _("Outbox"), "Log": _("Delivery log")}

#: Digits of a primary key that every database takes.
LONGEST_KEY = 18


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

    def get_urls(self) -> list[Any]:
        """Put our own page before the one of Django that leads to any record's public address."""
        route = "r/<int:content_type_id>/<path:object_id>/"
        return [path(route, self.admin_view(self.view_on_site)), *super().get_urls()]

    def view_on_site(
        self, request: HttpRequest, content_type_id: int, object_id: str
    ) -> HttpResponseBase:
        """Lead to the address of a record for who may see the record here; else it is not there.

        Django leads everybody: an address can hold what is secret, as that of an application does.
        """
        kind = get_object_or_404(ContentType, pk=content_type_id)
        model: Any = kind.model_class()
        model_admin = self._registry.get(model)
        if model_admin is None or not object_id.isdigit() or len(object_id) > LONGEST_KEY:
            raise Http404
        record = get_object_or_404(model, pk=object_id)
        if not model_admin.has_view_permission(request, record):
            raise Http404
        return shortcut(request, content_type_id, object_id)

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
