"""One table of all addresses and who may open them: what is not in it does not exist."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.world import make_world

LOGIN = "login"

#: Name of the address → what an anonymous visitor gets: a status, or the way to the login.
ADDRESSES = {
    "choose-language": 302,
    "healthz": 200,
    "readyz": 200,
    "robots": 200,
    "security-txt": 200,
    "sitemap": 200,
    "sitemap-part": 200,
    "start": 200,
    "programme": 200,
    "tandems:index": 200,
    "tandems:detail": 200,
    "municipalities:index": 200,
    "municipalities:detail": 200,
    "meetings:index": 200,
    "meetings:detail": 200,
    "meetings:calendar": 200,
    "meetings:calendar-entry": 200,
    "calls:index": 200,
    "calls:detail": 200,
    "editorial:index": 200,
    "editorial:article": 200,
    "editorial:feed": 200,
    "editorial:imprint": 200,
    "editorial:privacy": 200,
    "editorial:accessibility": 200,
    "editorial:easy-language": 200,
}


def patterns(resolver, namespace=""):
    """Yield each pattern below with its full name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)


FOUND = dict(patterns(get_resolver()))


def arguments(world):
    """Return the arguments of the addresses that need some."""
    return {
        "sitemap-part": [1],
        "tandems:detail": [world.tandem.slug],
        "municipalities:detail": [world.home.slug],
        "meetings:detail": [world.meeting.pk, world.meeting.slug],
        "meetings:calendar-entry": [world.meeting.pk],
        "calls:detail": [world.call.slug],
        "editorial:article": [world.article.slug],
    }


def test_every_address_is_in_the_table():
    assert sorted(FOUND) == sorted(ADDRESSES)
    assert len(FOUND) == len(list(patterns(get_resolver()))), "two addresses share a name"


@pytest.mark.django_db
def test_every_address_answers_a_visitor_as_the_table_says():
    needed, client = arguments(make_world()), Client(raise_request_exception=False)

    answered = {}
    for name in FOUND:
        response = client.get(reverse(name, args=needed.get(name, [])))
        to_login = response.headers.get("Location", "").startswith(settings.LOGIN_URL)
        answered[name] = LOGIN if to_login else response.status_code

    assert answered == {name: ADDRESSES.get(name) for name in FOUND}


def test_every_view_is_marked_open_or_demands_a_login():
    """What nobody marked is refused by the login middleware, whatever the view does."""
    opened = {name for name, entry in FOUND.items() if not demands_login(entry)}

    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE
    assert opened == {name for name, answer in ADDRESSES.items() if answer != LOGIN}


def demands_login(entry):
    return getattr(entry.callback, "login_required", True)


def test_every_address_of_a_list_or_page_ends_with_a_slash_and_every_file_does_not():
    """One address for one thing: a page is never reachable with and without the slash."""
    routes = {name: str(entry.pattern) for name, entry in FOUND.items()}

    wrong = [
        name
        for name, route in routes.items()
        if route and route.endswith("/") == ("." in route.rsplit("/", 1)[-1])
    ]
    assert wrong == []
