"""`manage.py run_jobs` against a real mail server on a real port."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier, Thread, get_ident

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from post_office.models import STATUS, Email, Log

from core.management.commands import run_jobs
from core.management.commands.run_jobs import run_all, send_due_mails
from tests.factories import UserFactory
from tests.faults import kept_log
from tests.smtp_sink import Sink

ROOT = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
#: Seconds after which a process that hangs fails its test.
PATIENCE = 60


@pytest.fixture
def sink(settings):
    """A mail server that works, and settings that lead to it."""
    with Sink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 20
        settings.POST_OFFICE = {
            **settings.POST_OFFICE,
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "MAX_RETRIES": 5,
        }
        yield server


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def queue(*addresses):
    """Put one mail for each address into the queue."""
    for address in addresses:
        send_mail("Subject", "Text", "portal@example.org", [address])


def row(address="ada@example.org"):
    return Email.objects.get(to=address)


def counts(sent=0, postponed=0, given_up=0, waiting=0):
    return {"sent": sent, "postponed": postponed, "given_up": given_up, "waiting": waiting}


# Sending


@pytest.mark.django_db
def test_queued_mail_is_sent_once(sink):
    queue("ada@example.org")

    first, second = send_due_mails(), send_due_mails()

    assert (first, second) == (counts(sent=1), counts())
    assert sink.reached == ["ada@example.org"]
    assert sink.deliveries[0].sender == "portal@example.org"
    assert row().status == STATUS.sent
    assert [log.status for log in row().logs.all()] == [STATUS.sent]


@pytest.mark.django_db
def test_mails_of_a_run_share_one_connection(sink):
    queue("ada@example.org", "ben@example.org", "cid@example.org")

    send_due_mails()

    assert sink.reached == ["ada@example.org", "ben@example.org", "cid@example.org"]
    assert sink.connections == 1


@pytest.mark.django_db
def test_mail_with_a_later_date_waits_for_it(sink, clock):
    queue("ada@example.org")
    Email.objects.update(scheduled_time=NOW + MINUTE)

    before = send_due_mails()
    clock.shift(MINUTE)
    after = send_due_mails()

    assert (before, after) == (counts(waiting=1), counts(sent=1))


@pytest.mark.django_db
def test_mail_past_its_last_moment_is_not_sent(sink, clock):
    queue("ada@example.org")
    Email.objects.update(expires_at=NOW)

    assert send_due_mails() == counts(waiting=1)
    assert sink.reached == []


@pytest.mark.django_db
def test_mail_waits_while_the_server_is_down_and_is_sent_once_when_it_is_back(sink, clock):
    queue("ada@example.org")
    sink.stop()

    down = send_due_mails()
    kept = row()
    sink.start()
    too_early = send_due_mails()
    clock.shift(MINUTE)
    back = [send_due_mails(), send_due_mails()]

    assert (down, too_early) == (counts(postponed=1, waiting=1), counts(waiting=1))
    assert (kept.status, kept.scheduled_time) == (STATUS.requeued, NOW + MINUTE)
    assert [log.exception_type for log in kept.logs.filter(status=STATUS.failed)] == [
        "ConnectionRefusedError"
    ]
    assert back == [counts(sent=1), counts()]
    assert sink.reached == ["ada@example.org"]


@pytest.mark.django_db
def test_outage_costs_only_the_first_mail_a_try(sink, clock):
    queue("ada@example.org", "ben@example.org")
    sink.stop()

    down = send_due_mails()
    sink.start()
    back = send_due_mails()

    assert down == counts(postponed=1, waiting=2)
    assert back == counts(sent=1, waiting=1)
    assert sink.reached == ["ben@example.org"]


@pytest.mark.django_db
def test_outage_of_days_gives_no_mail_up(sink, clock):
    queue("ada@example.org")
    sink.stop()

    for _ in range(20):
        assert send_due_mails() == counts(postponed=1, waiting=1)
        clock.move_to(row().scheduled_time)
    sink.start()
    sink.busy = 1
    greylisted = send_due_mails()
    clock.move_to(row().scheduled_time)
    sent = send_due_mails()

    assert (greylisted, sent) == (counts(postponed=1, waiting=1), counts(sent=1))


@pytest.mark.django_db
def test_outage_does_not_use_up_the_last_try(sink, clock):
    queue("ada@example.org")
    Email.objects.update(number_of_retries=5)
    sink.stop()

    down = send_due_mails()
    sink.start()
    clock.move_to(row().scheduled_time)

    assert (down, send_due_mails()) == (counts(postponed=1, waiting=1), counts(sent=1))


@pytest.mark.django_db
@pytest.mark.parametrize("greets", [False, True])
def test_server_that_does_not_answer_is_left_after_the_timeout(sink, settings, greets):
    queue("ada@example.org")
    settings.EMAIL_TIMEOUT = 0.2
    sink.greets, sink.hangs = greets, 1

    assert send_due_mails() == counts(postponed=1, waiting=1)
    assert row().status == STATUS.requeued
    assert sink.reached == []


@pytest.mark.django_db
def test_refused_address_does_not_hold_up_the_next_mail(sink):
    queue("nobody@example.org", "ada@example.org")
    sink.refused = {"nobody@example.org"}

    with kept_log("vernetzt.jobs") as lines:
        result = send_due_mails()

    assert result == counts(sent=1, postponed=1, waiting=1)
    assert sink.reached == ["ada@example.org"]
    (entry,) = lines.entries
    assert (entry["error"], entry["reply"]) == ("SMTPRecipientsRefused", 550)
    assert entry["next_try_in_minutes"] == 1
    assert "nobody@" in row("nobody@example.org").logs.get().message
    assert "nobody@" not in "".join(lines.written)


@pytest.mark.django_db
def test_line_that_drops_in_the_middle_is_tried_again_and_the_mail_arrives_once(sink, clock):
    queue("ada@example.org", "ben@example.org")
    message_id = row().message_id
    sink.drops = 1

    dropped = send_due_mails()
    clock.shift(MINUTE)
    again = send_due_mails()

    assert (dropped, again) == (counts(sent=1, postponed=1, waiting=1), counts(sent=1))
    assert sink.reached == ["ben@example.org", "ada@example.org"]
    assert sink.deliveries[1].message["Message-ID"] == message_id


@pytest.mark.django_db
def test_mail_refused_for_the_moment_arrives_at_the_next_try(sink, clock):
    queue("ada@example.org")
    sink.busy = 1

    busy = send_due_mails()
    clock.shift(MINUTE)
    again = send_due_mails()

    assert (busy, again) == (counts(postponed=1, waiting=1), counts(sent=1))
    assert sink.reached == ["ada@example.org"]


@pytest.mark.django_db
def test_pauses_grow_until_the_mail_is_given_up_and_logged(sink, clock):
    queue("nobody@example.org")
    sink.refused = {"nobody@example.org"}
    pauses = []

    with kept_log("vernetzt.jobs", logging.ERROR) as lines:
        while (mail := row("nobody@example.org")).status != STATUS.failed:
            if mail.scheduled_time:
                pauses.append((mail.scheduled_time - timezone.now()) // MINUTE)
                clock.move_to(mail.scheduled_time)
            send_due_mails()

    assert pauses == [1, 5, 15, 60, 240]
    assert Log.objects.filter(email=mail, status=STATUS.failed).count() == 6
    assert [(entry["message"], entry["mail"]) for entry in lines.entries] == [
        ("A mail was given up.", mail.pk)
    ]
    clock.shift(dt.timedelta(days=1))
    assert send_due_mails() == counts()


@pytest.mark.django_db
def test_mail_that_cannot_be_built_does_not_hold_up_the_next(sink):
    queue("ada@example.org", "ben@example.org")
    Email.objects.filter(to="ada@example.org").update(subject="two\nlines")

    assert send_due_mails() == counts(sent=1, postponed=1, waiting=1)
    assert row().logs.get().exception_type == "BadHeaderError"


@pytest.mark.django_db
def test_mail_for_an_unknown_way_does_not_hold_up_the_next(sink):
    queue("ada@example.org", "ben@example.org")
    Email.objects.filter(to="ada@example.org").update(backend_alias="pigeon")

    assert send_due_mails() == counts(sent=1, postponed=1, waiting=1)


@pytest.mark.django_db
def test_mail_claimed_by_another_process_is_left_to_it(sink, clock):
    queue("ada@example.org")

    run_jobs.claim_mail(row().pk)
    others = send_due_mails()
    second_claim = run_jobs.claim_mail(row().pk)

    assert (others, second_claim) == (counts(waiting=1), None)
    assert sink.reached == []


@pytest.mark.django_db
def test_mail_of_a_process_that_died_is_sent_after_the_claim(sink, clock):
    queue("ada@example.org")
    run_jobs.claim_mail(row().pk)

    clock.shift(run_jobs.CLAIM)

    assert send_due_mails() == counts(sent=1)


@pytest.mark.django_db
def test_long_queue_leaves_the_other_jobs_their_turn(sink, clock):
    queue("ada@example.org", "ben@example.org", "cid@example.org")
    sink.before_taking = lambda: clock.shift(run_jobs.TURN / 2)

    assert send_due_mails() == counts(sent=2, waiting=1)


@pytest.mark.django_db
def test_no_further_mail_is_sent_when_the_process_shall_end(sink):
    queue("ada@example.org", "ben@example.org")

    result = send_due_mails(stopping=lambda: bool(sink.deliveries))

    assert result == counts(sent=1, waiting=1)


# Tidying up


@pytest.mark.django_db
def test_mails_older_than_the_limit_are_deleted_with_their_log(settings, clock):
    settings.MAIL_RETENTION_DAYS = 10
    queue("old@example.org", "young@example.org")
    Email.objects.filter(to="old@example.org").update(
        created=NOW - dt.timedelta(days=10, seconds=1), status=STATUS.sent
    )
    Email.objects.filter(to="young@example.org").update(created=NOW - dt.timedelta(days=10))
    Log.objects.create(email=row("old@example.org"), status=STATUS.sent)

    assert run_jobs.delete_old_mails() == 1
    assert row("young@example.org")
    assert Log.objects.count() == 0


@pytest.mark.django_db
def test_mails_are_kept_for_thirty_days_by_default(settings, clock):
    if hasattr(settings, "MAIL_RETENTION_DAYS"):
        del settings.MAIL_RETENTION_DAYS
    queue("old@example.org", "young@example.org")
    Email.objects.filter(to="old@example.org").update(created=NOW - dt.timedelta(days=31))
    Email.objects.filter(to="young@example.org").update(created=NOW - dt.timedelta(days=29))

    assert run_jobs.delete_old_mails() == 1
    assert row("young@example.org")


def signed_in(user):
    """Return the key of a new session of a person, listed among the devices."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, user, backend="accounts.backends.SignInBackend")
    request.session.save()
    key = request.session.session_key
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key=key)
    return key


