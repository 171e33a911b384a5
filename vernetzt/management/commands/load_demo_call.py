"""``manage.py load_demo_call``: an open call with invented applications, for the demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from calls.models import Call
from vernetzt.loading.demo_call import load_demo_call


class Command(BaseCommand):
    """Makes the call once; a second time nothing happens."""

    help = "Make an open call with invented applications, for the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two files."""
        parser.add_argument("call", type=Path)
        parser.add_argument("applications", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load both files; refused without demo, or before there is a coordinator."""
        if not settings.DEMO:
            raise CommandError("Invented applications exist only with DEMO=1.")
        data = json.loads(options["call"].read_text(encoding="utf-8"))
        applications = json.loads(options["applications"].read_text(encoding="utf-8"))
        if Call.objects.filter(slug=data["slug"]).exists():
            self.stdout.write("The demo call is there already.")
            return
        held = RoleAssignment.objects.filter(role=UserRole.COORDINATOR).select_related("user")
        coordinator = held.order_by("pk").first()
        if coordinator is None:
            raise CommandError("Make the demo accounts first: a coordinator opens the call.")
        load_demo_call(data, applications, coordinator.user)
        self.stdout.write(f"Demo call: {len(applications)} applications.")
