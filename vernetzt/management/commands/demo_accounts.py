"""``manage.py demo_accounts``: the accounts of the demo, one for each role, with their keys."""

from __future__ import annotations

import base64
import hmac
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import prepare_demo_account
from accounts.backends import DEMO_DOMAIN
from accounts.enums import STAFF_ROLES, UserRole
from accounts.models import Organisation
from municipalities.models import Municipality

CITIES = ("krefeld", "sofia", "hamm", "arezzo")
CITY_ROLES = (UserRole.CONTACT, UserRole.DEPUTY, UserRole.COLLEAGUE)
#: Address → (role, organisation).
STAFF = {
    "reviewer.difu": (UserRole.REVIEWER, "difu"),
    "reviewer.adelphi": (UserRole.REVIEWER, "adelphi"),
    "reviewer.steinbeis": (UserRole.REVIEWER, "steinbeis"),
    "coordinator.adelphi": (UserRole.COORDINATOR, "adelphi"),
    "bbsr": (UserRole.BBSR, "bbsr"),
    "observer": (UserRole.OBSERVER, "bmwsb"),
}

#: Address → an invented name, as people in that city have them.
NAMES = {
    "contact.krefeld": "Jana Peters",
    "deputy.krefeld": "Mehmet Yıldız",
    "colleague.krefeld": "Sophie Lindner",
    "contact.sofia": "Елена Димитрова",
    "deputy.sofia": "Georgi Petrov",
    "colleague.sofia": "Мария Стоянова",
    "contact.hamm": "Thomas Brinkmann",
    "deputy.hamm": "Anke Schröder",
    "colleague.hamm": "Daniel Krawczyk",
    "contact.arezzo": "Giulia Bianchi",
    "deputy.arezzo": "Marco Conti",
    "colleague.arezzo": "Chiara Ferri",
    "reviewer.difu": "Dr. Katrin Vogt",
    "reviewer.adelphi": "Lukas Hansen",
    "reviewer.steinbeis": "Miriam Seidel",
    "coordinator.adelphi": "Nora Albrecht",
    "bbsr": "Dr. Henning Kaiser",
    "observer": "Ulrike Sommer",
}


class Command(BaseCommand):
    """Makes the demo accounts where they are missing and prints address, password and secret."""

    help = "Make the accounts of the demo and print how to sign in with them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the switch."""
        parser.add_argument("--renew", action="store_true", help="set the keys again")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write one line for each account."""
        self.renew = options["renew"]
        if not settings.DEMO:
            raise CommandError("Demo accounts exist only with DEMO=1.")
        for name in CITIES:
            place = Municipality.objects.filter(slug=name).first()
            for role in CITY_ROLES if place else ():
                self.account(f"{role}.{name}", role, municipality=place)
        for name, (role, slug) in STAFF.items():
            if organisation := Organisation.objects.filter(slug=slug).first():
                self.account(name, role, organisation=organisation)

    def account(self, name: str, role: UserRole, **place: Any) -> None:
        """Make one account and print it."""
        email = f"{name}@{DEMO_DOMAIN}"
        password = password_of(email)
        secret = base64.b32encode(derived(f"totp {email}"))[:32].decode()
        secret = secret if role in STAFF_ROLES else ""
        prepare_demo_account(
            email=email,
            name=NAMES[name],
            password=password,
            totp_secret=secret,
            role=role,
            renew=self.renew,
            by=None,
            **place,
        )
        self.stdout.write(f"{email:<34} {password}  {secret}".rstrip())


def password_of(email: str) -> str:
    """Return the password of a demo account, the same each time."""
    return base64.b32encode(derived(f"password {email}"))[:20].decode().lower()


def derived(text: str) -> bytes:
    """Return bytes that only this installation can work out, the same each time."""
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256")