@pytest.mark.django_db
def test_session_that_is_over_leaves_both_tables(settings, clock):
    user = UserFactory()
    signed_in(user)
    clock.shift(dt.timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    young = signed_in(user)

    assert run_jobs.clear_sessions() == 1
    assert [session.session_key for session in Session.objects.all()] == [young]
    assert [entry.session_key for entry in UserSession.objects.all()] == [young]


@pytest.mark.django_db
def test_extended_session_stays_on_the_list_of_devices(settings, clock):
    key = signed_in(UserFactory())
    clock.shift(dt.timedelta(seconds=settings.SESSION_COOKIE_AGE - 60))
    session = SessionStore(key)
    session["page"] = 1
    session.save()
    clock.shift(dt.timedelta(minutes=2))

    assert run_jobs.clear_sessions() == 0
    assert UserSession.objects.get().session_key == key


@pytest.mark.django_db
def test_sessions_that_cannot_be_over_are_not_asked(django_assert_num_queries):
    signed_in(UserFactory())

    with django_assert_num_queries(2):
        assert run_jobs.clear_sessions() == 0


# The registry


def remind():
    """A job that has done three things."""
    return 3


def tell_an_address():
    """A job that returns what does not belong into a log."""
    return "ada@example.org"


def lose_the_table():
    """A job that breaks the database's transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


def job(function):
    return f"{__name__}.{function.__name__}"


@pytest.fixture
def registered(settings):
    """Return a function that fills the registry."""

    def register(*paths):
        settings.JOBS = list(paths)

    return register


@pytest.mark.django_db
def test_run_writes_one_line_with_counts_and_no_address(sink, registered):
    registered(job(remind), job(tell_an_address))
    queue("ada@example.org")

    with kept_log("vernetzt.jobs", logging.INFO) as lines:
        failed = run_all()

    (entry,) = lines.entries
    assert failed == []
    assert entry["message"] == "Jobs have run."
    assert entry["failed"] == []
    assert entry["seconds"] >= 0
    assert entry["jobs"] == {
        "send_mails": counts(sent=1),
        "delete_old_mails": 0,
        "clear_sessions": 0,
        job(remind): 3,
        job(tell_an_address): None,
    }
    assert "@" not in lines.written[0]


@pytest.mark.django_db
def test_job_that_fails_is_logged_and_the_next_one_runs(registered):
    registered(job(lose_the_table), "no.such.job", job(remind))

    with kept_log("vernetzt.jobs", logging.INFO) as lines:
        failed = run_all()

    assert failed == [job(lose_the_table), "no.such.job"]
    *errors, summary = lines.entries
    assert [entry["job"] for entry in errors] == failed
    assert "no_such_table" in errors[0]["exception"]
    assert "ModuleNotFoundError" in errors[1]["exception"]
    assert summary["failed"] == failed
    assert summary["jobs"][job(remind)] == 3


@pytest.mark.django_db
def test_no_further_job_begins_when_the_process_shall_end(registered):
    registered(job(remind))

    with kept_log("vernetzt.jobs", logging.INFO) as lines:
        run_all(stopping=lambda: True)

    assert lines.entries[0]["jobs"] == {}


@pytest.mark.django_db
def test_timer_sees_a_failed_job_by_the_exit_code(registered):
    registered("no.such.job")

    with kept_log("vernetzt.jobs"), pytest.raises(CommandError, match=r"no\.such\.job"):
        call_command("run_jobs", "--once")


@pytest.mark.django_db
def test_command_gives_the_signals_back(registered):
    registered()
    before = signal.getsignal(signal.SIGTERM)

    call_command("run_jobs", "--once")

    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("seconds", ["0", "-5"])
def test_pause_below_a_second_is_refused(seconds):
    with pytest.raises(CommandError, match="--every"):
        call_command("run_jobs", f"--every={seconds}")


# Real processes


@pytest.fixture
def database_url(transactional_db, tmp_path):
    """Return a function that tells where other processes find what this test has stored."""

    def address():
        if connection.vendor == "sqlite":
            copy = tmp_path / "jobs.sqlite3"
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
            # As `migrate` leaves every database: two processes that both turn a file to WAL do not
            # wait for each other, one of them is told at once that the database is locked.
            with closing(sqlite3.connect(copy)) as journal:
                journal.execute("PRAGMA journal_mode=WAL")
            return f"sqlite:///{copy}"
        place = connection.settings_dict
        password = f":{place['PASSWORD']}" if place["PASSWORD"] else ""
        host = f"{place['HOST']}:{place['PORT'] or 5432}"
        return f"postgres://{place['USER']}{password}@{host}/{place['NAME']}"

    return address


@contextmanager
def jobs_process(sink, url, *options):
    """Run the command as an operator does."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_jobs", *options],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "DJANGO_ENV": "demo",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run_of(output):
    """Return what a process wrote about its one run."""
    entries = [json.loads(line) for line in output.splitlines()]
    (entry,) = [entry for entry in entries if entry["message"] == "Jobs have run."]
    assert entries == [entry]
    return entry["jobs"]["send_mails"]


