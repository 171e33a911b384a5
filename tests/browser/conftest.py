"""A real server with production settings, a real Chromium, and the list of pages they show."""

from __future__ import annotations

import base64
import fcntl
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
# Chromium leads every name below .localhost to this machine; the portal does not answer to it.
FOREIGN_HOST = "elsewhere.localhost"
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The states of a list: filtered, empty, with a filter it does not know, on its second page.
STATES = (
    "tandems/?topic=citizen-participation&country=DE",
    "tandems/?topic=cybersecurity&status=active",
    "tandems/?topic=unknown",
    "municipalities/?country=DE&q=a",
    "municipalities/?q=atlantis",
    "meetings/?year=2024&format=virtual",
    "meetings/?status=cancelled",
    "meetings/?page=2",
)
# One page for each shape a record's page can take: tridem, guest, foreign script, only announced.
RECORDS = (
    "tandems/geestland-vari-voula-vouliagmeni/",
    "tandems/basel-freiburg-mulhouse/",
    "tandems/krefeld-venlo/",
    "municipalities/krefeld/",
    "municipalities/sofia/",
    "municipalities/vari-voula-vouliagmeni/",
    "/virtual-kick-off/",
    "/citizens-workshop-on-the-twinning-manifesto/",
    "calls/",
    "news/",
)


@dataclass(frozen=True)
class Address:
    """A page: its path with query, and what it takes to see it."""

    path: str
    status: int = 200
    host: str = HOST
    method: str = "GET"

    def __str__(self) -> str:
        return self.path if self.status == 200 else f"{self.path} ({self.status})"


@dataclass(frozen=True)
class Answer:
    """What the server said to a plain request."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class ServerLog:
    """What a server writes, read on all the time so that it never has to wait."""

    lines: list[str] = field(default_factory=list, repr=False)
    grown: threading.Condition = field(default_factory=threading.Condition, repr=False)
    ended: bool = False

    def follow(self, output: IO[str]) -> None:
        """Read until the server closes its output."""
        for line in output:
            with self.grown:
                self.lines.append(line.rstrip())
                self.grown.notify_all()
        with self.grown:
            self.ended = True
            self.grown.notify_all()

    def wait_for(self, text: str) -> bool:
        """Tell whether a line with ``text`` appears within a minute, before the output ends."""
        with self.grown:
            self.grown.wait_for(lambda: self.ended or self._holds(text), timeout=60)
            return self._holds(text)

    def faults(self) -> list[str]:
        """Return the lines that report a fault or are no JSON."""
        return [line for line in self.lines if not self._is_harmless(line)]

    @staticmethod
    def _is_harmless(line: str) -> bool:
        try:
            return json.loads(line)["level"] in {"INFO", "WARNING"}
        except ValueError:
            return False

    def _holds(self, text: str) -> bool:
        return any(text in line for line in self.lines)


@dataclass(frozen=True)
class Portal:
    """The running server."""

    port: int
    log: ServerLog
    environment: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Return the address without a slash at the end."""
        return self.environment["PUBLIC_URL"]

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the server; return what it printed."""
        return manage(self.environment, *arguments)

    def fetch(self, target: Address | str) -> Answer:
        """Return the answer to a plain request; redirects are not followed."""
        address = Address(target) if isinstance(target, str) else target
        connection = http.client.HTTPConnection(HOST, self.port, timeout=20)
        try:
            headers = {"Host": f"{address.host}:{self.port}", "Accept-Language": "de"}
            connection.request(address.method, address.path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def listed(self, language: str) -> list[str]:
        """Return the paths of the sitemap in one language."""
        sitemap = self.fetch("/sitemap.xml")
        assert sitemap.status == 200
        located = re.findall(r"<loc>([^<]+)</loc>", sitemap.body.decode())
        paths = [address.removeprefix(self.url) for address in located]
        return [path for path in paths if path.startswith(f"/{language}/")]

    def states(self, language: str) -> list[Address]:
        """Return lists in their states, and the error pages."""
        return [
            *(Address(f"/{language}/{state}") for state in STATES),
            Address(f"/{language}/", 400, host=FOREIGN_HOST),
            Address(f"/{language}/no-such-page/", 404),
            Address(f"/{language}/tandems/", 405, method="POST"),
        ]

    def pages(self, language: str) -> list[Address]:
        """Return every public page of a language and every state."""
        return [*map(Address, self.listed(language)), *self.states(language)]

    def kinds(self, language: str) -> list[Address]:
        """Return one page of each kind, and every state."""
        listed = self.listed(language)
        standing = [path for path in listed if path.count("/") <= 3]
        records = [
            next(path for path in listed if part in path and path not in standing)
            for part in RECORDS
        ]
        return [*map(Address, [*standing, *records]), *self.states(language)]


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a management command and return what it printed; fail with its words."""
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        pytest.fail(f"manage.py {' '.join(arguments)} stopped:\n{answer.stdout}{answer.stderr}")
    return answer.stdout


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Give the address of an empty database: on the server of DATABASE_URL, else an SQLite file."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    name = f"browser_{os.getpid()}_{secrets.token_hex(4)}"
    server = psycopg2.connect(given)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        server.close()


