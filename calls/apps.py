"""Calls for participation as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    """Floor 3: the call for participation."""

    name = "calls"
    verbose_name = _("Calls")
