"""``make bench``: CPU time per request of every public page beside a bare Django view.

Four gunicorns with one worker each answer on the loopback: the bare view
(:mod:`tools.bench_baseline`), the portal without page cache, the portal as configured, and the
portal in a large world. Rounds alternate between them, so that a slower minute of the machine
meets all of them. Counted is user and system time of the worker process, and beside it that of
its database sessions, divided by the requests answered; medians and spread are printed.

Needs a PostgreSQL whose user may create databases (``BENCH_DATABASE_URL``, default
``postgres://postgres@127.0.0.1:5432/postgres``) and Linux; the load comes from wrk where it is
installed, else from a Python loop.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
ADMIN_URL = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
SMALL_DATABASE, LARGE_DATABASE = "vernetzt_bench", "vernetzt_bench_large"
LARGE_WORLD = ("--municipalities", "20000", "--tandems", "10000", "--meetings", "50000")
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 2
START_TIMEOUT = 60  # seconds until a server must answer

#: Limits that the portal sets itself, as multiples of the bare view.
LIMIT_DETAIL, LIMIT_LIST, LIMIT_CACHED = 12.0, 15.0, 1.15
#: How much a page may cost in the large world, as a multiple of the demo world.
LIMIT_LARGE = 1.3


class BenchError(Exception):
    """The benchmark cannot run, or what it measures does not answer as it should."""


@dataclass(frozen=True, slots=True)
class Page:
    """A public page: a name for people, where its address is found, its limit when not cached.

    ``link`` is a pattern of a link on the page ``path``; empty if ``path`` is the page itself.
    """

    name: str
    path: str
    link: str = ""
    limit: float | None = None


PAGES = (
    Page("start", "/de/"),
    Page("programme", "/de/programme/"),
    Page("tandems", "/de/tandems/", limit=LIMIT_LIST),
    Page("tandem", "/de/tandems/", r"/de/tandems/[\w-]+/", LIMIT_DETAIL),
    Page("municipalities", "/de/municipalities/", limit=LIMIT_LIST),
    Page("municipality", "/de/municipalities/", r"/de/municipalities/[\w-]+/"),
    Page("meetings", "/de/meetings/", limit=LIMIT_LIST),
    Page("meeting", "/de/meetings/", r"/de/meetings/\d+/[\w-]+/"),
    Page("month", "/de/meetings/", r"/de/meetings/month/\d+/\d+/", LIMIT_LIST),
    Page("calendar", "/de/meetings/calendar.ics", limit=LIMIT_LIST),
    Page("calls", "/de/calls/", limit=LIMIT_LIST),
    Page("call", "/de/calls/", r"/de/calls/[\w-]+/"),
    Page("news", "/de/news/", limit=LIMIT_LIST),
    Page("article", "/de/news/", r"/de/news/[\w-]+/"),
    Page("feed", "/de/news/feed.atom", limit=LIMIT_LIST),
    Page("imprint", "/de/imprint/"),
)


# --- Servers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn: its port, its only worker and the database behind it."""

    port: int
    worker: int
    database: str = ""


def free_port() -> int:
    """Return a port on the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def portal_environment(database: str, **more: str) -> dict[str, str]:
    """Return the variables of a production-like portal on ``database``."""
    return {
        "DJANGO_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "EMAIL_URL": "console://",
        "DATABASE_URL": address_of(database),
        **more,
    }


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's variables without those that configure the portal."""
    ours = {"CACHE_URL", "DEBUG", "DEMO", "DJANGO_SETTINGS_MODULE", "PAGE_CACHE_SECONDS"}
    return {k: v for k, v in os.environ.items() if k not in ours} | dict(environment)


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Return status, ETag and text of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
        return response.status, response.headers.get("ETag", ""), body
    finally:
        connection.close()


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def serving(
    application: str, probe: str, environment: Mapping[str, str], database: str = ""
) -> Iterator[Server]:
    """Run gunicorn as the portal does, with one worker that is never renewed.

    Raises :class:`BenchError` with the end of its output when ``probe`` is not answered with 200.
    """
    port = free_port()
    numbers = {"HOST": "127.0.0.1", "PORT": str(port), "WORKERS": "1", "MAX_REQUESTS": "0"}
    log = ROOT / "var" / f"bench-{port}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - fixed command, no shell
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", application],
            cwd=ROOT,
            env=without_settings(environment) | numbers,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(process, port, probe, log)
        yield Server(port, children(process.pid)[0], database)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.unlink(missing_ok=True)


