"""The health check of the container asks the portal under its own name and tells the truth."""

from __future__ import annotations

import urllib.request

import pytest

from tools import healthcheck


@pytest.fixture
def environment(monkeypatch, server):
    """Point the check at the server."""
    monkeypatch.setenv("PORT", str(server.server_port))
    monkeypatch.setenv("ALLOWED_HOSTS", "portal.example,www.portal.example")


def test_portal_that_answers_is_healthy(server, environment, capsys):
    server.pages["/healthz/"] = (200, b"ok")

    status = healthcheck.main()

    assert (status, server.paths) == (0, ["/healthz/"])
    assert capsys.readouterr() == ("", "")


def test_portal_is_asked_under_its_own_name_as_if_by_the_proxy(server, environment):
    server.pages["/healthz/"] = (200, b"ok")

    healthcheck.main()

    ((_path, headers),) = server.asked
    assert (headers["Host"], headers["X-Forwarded-Proto"]) == ("portal.example", "https")


@pytest.mark.parametrize(
    ("status", "words"),
    [(503, "HTTP Error 503: Service Unavailable"), (400, "HTTP Error 400: Bad Request")],
)
def test_portal_that_answers_with_an_error_is_not_healthy(
    server, environment, capsys, status, words
):
    server.pages["/healthz/"] = (status, b"no")

    assert healthcheck.main() == 1
    assert capsys.readouterr() == ("", f"Health check: {words}\n")


def test_portal_that_does_not_listen_is_not_healthy(monkeypatch, closed_port, capsys):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PORT", str(closed_port))

    assert healthcheck.main() == 1
    output, words = capsys.readouterr()
    assert output == ""
    assert words == "Health check: <urlopen error [Errno 111] Connection refused>\n"


def test_portal_that_answers_nonsense_is_not_healthy(server, environment, capsys):
    server.pages["/healthz/"] = b"nonsense\r\n\r\n"

    assert healthcheck.main() == 1
    assert capsys.readouterr().err.startswith("Health check: ")


def test_portal_is_asked_directly_though_a_proxy_is_set(
    server, environment, monkeypatch, closed_port
):
    # What urllib remembers of the variables must not outlive them.
    monkeypatch.setattr(urllib.request, "_opener", None)
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    server.pages["/healthz/"] = (200, b"ok")

    assert (healthcheck.main(), server.paths) == (0, ["/healthz/"])


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        ("portal.example", "portal.example"),
        (" a.example , b.example", "a.example"),
        (".portal.example", "portal.example"),
        ("*", "localhost"),
        ("", "localhost"),
    ],
)
def test_request_names_the_first_allowed_host(hosts, name):
    request = healthcheck.request({"ALLOWED_HOSTS": hosts})

    assert request.get_header("Host") == name


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000/healthz/"),
        ({"PORT": ""}, "http://127.0.0.1:8000/healthz/"),
        ({"PORT": "8123"}, "http://127.0.0.1:8123/healthz/"),
    ],
)
def test_request_goes_to_the_port_of_the_portal(environment, address):
    assert healthcheck.request(environment).full_url == address
