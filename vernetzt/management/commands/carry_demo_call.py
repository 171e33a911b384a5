"""``manage.py carry_demo_call``: a past call with invented applications, up to its partnerships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.enums import UserRole
from accounts.models import RoleAssignment, User
from calls.models import Call
from core.outbox import silence
from vernetzt.loading.demo_call import load_demo_call
from vernetzt.loading.demo_selection import carry_to_partnerships

#: What is different from the open call of the demo: its deadline was three days ago.
PAST = {"slug": "demo-call-decided", "open_for_days": 60, "closes_in_days": -3}
TITLES = {
    "de": "Teilnahmeaufruf 2026 (Beispiel)",
    "en": "Call for participation 2026 (example)",
}


class Command(BaseCommand):
    """Makes the call once and carries it to its partnerships; a second time nothing happens."""

    help = "Carry invented applications from the call to partnerships, for the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the three files."""
        parser.add_argument("call", type=Path)
        parser.add_argument("applications", type=Path)
        parser.add_argument("procedure", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do everything or nothing; refused without demo, or before there are its accounts."""
        if not settings.DEMO:
            raise CommandError("Invented applications exist only with DEMO=1.")
        call_data, applications, procedure = (
            json.loads(options[name].read_text(encoding="utf-8"))
            for name in ("call", "applications", "procedure")
        )
        if Call.objects.filter(slug=PAST["slug"]).exists():
            self.stdout.write("The decided demo call is there already.")
            return
        coordinator, bbsr = (self.holder(role) for role in (UserRole.COORDINATOR, UserRole.BBSR))
        # Receipts are made when the transaction ends: within the silence.
        with silence(), transaction.atomic():
            call = load_demo_call({**call_data, **PAST, "title": TITLES}, applications, coordinator)
            formed = carry_to_partnerships(call, procedure, coordinator=coordinator, bbsr=bbsr)
        for tandem in formed:
            self.stdout.write(str(tandem))
        self.stdout.write(f"Demo: {len(applications)} applications, {len(formed)} partnerships.")

    def holder(self, role: str) -> User:
        """Return the first person with a role."""
        held = RoleAssignment.objects.filter(role=role).select_related("user").order_by("pk")
        if first := held.first():
            return first.user
        raise CommandError("Make the demo accounts first: coordinator and BBSR take the steps.")
