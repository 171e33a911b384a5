"""The roof as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The roof: pages and commands that cross apps."""

    name = "vernetzt"
    verbose_name = _("Portal")