def wait_for(process: subprocess.Popen[bytes], port: int, probe: str, log: Path) -> None:
    """Return once ``probe`` is answered with 200."""
    until = time.monotonic() + START_TIMEOUT
    status = 0
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            status = get(port, probe)[0]
            if status == 200:
                return
        time.sleep(0.2)
    tail = log.read_text(encoding="utf-8")[-1500:]
    raise BenchError(f"A server does not answer {probe} (last status {status}):\n{tail}")


# --- Databases ------------------------------------------------------------------------------------


def address_of(database: str) -> str:
    """Return the address of another database on the same server."""
    return urlunsplit(urlsplit(ADMIN_URL)._replace(path=f"/{database}"))


def query(statement: sql.Composable, *values: str) -> list[tuple[int]]:
    """Run a statement outside a transaction, beside the databases that are measured."""
    try:
        connection = psycopg2.connect(ADMIN_URL, connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise BenchError(f"No PostgreSQL for BENCH_DATABASE_URL: {error}") from error
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return [(row[0],) for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()


def drop(database: str) -> None:
    """Remove a database of an earlier run."""
    name = sql.Identifier(database)
    query(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def manage(database: str, *arguments: str) -> None:
    """Run a command of the portal; raises :class:`BenchError` with its words when it fails."""
    run = subprocess.run(  # noqa: S603 - fixed commands, no shell
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=without_settings(portal_environment(database)),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise BenchError(f"manage.py {arguments[0]} failed:\n{(run.stdout + run.stderr)[-2000:]}")


def prepare(database: str, *, large: bool) -> None:
    """Create a database with the demo world, and with the large one on top if wanted."""
    started = time.monotonic()
    drop(database)
    query(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    manage(database, "migrate", "--verbosity", "0")
    manage(database, "createcachetable")
    manage(database, "load_programme", "data/programme.json")
    manage(database, "load_editorial", "data/pages.json")
    manage(database, "load_editorial", "data/editorial.json")
    if large:
        manage(database, "fill_demo", *LARGE_WORLD)
    print(f"Database {database}: ready after {time.monotonic() - started:.0f} s.")


def sessions(database: str) -> list[int]:
    """Return the processes that serve ``database``; empty for a server on another machine."""
    if urlsplit(ADMIN_URL).hostname not in {None, "127.0.0.1", "::1", "localhost"}:
        return []
    rows = query(sql.SQL("SELECT pid FROM pg_stat_activity WHERE datname = %s"), database)
    return [row[0] for row in rows]


# --- Measuring ------------------------------------------------------------------------------------


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return user and system time of processes so far; one that is gone counts nothing."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # The name in brackets may hold blanks; utime and stime are fields 14 and 15 (proc(5)).
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def load_by_wrk(port: int, path: str, headers: Mapping[str, str], seconds: float) -> int:
    """Return how many requests wrk got answered."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    run = subprocess.run(  # noqa: S603 - fixed command, no shell
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *options,  # noqa: S607
         f"http://127.0.0.1:{port}{path}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
    )  # fmt: skip
    answered = re.search(r"(\d+) requests in", run.stdout)
    if run.returncode or not answered or "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise BenchError(f"wrk on {path}: {run.stdout}{run.stderr}")
    return int(answered[1])


def load_by_python(port: int, path: str, headers: Mapping[str, str], seconds: float) -> int:
    """Return how many requests a few connections of this process got answered."""
    until = time.monotonic() + seconds
    counts: list[int] = []

    def ask() -> None:
        count = 0
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            response.read()
            if response.status not in {200, 304}:
                break
            count += 1
        else:
            counts.append(count)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < CONNECTIONS:
        raise BenchError(f"{path} was not answered with 200 or 304 throughout.")
    return sum(counts)


@dataclass(frozen=True, slots=True)
class Target:
    """What one round loads: a server, a path and the headers of the request."""

    server: Server
    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Result:
    """Milliseconds of CPU per request, one entry per round: worker, and its database sessions."""

    worker: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)

    def total(self) -> float:
        """Return the median of worker and database together."""
        return median(w + d for w, d in zip(self.worker, self.database, strict=True))


def measure(target: Target, seconds: float, result: Result) -> None:
    """Load the target for a while and note what a request cost."""
    load = load_by_wrk if shutil.which("wrk") else load_by_python
    backends = sessions(target.server.database) if target.server.database else []
    worker, database = cpu_seconds([target.server.worker]), cpu_seconds(backends)
    answered = load(target.server.port, target.path, target.headers, seconds)
    worker = cpu_seconds([target.server.worker]) - worker
    database = cpu_seconds(backends) - database
    if answered < CONNECTIONS:
        raise BenchError(f"{target.path}: hardly any request was answered in {seconds:g} s.")
    result.worker.append(1000 * worker / answered)
    result.database.append(1000 * database / answered)


def resolved(page: Page, server: Server) -> str:
    """Return the path of a page, following its pattern; raises :class:`BenchError` without link."""
    if not page.link:
        return page.path
    links = re.findall(rf'href="({page.link})"', get(server.port, page.path)[2])
    if not links:
        raise BenchError(f"{page.path} has no link like {page.link}.")
    return str(links[0])


def targets_of(page: Page, servers: Mapping[str, Server]) -> dict[str, Target]:
    """Return what is loaded for a page, by mode; every target has answered once as it should."""
    path = resolved(page, servers["uncached"])
    browser = {"Accept-Encoding": "br, gzip"}
    targets = {"bare": Target(servers["bare"], "/", browser)}
    for mode in ("uncached", "large"):
        if mode in servers:
            targets[mode] = Target(servers[mode], path, browser)
    etag = get(servers["cached"].port, path, browser)[1]
    targets["cached"] = Target(servers["cached"], path, browser)
    targets["304"] = Target(servers["cached"], path, browser | {"If-None-Match": etag})
    for mode, target in targets.items():
        wanted = 304 if mode == "304" else 200
        # Twice: the first answer also opens connections and fills caches.
        for _ in range(2):
            status = get(target.server.port, target.path, target.headers)[0]
            if status != wanted:
                raise BenchError(f"{target.path} ({mode}): {status} instead of {wanted}.")
    return targets


# --- Printing -------------------------------------------------------------------------------------


def verdict(ratio: float, limit: float | None) -> str:
    """Return a limit and whether a ratio keeps it, in words."""
    if limit is None:
        return ""
    return f"{'ok' if ratio <= limit else 'over'} (at most {limit:g})"


def row(name: str, mode: str, result: Result, ratios: list[float], limit: float | None) -> str:
    """Return one line of the table."""
    ratio = median(ratios)
    spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
    milliseconds = f"{median(result.worker):.3f}"
    of_rounds = f"{min(result.worker):.3f}–{max(result.worker):.3f}"
    return (
        f"{name:<15}{mode:<11}{milliseconds:>9}  {of_rounds:<16}{median(result.database):>7.3f}  "
        f"{ratio:>7.2f}  {spread:<14}{verdict(ratio, limit)}"
    ).rstrip()


def lines(page: Page, results: Mapping[str, Result]) -> Iterator[str]:
    """Return the lines of one page: each mode beside the bare view, the large world beside demo."""
    bare = results["bare"]
    yield row(page.name, "bare view", bare, [1.0], None)
    limits = {"uncached": page.limit, "cached": LIMIT_CACHED, "304": LIMIT_CACHED}
    for mode, limit in limits.items():
        ratios = [a / b for a, b in zip(results[mode].worker, bare.worker, strict=True)]
        yield row(page.name, mode, results[mode], ratios, limit)
    if "large" in results:
        large, demo = results["large"], results["uncached"]
        both = zip(large.worker, large.database, demo.worker, demo.database, strict=True)
        ratios = [(a + b) / (c + d) for a, b, c, d in both]
        yield row(page.name, "large÷demo", large, ratios, LIMIT_LARGE)


# --- The run --------------------------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    """Return the options of this run."""
    names = ", ".join(page.name for page in PAGES)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5, help="rounds for each page (5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one load (2)")
    parser.add_argument("--pages", default="", help=f"comma-separated, from: {names}")
    parser.add_argument("--skip-large", action="store_true", help="leave the large world out")
    parser.add_argument("--keep", action="store_true", help="keep the databases afterwards")
    parser.add_argument("--reuse", action="store_true", help="take the databases kept earlier")
    options = parser.parse_args()
    if not 1 <= options.rounds <= 50 or not 1 <= options.seconds <= 60:
        parser.error("--rounds goes from 1 to 50, --seconds from 1 to 60")
    wanted = [name for name in options.pages.split(",") if name]
    if unknown := sorted(set(wanted) - {page.name for page in PAGES}):
        parser.error(f"unknown page {', '.join(unknown)}; there are {names}")
    options.pages = [page for page in PAGES if not wanted or page.name in wanted]
    return options


def start(stack: contextlib.ExitStack, *, large: bool) -> dict[str, Server]:
    """Start every server for as long as ``stack`` lasts; return them by mode."""

    def portal(database: str, **more: str) -> Server:
        environment = portal_environment(database, **more)
        return stack.enter_context(serving("vernetzt.wsgi", "/readyz/", environment, database))

    servers = {"bare": stack.enter_context(serving("tools.bench_baseline", "/", {}))}
    servers["uncached"] = portal(SMALL_DATABASE, PAGE_CACHE_SECONDS="0")
    servers["cached"] = portal(SMALL_DATABASE)
    if large:
        servers["large"] = portal(LARGE_DATABASE, PAGE_CACHE_SECONDS="0")
    return servers


def measure_pages(options: argparse.Namespace, servers: Mapping[str, Server]) -> None:
    """Measure and print every page."""
    print(
        f"CPU per request: {options.rounds} alternating rounds of {options.seconds:g} s, "
        f"{CONNECTIONS} connections, load by {'wrk' if shutil.which('wrk') else 'Python'}.\n"
        "“large÷demo” compares worker and database together; the other lines the worker.\n\n"
        f"{'page':<15}{'mode':<11}{'worker ms':>9}  {'min–max':<16}{'db ms':>7}  "
        f"{'times':>7}  {'min–max':<14}limit"
    )
    over = 0
    for page in options.pages:
        targets = targets_of(page, servers)
        results = {mode: Result() for mode in targets}
        for _ in range(options.rounds):
            for mode, target in targets.items():
                measure(target, options.seconds, results[mode])
        for line in lines(page, results):
            over += "over (" in line
            print(line, flush=True)
    print(f"\n{over} over their limit." if over else "\nEvery limit is kept.")


def run(options: argparse.Namespace) -> None:
    """Prepare the databases, start the servers, measure, clear up."""
    worlds = [SMALL_DATABASE] if options.skip_large else [SMALL_DATABASE, LARGE_DATABASE]
    if not options.reuse:
        for database in worlds:
            prepare(database, large=database == LARGE_DATABASE)
    manage(SMALL_DATABASE, "collectstatic", "--noinput", "--verbosity", "0")
    with contextlib.ExitStack() as stack:
        measure_pages(options, start(stack, large=not options.skip_large))
    if not options.keep:
        for database in worlds:
            drop(database)


def main() -> int:
    """Run the benchmark; return the exit status."""
    options = arguments()
    # Being told to stop must stop the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run(options)
    except BenchError as error:
        print(f"Benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