def test_second_process_leaves_a_mail_that_the_first_is_sending(sink, database_url):
    queue("ada@example.org")
    url = database_url()
    outputs = []

    def let_the_second_run():
        sink.before_taking = lambda: None
        with jobs_process(sink, url, "--once") as second:
            outputs.append(second.communicate(timeout=PATIENCE / 4)[1])

    sink.before_taking = let_the_second_run
    with jobs_process(sink, url, "--once") as first:
        outputs.append(first.communicate(timeout=PATIENCE)[1])

    assert [run_of(output) for output in outputs] == [counts(waiting=1), counts(sent=1)]
    assert sink.reached == ["ada@example.org"]


def test_two_processes_at_once_send_each_mail_once(sink, database_url):
    addresses = [f"person-{number:02d}@example.org" for number in range(40)]
    queue(*addresses)
    url, both, met, outputs = database_url(), Barrier(2, timeout=PATIENCE / 4), set(), []

    def wait_for_the_other():
        if get_ident() not in met:  # the thread of one process's connection
            met.add(get_ident())
            both.wait()

    def run_once():
        with jobs_process(sink, url, "--once") as process:
            outputs.append(process.communicate(timeout=PATIENCE)[1])

    sink.before_taking = wait_for_the_other
    other = Thread(target=run_once)
    other.start()
    run_once()
    other.join()

    assert sorted(sink.reached) == addresses
    shares = [run_of(output)["sent"] for output in outputs]
    assert sum(shares) == 40
    assert min(shares) > 0


