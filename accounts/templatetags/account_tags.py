"""What the pages about accounts ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.adapters import sign_up_is_open as is_open
from accounts.enums import CITY_ROLES
from accounts.permissions import Permission

register = template.Library()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu, and whether the page is it or belongs to it."""

    label: str
    url: str
    current: str


#: Entry → further addresses that belong to it.
OWN_ACCOUNT = {
    "accounts:profile": (),
    "accounts:notices": (),
    "account_email": (),
    "account_change_password": ("account_set_password",),
    "mfa_index": ("mfa_",),
    "socialaccount_connections": (),
    "usersessions_list": (),
    "accounts:own-data": ("accounts:erase",),
}
PEOPLE = (
    "accounts:person",
    "accounts:invite",
    "accounts:withdraw",
    "accounts:end-role",
    "accounts:hand-over",
)
DIRECTORY = ("accounts:directory-entry", "accounts:directory-withdraw")


@register.simple_tag(takes_context=True)
def account_menu(context: dict[str, Any]) -> dict[str, list[Entry]]:
    """Return the menu of the own area: ``main`` and, on pages of the own account, ``account``."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    labels = {
        "accounts:profile": _("My details"),
        "accounts:notices": _("E-mails"),
        "account_email": _("E-mail address"),
        "account_change_password": _("Password"),
        "mfa_index": _("Second factor"),
        "socialaccount_connections": _("Work accounts"),
        "usersessions_list": _("Sessions"),
        "accounts:own-data": _("My data"),
    }
    if not get_adapter().list_providers(request):
        del labels["socialaccount_connections"]
    account = [
        Entry(label, reverse(name), current(here, name, OWN_ACCOUNT[name]))
        for name, label in labels.items()
    ]
    on_account = any(entry.current for entry in account)
    main = [Entry(_("Overview"), reverse("dashboard"), current(here, "dashboard", ()))]
    user = request.user
    if user.has_perm(Permission.READ_WORKSPACE):
        url = reverse("meeting:list")
        main.append(Entry(_("Meetings"), url, current(here, "meeting:list", ("meeting:",))))
    if user.has_perm(Permission.READ_PEOPLE) or user.role_names & CITY_ROLES:
        main.append(
            Entry(_("People"), reverse("accounts:people"), current(here, "accounts:people", PEOPLE))
        )
    if user.has_perm(Permission.READ_DIRECTORY):
        url = reverse("accounts:directory")
        main.append(Entry(_("Directory"), url, current(here, "accounts:directory", DIRECTORY)))
    if user.has_perm(Permission.OPEN_ADMIN):
        main.append(Entry(_("Administration"), reverse("admin:index"), ""))
    main.append(Entry(_("My account"), reverse("accounts:profile"), "true" if on_account else ""))
    return {"main": main, "account": account if on_account else []}


def current(here: str, name: str, more: tuple[str, ...]) -> str:
    """Return the value of ``aria-current``: this page, a page that belongs to it, or nothing."""
    if here == name:
        return "page"
    return "true" if any(here.startswith(start) for start in more) else ""


@register.simple_tag
def sign_up_is_open() -> bool:
    """Tell whether officers may sign up by themselves because a call is open."""
    return is_open()


#: What a browser writes → its name; the first that fits, because they imitate each other.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """Return browser and system in words, as far as they can be told."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


@register.simple_tag
def session_limits() -> dict[str, int]:
    """Return the limits of a session: minutes without a click, hours in all."""
    return {"minutes": settings.SESSION_IDLE_MINUTES, "hours": settings.SESSION_HOURS}
