"""News and pages as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditorialConfig(AppConfig):
    """Floor 5: what is told about the programme."""

    name = "editorial"
    verbose_name = _("Editorial")
