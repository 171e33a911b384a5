"""People and organisations as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Floor 2: people, organisations and their dated roles."""

    name = "accounts"
    verbose_name = _("Accounts")