def collect_once(environment: dict[str, str], folder: Path) -> None:
    """Collect the static files once in a run, whichever worker comes first."""
    with (folder / "collect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "collected"
        if not done.exists():
            manage(environment, "collectstatic", "--noinput", "--verbosity=0")
            done.touch()


def migrate(environment: dict[str, str], database: str) -> None:
    """Migrate, from the tables on that an earlier run kept, where the database is a file."""
    if not database.startswith("sqlite:"):
        manage(environment, "migrate", "--verbosity=0")
        return
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as file:
        migrated.fill(file)
    manage(environment, "migrate", "--verbosity=0")
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as file:
        migrated.keep(file)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[ServerLog]:
    """Run gunicorn as an operator does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "vernetzt.wsgi"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    log = ServerLog()
    reader = threading.Thread(target=log.follow, args=[process.stderr], daemon=True)
    reader.start()
    try:
        if not log.wait_for("Listening at"):
            pytest.fail("The server did not start:\n" + "\n".join(log.lines))
        yield log
    finally:
        process.terminate()
        process.wait(timeout=30)
        reader.join(timeout=10)
        process.stderr.close()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return free.getsockname()[1]


@contextmanager
def served_portal(factory: pytest.TempPathFactory, **variables: str) -> Iterator[Portal]:
    """Serve an empty portal with production settings; ``variables`` change its environment.

    Fill it before the first request: it keeps pages and counts for a minute.
    """
    base = factory.getbasetemp()
    # Parallel workers share the folder above their own.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    port = variables.get("PORT") or str(free_port())
    with fresh_database(factory.mktemp("portal")) as database:
        # Nothing of the caller's configuration may change what is tested.
        environment = {
            name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ
        } | {
            "DJANGO_ENV": "production",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "DATABASE_URL": database,
            "EMAIL_URL": "smtp://127.0.0.1:2525",
            "DEMO": "1",
            "TRUSTED_PROXY_COUNT": "0",
            "WORKERS": "1",
            "HOST": HOST,
            "PORT": port,
            "PUBLIC_URL": f"http://{HOST}:{port}",
            "STATIC_ROOT": str(shared / "static"),
            **variables,
        }
        collect_once(environment, shared)
        migrate(environment, database)
        manage(environment, "createcachetable", "--verbosity=0")
        with served(environment) as log:
            yield Portal(int(port), log, environment)


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """Serve the real programme; each worker has a server of its own."""
    with served_portal(tmp_path_factory) as portal:
        portal.manage("load_programme", "data/programme.json")
        portal.manage("load_editorial", "data/pages.json")
        portal.manage("load_editorial", "data/editorial.json")
        yield portal


@pytest.fixture(scope="module")
def chromium():
    """Start the system's Chromium.

    For a module only: Playwright keeps an event loop in the thread, and beside a running loop
    Django refuses to touch a database, which other tests of the same worker want to do.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is missing. On Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page like a first visit: without cache, cookie or history."""
    contexts = []

    def open_page(width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def visit(portal) -> Callable[[Page, Address | str], None]:
    """Return a function that opens an address in a page and checks the status of the answer."""

    def go(page: Page, address: Address | str) -> None:
        target = Address(address) if isinstance(address, str) else address
        url = f"http://{target.host}:{portal.port}{target.path}"

        def send(route: Route) -> None:
            route.continue_(method=target.method)

        if target.method != "GET":
            page.route(url, send)
        response = page.goto(url)
        if target.method != "GET":
            page.unroute(url, send)
        assert response
        assert response.status == target.status, f"{target}: answered {response.status}"
        # At "load" a page may still wait for its fonts.
        page.evaluate("document.fonts.ready.then(() => true)")

    return go


@pytest.fixture
def pixels(new_page) -> Callable[[bytes], dict[str, float]]:
    """Return a function that gives each colour's share of a PNG picture, the largest first."""
    blank = new_page()

    def count(picture: bytes) -> dict[str, float]:
        return blank.evaluate(
            """async (data) => {
              const picture = new Image();
              picture.src = 'data:image/png;base64,' + data;
              await picture.decode();
              const canvas = new OffscreenCanvas(picture.width, picture.height);
              const pen = canvas.getContext('2d');
              pen.drawImage(picture, 0, 0);
              const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
              const found = {};
              for (let i = 0; i < bytes.length; i += 4) {
                const colour = bytes.slice(i, i + 3).join(' ');
                found[colour] = (found[colour] ?? 0) + 4 / bytes.length;
              }
              return Object.fromEntries(Object.entries(found).sort((a, b) => b[1] - a[1]));
            }""",
            base64.b64encode(picture).decode(),
        )

    return count


class HtmlPage(HTMLParser):
    """What the tests ask of a page's HTML, read without a browser."""

    LINKS = {"a": "href", "link": "href", "use": "href", "img": "src", "script": "src"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.title = ""
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._in_title = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        # A later <title> names a drawing.
        self._in_title = tag == "title" and not self.title
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in values:
            self.ids.append(values["id"])
        if address := values.get(self.LINKS.get(tag, "")):
            self.links.append(address)
        if tag == "meta" and values.get("property") in {"og:image", "og:url"}:
            self.links.append(values["content"])

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


@pytest.fixture(scope="session")
def read_html() -> Callable[[str], HtmlPage]:
    """Return the reader of a page's HTML."""
    return HtmlPage


@pytest.fixture(scope="session")
def html(portal) -> dict[str, HtmlPage]:
    """Read every page of the sitemap in both languages by plain HTTP."""
    pages = {}
    for language in ("de", "en"):
        for path in portal.listed(language):
            answer = portal.fetch(path)
            assert answer.status == 200, f"{path} is in the sitemap, but answers {answer.status}"
            pages[path] = HtmlPage(answer.body.decode())
    return pages
