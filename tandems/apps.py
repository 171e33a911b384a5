"""Partnerships as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TandemsConfig(AppConfig):
    """Floor 4: partnerships with dated members."""

    name = "tandems"
    verbose_name = _("Tandems")
