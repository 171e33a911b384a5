"""The roof as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The roof: pages and commands that cross apps."""

    name = "vernetzt"
    verbose_name = _("Portal")


class PortalAdminConfig(AdminConfig):
    """Gives the administration the portal's own rules."""

    default_site = "vernetzt.admin_site.PortalAdminSite"
