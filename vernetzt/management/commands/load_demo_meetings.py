"""``manage.py load_demo_meetings``: an invented partnership at work, with all its meetings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import UserRole
from accounts.models import RoleAssignment
from tandems.models import Tandem
from vernetzt.loading.demo_meetings import make_partnership_at_work
from vernetzt.loading.demo_meetings.ground import address_of
from vernetzt.management.commands.demo_accounts import password_of


class Command(BaseCommand):
    """Makes the partnership once; a second time nothing changes. Prints how to sign in."""

    help = "Make an invented partnership at work with its meetings, for the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("meetings", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do everything or nothing; refused without demo, or before there is a coordinator."""
        if not settings.DEMO:
            raise CommandError("Invented meetings exist only with DEMO=1.")
        data = json.loads(options["meetings"].read_text(encoding="utf-8"))
        if Tandem.objects.filter(slug=data["partnership"]["slug"]).exists():
            self.stdout.write("The invented partnership is there already.")
        else:
            self.make(data)
        for name, city in data["cities"].items():
            for role in city["people"]:
                email = address_of(f"{name}.{role}")
                self.stdout.write(f"{email:<34} {password_of(email)}")

    def make(self, data: dict[str, Any]) -> None:
        """Make the partnership; the first coordinator takes the steps of the project team."""
        held = RoleAssignment.objects.filter(role=UserRole.COORDINATOR).select_related("user")
        coordinator = held.order_by("pk").first()
        if coordinator is None:
            raise CommandError("Make the demo accounts first: a coordinator releases the profile.")
        tandem = make_partnership_at_work(
            data, coordinator=coordinator.user, password_of=password_of
        )
        number = len(data["meetings"])
        self.stdout.write(f"Demo: {tandem}, {number} meetings. {tandem.get_absolute_url()}")
