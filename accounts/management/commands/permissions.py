"""``manage.py permissions``: the table of rights as Markdown."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.permissions import table


class Command(BaseCommand):
    """Prints what ``docs/permissions.md`` holds."""

    help = "Print the table of rights as Markdown: manage.py permissions > docs/permissions.md"
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the table."""
        self.stdout.write(table(), ending="")
