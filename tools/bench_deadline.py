"""``make bench-deadline``: officers save and send in the last minute before a deadline.

The real gunicorn with production settings, on a database and in folders of its own, as behind a
proxy that ends TLS. Every officer writes all steps, attaches a PDF and sends, most of it in the
last 20 seconds; some press a button twice, some send in the minutes of grace, and some more open
the form too late. Then the database is asked whether anything was lost, doubled or let in.
Needs PostgreSQL as :mod:`tools.bench` does; ``DATABASE_URL`` may name its server too.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import html
import http.client
import math
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module  # of the portal: only once Django is set up
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from psycopg2 import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import bench

DATABASE, TIMEOUT = "vernetzt_bench_deadline", 60
PAGE, SCRIPT = "text/html", "application/json"  # the script saves in the background
BY_PROXY = {"Host": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
#: Every third officer presses “send” twice, every tenth saves each step twice at once, and every
#: tenth sends in the minutes of grace.
DOUBLE_CLICKS, DOUBLE_SAVES, IN_GRACE = 3, 10, 10
Fields = dict[str, str | list[str]]


class UnexpectedError(Exception):
    """An answer is not what an officer should get; it is noted, and the officer gives up."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` (0 to 1) of all do not exceed; 0 without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def moments(length: float, last: float, count: int) -> list[float]:
    """Return ``count`` moments from ``length`` to ``last`` before the deadline, ever closer."""
    return [last + (length - last) * (1 - i / (count - 1)) ** 3 for i in range(count)]


def hidden_fields(page: str, having: str = "opened") -> dict[str, str]:
    """Return the hidden fields of the first form that has one called ``having``."""
    for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
        inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        if having in dict(inputs):
            return {name: html.unescape(value) for name, value in inputs}
    raise UnexpectedError(f"a page has no form with the field {having}")


def as_text(values: Mapping[str, Any], sign: str = "") -> Fields:
    """Return values as typed; ``sign`` opens each text, so that none is also somebody else's."""
    texts: Fields = {name: "on" for name, value in values.items() if value is True}
    for name in values.keys() - texts.keys():
        value = values[name] if isinstance(values[name], list) else str(values[name]).strip()
        is_words = isinstance(value, str) and not value.isdigit()
        texts[name] = f"{sign}{value}" if is_words else value
    return texts


def as_fields(
    document: Mapping[str, Any], questions: Mapping[str, list[str]], consents: Sequence[str]
) -> Fields:
    """Return what a frozen document says under the names of the form's fields.

    ``questions`` maps fields to the German words of a choice; ``consents`` are names of fields.
    """
    found: dict[str, Any] = dict.fromkeys(consents[: len(document["consents"])], True)
    for step in ("municipality", "people", "challenge", "cooperation"):
        found |= document[step]
    for row in document["topics"]:
        name = f"{row['side']}-{row['topic']}"
        found |= {f"{name}-{part}": row[part] for part in ("level", "sentence")}
    for (name, words), row in zip(questions.items(), document["questions"], strict=True):
        answer = row["answer"]
        found[name] = words.index(answer["de"]) if isinstance(answer, dict) else answer
    return as_text(found | {"files": [row["sha256"] for row in document["files"]]})


