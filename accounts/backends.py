"""Where Django asks who somebody is and what they may do."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.backends import BaseBackend

from accounts.permissions import GRANTS, IMPARTIAL, NAMED, Scope

#: Where the demo accounts have their addresses; nobody can own it (RFC 2606).
DEMO_DOMAIN = "demo.example"


class RoleBackend(BaseBackend):
    """Answers every question of rights from the roles held today and the table ``GRANTS``."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether a role gives the right, on ``obj`` where one is named.

        What belongs to municipalities says so by ``acting_municipalities`` (primary keys), what is
        assigned to people by ``assigned_people``, what names its own people by ``acting_people``,
        and to whom a conflict of interest closes it by ``is_closed_to``.
        Ask about the smallest thing that changes: on a partnership either city could speak for the
        other, on a membership it cannot.
        """
        if not user_obj.is_authenticated or not user_obj.is_active:
            return False
        if perm in NAMED and user_obj.pk in getattr(obj, "acting_people", ()):
            # Who has begun to work for the programme no longer acts for a municipality.
            return not user_obj.is_staff
        if perm in IMPARTIAL and hasattr(obj, "is_closed_to") and obj.is_closed_to(user_obj):
            return False
        for assignment in user_obj.roles:
            scope = GRANTS[assignment.role].get(perm)  # type: ignore[call-overload]
            if scope is None:
                continue
            if obj is None or scope == Scope.ALL:
                return True
            if scope == Scope.OWN:
                if assignment.municipality_id in getattr(obj, "acting_municipalities", ()):
                    return True
            elif user_obj.pk in getattr(obj, "assigned_people", ()):
                return True
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether any role gives a right in the app."""
        return user_obj.is_active and any(
            permission.startswith(f"{app_label}.")
            for assignment in user_obj.roles
            for permission in GRANTS[assignment.role]
        )


class SignInBackend(AuthenticationBackend):
    """Signs in by e-mail address and password; says nothing about rights.

    allauth's own backend would also answer from groups and permissions in the database.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        """Refuse the demo accounts, whose passwords can be worked out, where there is no demo."""
        is_demo = user.email.endswith(f"@{DEMO_DOMAIN}")
        return super().user_can_authenticate(user) and (settings.DEMO or not is_demo)

    def has_perm(self, *_args: Any, **_kwargs: Any) -> bool:
        """Leave the question to :class:`RoleBackend`."""
        return False

    def has_module_perms(self, *_args: Any, **_kwargs: Any) -> bool:
        """Leave the question to :class:`RoleBackend`."""
        return False

    def get_all_permissions(self, *_args: Any, **_kwargs: Any) -> set[str]:
        """Leave the question to :class:`RoleBackend`."""
        return set()
