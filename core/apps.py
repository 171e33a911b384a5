"""The base layer as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Floor 0: knows Django, knows no noun of the domain."""

    name = "core"
    verbose_name = _("Core")
