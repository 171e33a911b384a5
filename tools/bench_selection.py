"""Part of ``make bench``: what the selection costs with 300 applications of six reviews each.

Counted as in :mod:`tools.bench`: CPU time of the only worker of the real gunicorn with production
settings, beside a bare Django view; and the queries of each page, with 30 and with 300
applications. Filing a review is counted over many reviews that are filed once each.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module  # of the portal: only once Django is set up
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from psycopg2 import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import bench

DATABASE = "vernetzt_bench_selection"
APPLICATIONS, FEW, READERS = 300, 30, 6
#: A page may cost so much of a bare view, ask so often, and filing take so many milliseconds.
LIMIT_TIMES, LIMIT_QUERIES, LIMIT_FILING = 60.0, 12, 40.0
HEADERS = {"Host": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
COUNTRIES = ("FR", "PL", "IT", "BG", "NL", "RO", "ES", "SE", "GR", "CZ")


@dataclass(slots=True)
class World:
    """A call in review, its list under trial, who signs in, and the browsers of both."""

    call: Any
    trial: Any
    coordinator: Any
    readers: list[Any]
    example: Any

    def client(self, person: Any) -> Any:
        """Return a browser in which a person is signed in, asking as through the proxy."""
        client = import_module("tests.applications").client_of(person)
        client.defaults |= {"HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
        return client

    @property
    def pages(self) -> dict[str, tuple[Any, str]]:
        """Return name → who asks and the address of each page that is measured."""
        slug = self.call.slug
        return {
            "review list": (self.readers[0], "/admin/calls/review/"),
            "standing": (self.coordinator, f"/admin/calls/procedure/{slug}/standing/"),
            "board": (self.coordinator, f"/admin/calls/selectionlist/{slug}/{self.trial.pk}/"),
        }


def make_world() -> World:
    """Return a call in review with one application that was really written and sent."""
    given, models = import_module("tests.selection"), import_module("calls.models")
    call = given.make_call_in_review(german=1, european=0)
    readers = [given.make_reviewer(("difu", "adelphi", "steinbeis")[n % 3]) for n in range(READERS)]
    coordinator = import_module("tests.factories").make_user("coordinator")
    trial = models.SelectionList.objects.create(call=call, name="Trial", made_by=coordinator)
    return World(call, trial, coordinator, readers, given.applications_of(call)[0])


def add_applications(world: World, first: int, last: int) -> None:
    """Add applications with what was sent, who reads them, and their reviews.

    The first reader has filed every second one, the last reader none: these are drafts in which
    nothing is missing.
    """
    models = import_module("calls.models")
    example, criteria = world.example, list(world.call.criteria.all())
    sent, topics = example.submissions.get(), list(example.topics.all())
    moment, applications = example.submitted_at, []
    for number in range(first, last):
        row = type(example).objects.get(pk=example.pk)
        row.pk, row.key = None, uuid.uuid4()
        row.place_name, row.place_key = f"Wörkheim {number}", f"DE:woerkheim {number}"
        row.place_country = "DE" if number % 2 else COUNTRIES[number % len(COUNTRIES)]
        row.place_population = 4_000 + 971 * number
        row.reference = f"2027-9-{number:03d}"
        applications.append(row)
    applications = models.Application.objects.bulk_create(applications)
    submissions = models.Submission.objects.bulk_create(
        models.Submission(
            application=row,
            number=1,
            document=sent.document,
            sha256=sent.sha256,
            sent_by=sent.sent_by,
            sent_at=moment,
            receipt_at=moment,
        )
        for row in applications
    )
    models.ApplicationTopic.objects.bulk_create(
        models.ApplicationTopic(
            application=row,
            topic=topic.topic,
            side=topic.side,
            level=topic.level,
            sentence=topic.sentence,
        )
        for row in applications
        for topic in topics
    )
    models.EligibilityCheck.objects.bulk_create(
        models.EligibilityCheck(application=row, is_eligible=True) for row in applications
    )
    for place, reader in enumerate(world.readers):
        organisation = reader.roles[0].organisation
        models.ConflictDeclaration.objects.bulk_create(
            models.ConflictDeclaration(
                application=row,
                person=reader,
                organisation=organisation,
                kind="none",
            )
            for row in applications
        )
        assignments = models.ReviewAssignment.objects.bulk_create(
            models.ReviewAssignment(application=row, reviewer=reader, organisation=organisation)
            for row in applications
        )
        reviews, scores = [], []
        for number, (assignment, submission) in enumerate(
            zip(assignments, submissions, strict=True)
        ):
            is_filed = place not in {0, READERS - 1} or (place == 0 and number % 2 == 0)
            total = 1 + (number * 7 + place * 3) % 40 / 10
            review = models.Review(assignment=assignment, comment="Überzeugend.")
            if is_filed:
                review.state, review.total = "filed", total
                review.submission, review.filed_at = submission, moment
            reviews.append(review)
        for number, review in enumerate(models.Review.objects.bulk_create(reviews)):
            scores += [
                models.Score(
                    review=review,
                    criterion=criterion,
                    step=(number + place) % 6,
                    justification="Klar beschrieben.",
                )
                for criterion in criteria
            ]
        models.Score.objects.bulk_create(scores, batch_size=2_000)
    models.ListEntry.objects.bulk_create(
        models.ListEntry(selection_list=world.trial, application=row, outcome="chosen")
        for row in applications[:4]
    )


def queries_of(world: World) -> dict[str, int]:
    """Return how many queries each page asks, once its caches are filled."""
    found = {}
    for name, (person, path) in world.pages.items():
        client = world.client(person)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            status = client.get(path).status_code
        if status != 200:
            raise bench.BenchError(f"{path}: {status} instead of 200.")
        found[name] = len(captured)
    return found


def ask(
    server: bench.Server, path: str, cookies: str, fields: Mapping[str, Any] | None = None
) -> tuple[int, str]:
    """Return status and text of an answer to a signed-in person."""
    headers, body = {**HEADERS, "Cookie": cookies}, None
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Referer"] = f"https://127.0.0.1{path}"
        body = urlencode(fields, doseq=True)
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        line.request("GET" if fields is None else "POST", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        line.close()


def milliseconds(server: bench.Server, act: Callable[[], object], times: int) -> float:
    """Return the CPU of the worker for one of several equal acts, in milliseconds."""
    before = bench.cpu_seconds([server.worker])
    for _ in range(times):
        act()
    return 1000 * (bench.cpu_seconds([server.worker]) - before) / times


def cookies_of(client: Any) -> str:
    """Return what a browser sends along."""
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def measure_pages(
    world: World, servers: Mapping[str, bench.Server], options: argparse.Namespace
) -> bool:
    """Print what each page costs beside a bare view; tell whether every limit is kept."""
    print(f"\n{'page':<14}{'bare ms':>9}{'page ms':>9}{'times':>8}  limit")
    kept = True
    for name, (person, path) in world.pages.items():
        cookies = cookies_of(world.client(person))
        for _ in range(3):
            status, text = ask(servers["portal"], path, cookies)
            if status != 200 or "Wörkheim" not in text:
                raise bench.BenchError(f"{path}: {status}, without what it should show.")
        ratios, bare, own = [], [], []
        for _ in range(options.rounds):
            bare.append(milliseconds(servers["bare"], partial(ask, servers["bare"], "/", ""), 400))
            own.append(
                milliseconds(servers["portal"], partial(ask, servers["portal"], path, cookies), 40)
            )
            ratios.append(own[-1] / bare[-1])
        ratio = median(ratios)
        kept &= ratio <= LIMIT_TIMES
        print(
            f"{name:<14}{median(bare):>9.3f}{median(own):>9.2f}{ratio:>8.1f}  "
            f"{bench.verdict(ratio, LIMIT_TIMES)}",
            flush=True,
        )
    return kept


def measure_filing(world: World, server: bench.Server) -> bool:
    """File the drafts of the last reader; print what one costs, tell whether it keeps the limit."""
    review = import_module("calls.models").Review
    rows = review.objects.filter(assignment__reviewer=world.readers[-1]).order_by("pk")
    keys = list(rows.values_list("assignment__application__key", flat=True))
    client = world.client(world.readers[-1])
    # The first page brings the cookie that each form must be sent with.
    client.get(f"/admin/calls/review/{keys[0]}/")
    cookies = cookies_of(client)
    spent, filed = 0.0, 0
    for key in keys[:100]:
        path = f"/admin/calls/review/{key}/"
        fields = fields_of(ask(server, path, cookies)[1], "justification")
        if (status := ask(server, path, cookies, {**fields, "file": "1"})[0]) != 302:
            raise bench.BenchError(f"Saving at {path}: {status} instead of 302.")
        confirming = f"{path}file/"
        fields = fields_of(
            ask(server, confirming, cookies)[1], "csrfmiddlewaretoken", "applications__act"
        )
        before = bench.cpu_seconds([server.worker])
        status = ask(server, confirming, cookies, fields)[0]
        spent += bench.cpu_seconds([server.worker]) - before
        if status != 302:
            raise bench.BenchError(f"Filing at {confirming}: {status} instead of 302.")
        filed += 1
    if rows.filter(state="filed").count() != filed:
        raise bench.BenchError("Not every review that was sent is filed.")
    each = 1000 * spent / filed
    print(f"\nFiling a review: {each:.1f} ms of CPU, {bench.verdict(each, LIMIT_FILING)}")
    return each <= LIMIT_FILING


def fields_of(page: str, having: str, class_: str = "") -> dict[str, Any]:
    """Return what the form with a field of this name (and the class) sends as it stands."""
    body = import_module("tests.reading").Document(page).body
    forms = body.all("form", class_=class_) if class_ else body.all("form")
    values = (form.values() for form in forms)
    found: dict[str, Any] = next(row for row in values if any(having in name for name in row))
    return found


def measure_workbook(world: World, server: bench.Server) -> None:
    """Print what the workbook of the whole procedure takes."""
    cookies = cookies_of(world.client(world.coordinator))
    path = f"/admin/calls/selectionlist/{world.call.slug}/procedure.xlsx"
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    started, before = time.monotonic(), bench.cpu_seconds([server.worker])
    line.request("GET", path, headers={**HEADERS, "Cookie": cookies})
    answer = line.getresponse()
    size = len(answer.read())
    spent = bench.cpu_seconds([server.worker]) - before
    line.close()
    if answer.status != 200:
        raise bench.BenchError(f"{path}: {answer.status} instead of 200.")
    print(
        f"Workbook of the procedure: {size / 1000:.0f} kB after {time.monotonic() - started:.2f} s,"
        f" {spent:.2f} s of CPU"
    )


def run(options: argparse.Namespace, stack: contextlib.ExitStack) -> bool:
    """Prepare, measure; what must be undone is put onto ``stack``."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    paths = {"FILES_ROOT": f"{folder}/files", "STATIC_ROOT": f"{folder}/static"}
    more = {"DJANGO_SETTINGS_MODULE": "vernetzt.settings", "TRUSTED_PROXY_COUNT": "1"}
    more |= {"EMAIL_URL": "smtp://127.0.0.1:9", "LOG_LEVEL": "WARNING"}
    environment = bench.without_settings(bench.portal_environment(DATABASE, **paths, **more))
    os.environ.clear()
    os.environ.update(environment)
    bench.drop(DATABASE)
    stack.callback(bench.drop, DATABASE)
    bench.query(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    stack.callback(connections.close_all)
    django.setup()
    for command in ("migrate", "createcachetable"):
        call_command(command, verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    world = make_world()
    add_applications(world, 1, FEW)
    few = queries_of(world)
    add_applications(world, FEW, APPLICATIONS)
    many = queries_of(world)
    print(f"{APPLICATIONS} applications of {READERS} reviews each; queries with {FEW}, with all:")
    for name, number in many.items():
        print(f"  {name:<14}{few[name]:>4}{number:>4}  (at most {LIMIT_QUERIES})")
    kept = few == many and max(many.values()) <= LIMIT_QUERIES
    servers = {
        "bare": stack.enter_context(bench.serving("tools.bench_baseline", "/", {})),
        "portal": stack.enter_context(bench.serving("vernetzt.wsgi", "/readyz/", environment)),
    }
    kept &= measure_pages(world, servers, options)
    kept &= measure_filing(world, servers["portal"])
    measure_workbook(world, servers["portal"])
    print("\nEvery limit is kept." if kept else "\nA limit is not kept.")
    return kept


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5, help="rounds for each page (5)")
    options = parser.parse_args()
    server = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    bench.ADMIN_URL = server if server.startswith("postgres") else bench.ADMIN_URL
    # Being told to stop must stop the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with contextlib.ExitStack() as stack:
            return 0 if run(options, stack) else 1
    except bench.BenchError as error:
        print(f"Benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