@dataclass(slots=True)
class Run:
    """What all share; ``answers`` holds kind, seconds before the deadline and milliseconds."""

    port: int = 0
    deadline: float = 0  # as of time.time()
    answers: list[tuple[str, float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def wait_until(self, before: float) -> None:
        """Return so many seconds before the deadline (negative: after it), at once if over."""
        time.sleep(max(0.0, self.deadline - before - time.time()))


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who applies: session, application as begun, and what is typed into each step."""

    run: Run
    number: int
    application: Any
    address: str
    cookies: dict[str, str]
    typed: dict[str, Fields]
    is_late: bool
    pdf: bytes

    def ask(
        self, kind: str, page: str, fields: Any = None, wanted: int | str = 200, accept: str = PAGE
    ) -> str:
        """Return the text answered to GET, or to POST with ``fields``; note what it took.

        Raises :class:`UnexpectedError` for another status, or place to go to, than is ``wanted``.
        """
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers, body = {**BY_PROXY, "Accept": accept, "Cookie": cookies}, None
        if fields is not None:
            in_parts = "file" in fields
            media_type = MULTIPART_CONTENT if in_parts else "application/x-www-form-urlencoded"
            headers |= {"Origin": "https://127.0.0.1", "Content-Type": media_type}
            body = encode_multipart(BOUNDARY, fields) if in_parts else urlencode(fields, doseq=True)
        started = time.time()
        connection = http.client.HTTPConnection("127.0.0.1", self.run.port, timeout=TIMEOUT)
        try:
            connection.request(
                "GET" if body is None else "POST", self.address + page, body, headers
            )
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise UnexpectedError(f"{kind} {page}: {error!r}") from error
        finally:
            taken = time.time() - started
            self.run.answers.append((kind, self.run.deadline - started, 1000 * taken))
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        place = response.headers.get("Location", "").removeprefix(self.address)
        if (found := place if response.status == 302 else response.status) != wanted:
            raise UnexpectedError(f"{kind} {page}: {found!r} instead of {wanted!r}")
        return text

    def apply(self) -> None:
        """Write every step and send, at this officer's moments."""
        steps, in_grace = list(self.typed), self.number % IN_GRACE == IN_GRACE - 1
        last = 8.0 if in_grace else 1 + 11 * (self.number * 7 % 50) / 50
        *saves, send = moments(self.run.deadline - time.time(), last, len(steps) + 1)
        page = self.ask("page", f"{steps[0]}/")
        for step, following, moment in zip(steps, [*steps[1:], "send"], saves, strict=True):
            self.run.wait_until(moment)
            if step == "files":
                self.ask("upload", "files/", hidden_fields(page) | self.file(), "files/")
                self.ask("page", "files/")
            else:
                self.save(step, following, page)
            page = self.ask("page", f"{following}/")
        self.run.wait_until(-2 - self.number % 5 if in_grace else send)
        sent, clicks = hidden_fields(page), 1 + (self.number % DOUBLE_CLICKS == 0)
        at_once([lambda: self.ask("send", "send/", sent, "")] * clicks)
        self.ask("page", "")

    def file(self) -> dict[str, Any]:
        """Return the field with this officer's PDF."""
        return {"file": SimpleUploadedFile("Plan.pdf", self.pdf, "application/pdf")}

    def save(self, step: str, following: str, page: str) -> None:
        """Press the button of a step; for some, the script saves the same at the same moment."""
        fields = {**hidden_fields(page, "marks"), **self.typed[step], "go": following}
        calls = [lambda: self.ask("save", f"{step}/", fields, f"{following}/")]
        if self.number % DOUBLE_SAVES == 0:
            calls.append(lambda: self.ask("save", f"{step}/", fields, accept=SCRIPT))
        at_once(calls)

    def come_late(self) -> None:
        """Open the form after the deadline; everything must be refused, the text given back."""
        self.run.wait_until(-1 - self.number % 3)
        hidden = hidden_fields(self.ask("page", "challenge/"), "marks")
        typed = self.typed["challenge"]
        self.ask("refused", "challenge/", {**hidden, **typed}, 409, SCRIPT)
        sent = {"challenge/": {**hidden, **typed}, "send/": hidden, "files/": hidden | self.file()}
        answers = {page: self.ask("refused", page, fields) for page, fields in sent.items()}
        if not all(str(text) in html.unescape(answers["challenge/"]) for text in typed.values()):
            raise UnexpectedError("what was typed too late is not given back")
        if silent := [page for page, text in answers.items() if 'class="form-errors"' not in text]:
            raise UnexpectedError(f"too late, and refused without a word: {', '.join(silent)}")

    def live(self) -> None:
        """Do what this officer does; note what went wrong."""
        try:
            self.come_late() if self.is_late else self.apply()
        except UnexpectedError as error:
            self.run.errors.append(f"officer {self.number}: {error}")


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def at_once(calls: Sequence[Callable[[], object]]) -> None:
    """Do several things in the same moment."""
    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(lambda call: call(), calls))


def make_world(run: Run, count: int) -> tuple[Any, list[Officer]]:
    """Return an open call and its officers, each with an application begun; some come late."""
    factories, given = import_module("tests.factories"), import_module("tests.applications")
    begin, steps = (
        import_module("calls.actions").begin_application,
        import_module("calls.enums").Step,
    )
    call, officers = given.make_open_call(), []
    for number in range(count + max(3, count // 10)):
        # Every second municipality stands in the register.
        place = factories.MunicipalityFactory() if number % 2 else None
        described = {} if place else {"place_name": f"Wörkheim {number}", "place_country": "DE"}
        name, by = described.get("place_name", ""), factories.make_user(place and "contact", place)
        application = begin(call=call, municipality=place, name=name, country="DE", by=by)
        values, is_late = given.full_values(application), number >= count
        typed = {step: as_text(values.get(step, {}), f"{number}.") for step in steps.values}
        typed["municipality"] |= {"place_population": f"{20_000 + number}", **described}
        # Of those who come late nothing is missing: the deadline alone can refuse them.
        application = given.fill(application, by) if is_late else application
        cookies = {name: morsel.value for name, morsel in given.client_of(by).cookies.items()}
        pdf = b"%%PDF-1.4\n%% officer %d\nstartxref\n9\n%%%%EOF\n" % number
        address = given.address(application)
        officers.append(Officer(run, number, application, address, cookies, typed, is_late, pdf))
    return call, officers


def checks_of(
    run: Run, call: Any, officers: list[Officer]
) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return what is promised → what was found, and what should have been."""
    content, models = import_module("calls.content"), import_module("calls.models")
    owners = {o.application.pk: o for o in officers if not o.is_late}
    late = {o.application.pk: o.application for o in officers if o.is_late}
    asked = content.questions_of(call.applications.first())
    questions = {f"answer-{row.pk}": (row.choices_de or "").split("\n") for row in asked}
    consents = [f"consent-{row.pk}" for row in call.consents.all()]
    own = models.Submission.objects.filter(application__in=owners)
    sent = list(own.select_related("application").order_by("application"))
    typed = sorted(
        (pk, name, text)
        for pk, officer in owners.items()
        for fields in [*officer.typed.values(), Fields(files=[digest(officer.pdf)])]
        for name, text in fields.items()
    )
    names = {(pk, name) for pk, name, _text in typed}  # what nobody typed is not compared
    said = sorted(
        (row.application_id, name, text)
        for row in sent
        for name, text in as_fields(row.document, questions, consents).items()
        if (row.application_id, name) in names
    )
    receipts = {row.application_id: row.receipt.read() if row.receipt else b"" for row in sent}
    mails = import_module("post_office.models").Email.objects.all()
    queued = sorted((m.to[0], [digest(a.file.read()) for a in m.attachments.all()]) for m in mails)
    # Who begins is named as the contact person, with the address that the mails go to.
    due = sorted(
        (o.application.contact_email, [digest(receipts.get(pk, b""))]) for pk, o in owners.items()
    )
    stored = sum(path.is_file() for path in Path(os.environ["FILES_ROOT"], "uploads").rglob("*"))
    columns = ("pk", "state", "changed_at", "challenge", "attachments", "submissions")
    rows = models.Application.objects.order_by("pk").values_list(*columns)
    before = [(pk, "draft", a.changed_at, a.challenge, None, None) for pk, a in late.items()]
    references = [f"{call.closes_at.year}-{call.pk}-{n + 1:03d}" for n in range(len(owners))]
    submitted = [pk for pk, state, *_rest in rows if state == "submitted"]
    log = Path(bench.ROOT, "var", f"bench-{run.port}.log").read_text(encoding="utf-8")
    return {
        "no error": (run.errors, []),
        "no error in the server's log": (re.findall(r'.*"(?:ERROR|CRITICAL)".*', log), []),
        f"exactly {len(owners)} applications submitted": (submitted, [*owners]),
        "none lost, none doubled": ([r.application_id for r in sent], [*owners]),
        "references without gaps": (sorted(r.application.reference for r in sent), references),
        "every typed word and every file in the frozen document": (said, typed),
        "checksums right": ([r.sha256 for r in sent], [content.checksum(r.document) for r in sent]),
        "every receipt a PDF": (
            [pdf[:5] for pdf in receipts.values()],
            [b"%PDF-"] * len(owners),
        ),
        "every receipt and upload written once": ([stored], [2 * len(owners)]),
        "one mail to each, with the receipt": (queued, due),
        "nothing stored of the late ones": ([row for row in rows if row[0] in late], before),
    }


def alone(rows: list[Any], others: list[Any]) -> list[Any]:
    """Return the rows that ``others`` lacks; all where it lacks none, for one may stand twice."""
    return [row for row in rows if row not in others] or rows


def report(run: Run) -> None:
    """Print what was measured."""
    last = sum(before <= 20 for _kind, before, _taken in run.answers)
    print(f"{len(run.answers)} requests, {last} of them in the last 20 seconds and after them")
    print(f"{len(run.errors)} errors\n\nmilliseconds   count     p50     p95     max")
    for kind in ("page", "save", "upload", "send", "refused"):
        taken = [taken for name, _before, taken in run.answers if name == kind]
        p50, p95, most = (percentile(taken, share) for share in (0.5, 0.95, 1))
        print(f"{kind:<13}{len(taken):>7}{p50:>8.0f}{p95:>8.0f}{most:>8.0f}")


def apply_and_check(options: argparse.Namespace, stack: contextlib.ExitStack) -> bool:
    """Prepare, let all apply, check; what must be undone is put onto ``stack``."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    paths = {"FILES_ROOT": f"{folder}/files", "STATIC_ROOT": f"{folder}/static"}
    more = {"EMAIL_URL": "smtp://127.0.0.1:9", "TRUSTED_PROXY_COUNT": "1"}
    # As many workers as the portal has by itself; bench measures a single one.
    more |= {"DJANGO_SETTINGS_MODULE": "vernetzt.settings", "GUNICORN_CMD_ARGS": "--workers 2"}
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
    run = Run()
    call, officers = make_world(run, options.officers)
    server = stack.enter_context(bench.serving("vernetzt.wsgi", "/readyz/", environment))
    run.port, run.deadline = server.port, time.time() + options.seconds
    call.closes_at = dt.datetime.fromtimestamp(run.deadline, dt.UTC)
    call.save()
    print(f"{len(officers)} officers, the last of them late; deadline in {options.seconds} s.")
    threads = [threading.Thread(target=officer.live, daemon=True) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(run)
    submissions = import_module("calls.models").Submission.objects
    in_grace = submissions.filter(sent_at__gte=call.closes_at).count()
    missing = submissions.without_receipt().count()
    import_module("calls.actions").write_receipts()
    print(f"\n{in_grace} sent after the deadline, in its minutes of grace")
    print(f"{missing} receipts were left to run_jobs\n")
    checks = checks_of(run, call, officers)
    for promise, (found, wanted) in checks.items():
        print(f"{'yes' if found == wanted else 'NO':<5}{promise}")
        if found != wanted:
            print(f"     {alone(found, wanted)!r:.600}\n     not {alone(wanted, found)!r:.600}")
    return all(found == wanted for found, wanted in checks.values())


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--officers", type=int, default=50, help="who apply in time (50)")
    parser.add_argument("--seconds", type=int, default=60, help="until the deadline (60)")
    options = parser.parse_args()
    server = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    bench.ADMIN_URL = server if server.startswith("postgres") else bench.ADMIN_URL
    # Being told to stop must stop the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with contextlib.ExitStack() as stack:
            return 0 if apply_and_check(options, stack) else 1
    except bench.BenchError as error:
        print(f"Benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