def test_process_that_shall_end_brings_the_current_mail_to_its_end(sink, database_url):
    queue("ada@example.org", "ben@example.org")
    url = database_url()

    with jobs_process(sink, url, "--every=600") as process:
        sink.before_taking = lambda: process.send_signal(signal.SIGTERM)
        _, output = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert run_of(output) == counts(sent=1, waiting=1)
    assert sink.reached == ["ada@example.org"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_that_waits_ends_at_once(sink, database_url, number):
    with jobs_process(sink, database_url(), "--every=600") as process:
        line = process.stderr.readline()
        process.send_signal(number)
        _, rest = process.communicate(timeout=PATIENCE)

    assert (process.returncode, rest) == (0, "")
    assert run_of(line) == counts()


def test_process_runs_again_after_the_pause_on_a_new_connection_if_need_be(sink, database_url):
    with jobs_process(sink, database_url(), "--every=2") as process:
        lines = [process.stderr.readline()]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        lines.append(process.stderr.readline())

    assert [run_of(line) for line in lines] == [counts(), counts()]


def test_port_of_a_stopped_sink_is_closed():
    with Sink() as server:
        server.stop()
        with socket.socket() as visitor:
            refused = visitor.connect_ex(("127.0.0.1", server.port))
        server.start()

    assert refused != 0
