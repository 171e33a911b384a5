"""``manage.py run_jobs``: the process beside the web that sends mails, tidies up and calls jobs.

Mails are claimed one by one with a conditional update before they are sent, so that any number of
these processes, on any number of machines, sends each mail once. post_office's own ``send_queued``
is not used: it locks by a file of one machine, notes what it sent only after a whole batch (a
process that is killed would send up to a hundred mails again) and knows one pause for all retries.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Self

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from post_office.connections import connections
from post_office.models import STATUS, Email, Log
from post_office.settings import get_max_retries
from post_office.utils import cleanup_expired_mails

from core.outbox import put_calendar_beside_text

logger = logging.getLogger("vernetzt.jobs")

#: How long a mail waits after its first, second, … failure; the last one counts for all further.
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
#: How long a claimed mail belongs to its process: longer than any server may take for one mail,
#: and the time after which the mail of a killed process is tried again.
CLAIM = dt.timedelta(minutes=15)
#: How long one run sends before the other jobs have their turn; the rest waits for the next run.
TURN = dt.timedelta(minutes=5)

Job = Callable[[], object]


class Command(BaseCommand):
    """Runs all jobs, again and again or once."""

    help = "Send queued mails, delete what is out of date and call every job in settings.JOBS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the switches."""
        parser.add_argument("--once", action="store_true", help="run once, for a timer")
        parser.add_argument(
            "--every", type=int, default=60, metavar="SECONDS", help="the pause between two runs"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; these let the current mail or job come to its end.

        Raises :class:`CommandError` for a pause below one second and, with ``--once``, when a job
        failed: the timer that called sees it by the exit code.
        """
        if options["every"] < 1:
            raise CommandError("--every: expected at least one second.")
        with StopRequest() as stop:
            while True:
                failed = run_all(stopping=stop.asked)
                if options["once"] or stop.wait(options["every"]):
                    break
                # What the database server closed during the pause must not fail the next run.
                close_old_connections()
        if options["once"] and failed:
            raise CommandError(f"Failed, see the log: {', '.join(failed)}")


class StopRequest:
    """SIGTERM and Ctrl-C, kept until somebody asks for them; a context of the main thread."""

    SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        # Of all queues and events only this one may be filled from within a signal.
        self._arrived: SimpleQueue[int] = SimpleQueue()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._keep) for number in self.SIGNALS}
        return self

    def __exit__(self, *_error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _keep(self, number: int, _frame: FrameType | None) -> None:
        self._arrived.put(number)

    def asked(self) -> bool:
        """Tell whether the process was asked to end."""
        return not self._arrived.empty()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the process is asked to end; tell whether it was."""
        try:
            self._arrived.get(timeout=seconds)
        except Empty:
            return False
        return True


def run_all(stopping: Callable[[], bool] = lambda: False) -> list[str]:
    """Run every job once, write one line about it and return the names of those that failed.

    ``stopping`` is asked before each job and each mail. A job that raises is logged and takes
    nothing from the others. The line holds numbers only, never an address: of what a job returns,
    whole numbers.
    """
    began = time.monotonic()
    jobs: dict[str, Job] = {
        "send_mails": partial(send_due_mails, stopping),
        "delete_old_mails": delete_old_mails,
        "clear_sessions": clear_sessions,
    }
    for path in getattr(settings, "JOBS", []):
        jobs[path] = partial(call, path)
    counts: dict[str, object] = {}
    failed: list[str] = []
    for name, job in jobs.items():
        if stopping():
            break
        try:
            result = job()
        except Exception:
            logger.exception("A job failed.", extra={"data": {"job": name}})
            failed.append(name)
        else:
            counts[name] = result if isinstance(result, int | Mapping) else None
    seconds = round(time.monotonic() - began, 3)
    data = {"jobs": counts, "failed": failed, "seconds": seconds}
    logger.info("Jobs have run.", extra={"data": data})
    return failed


def call(path: str) -> int | None:
    """Call the function that a dotted path names; return its number, if it returns one."""
    result = import_string(path)()
    return result if isinstance(result, int) else None


def send_due_mails(stopping: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Send what is due and return how many mails were sent, postponed, given up, and still wait.

    When the server cannot be reached, the run ends with the first mail: the others are not to blame
    and stay due.
    """
    counts = {"sent": 0, "postponed": 0, "given_up": 0}
    began = timezone.now()
    due = due_mails(began).order_by("-priority", "pk").values_list("pk", flat=True)
    try:
        for pk in list(due):
            if stopping() or timezone.now() - began >= TURN:
                break
            mail = claim_mail(pk)
            if mail is None:
                continue
            outcome, reachable = send_mail(mail)
            counts[outcome] += 1
            if not reachable:
                break
    finally:
        hang_up()
    waiting = Email.objects.filter(status__in=[STATUS.queued, STATUS.requeued]).count()
    return counts | {"waiting": waiting}


def due_mails(now: dt.datetime) -> models.QuerySet[Any]:
    """Return the mails that wait for nothing but to be sent."""
    return Email.objects.filter(
        models.Q(scheduled_time=None) | models.Q(scheduled_time__lte=now),
        models.Q(expires_at=None) | models.Q(expires_at__gt=now),
        status__in=[STATUS.queued, STATUS.requeued],
    )


def claim_mail(pk: int) -> Any:
    """Take a mail for this process and return it, or ``None`` when another one has it.

    The database lets only one of two simultaneous updates still find the mail due. A process that
    dies leaves the mail to be tried again after ``CLAIM``.
    """
    now = timezone.now()
    taken = due_mails(now).filter(pk=pk).update(scheduled_time=now + CLAIM, last_updated=now)
    return Email.objects.filter(pk=pk).first() if taken else None


def send_mail(mail: Any) -> tuple[str, bool]:
    """Send a claimed mail; return what became of it and whether the server could be reached."""
    line = None
    try:
        line = connections[mail.backend_alias or "default"]
        # The message that it builds here is the one that it sends.
        put_calendar_beside_text(mail.email_message())
        mail.dispatch(commit=False, disconnect_after_delivery=False, connection=line)
    except Exception as error:  # noqa: BLE001 - whatever it is, this mail waits and the next goes on
        # What the server was told is unknown now; the next mail begins anew.
        hang_up()
        reachable = line is not None or not isinstance(error, OSError)
        return postpone_mail(mail, error, reachable=reachable), reachable
    now = timezone.now()
    with transaction.atomic():
        note(mail, status=STATUS.sent, scheduled_time=now)
        Log.objects.create(email=mail, status=STATUS.sent)
    return "sent", True


def postpone_mail(mail: Any, error: Exception, *, reachable: bool) -> str:
    """Set the moment of the next try, or give the mail up after ``MAX_RETRIES`` of them.

    A server that cannot be reached says nothing about the mail: it waits longer each time, but
    keeps at least one more retry, so that an outage of days loses nothing.
    """
    most: int = get_max_retries()  # type: ignore[no-untyped-call]
    retries = mail.number_of_retries or 0
    given_up = reachable and retries >= most
    pause = PAUSES[min(retries, len(PAUSES) - 1)]
    now, kind = timezone.now(), type(error).__name__
    with transaction.atomic():
        if given_up:
            note(mail, status=STATUS.failed, scheduled_time=now)
        else:
            counted = retries + 1 if reachable else max(retries, min(retries + 1, most - 1))
            note(
                mail,
                status=STATUS.requeued,
                scheduled_time=now + pause,
                number_of_retries=counted,
            )
        Log.objects.create(
            email=mail, status=STATUS.failed, message=str(error), exception_type=kind
        )
    # What the server said may hold the address: that stays in the database.
    data = {"mail": mail.pk, "error": kind, "reply": reply_code(error)}
    if given_up:
        logger.error("A mail was given up.", extra={"data": data})
        return "given_up"
    data["next_try_in_minutes"] = pause // dt.timedelta(minutes=1)
    logger.warning("A mail could not be sent.", extra={"data": data})
    return "postponed"


def note(mail: Any, **values: object) -> None:
    """Write into the row of a mail, past the validation that would read the address again."""
    Email.objects.filter(pk=mail.pk).update(**values, last_updated=timezone.now())


def reply_code(error: Exception) -> int | None:
    """Return the number that the mail server answered, if it answered."""
    refused = getattr(error, "recipients", None)
    if isinstance(refused, dict) and refused:
        return int(next(iter(refused.values()))[0])
    return getattr(error, "smtp_code", None)


def hang_up() -> None:
    """Close the connection to the mail server; one that is broken already is closed enough."""
    try:
        connections.close()  # type: ignore[no-untyped-call]
    except OSError:
        logger.warning("The connection to the mail server did not close cleanly.")


def delete_old_mails() -> int:
    """Delete mails, sent or not, that are older than ``MAIL_RETENTION_DAYS``, and return how many.

    They hold addresses and links. Their log and attachments go with them.
    """
    days = getattr(settings, "MAIL_RETENTION_DAYS", 30)
    oldest = timezone.now() - dt.timedelta(days=days)
    mails, _attachments = cleanup_expired_mails(oldest)  # type: ignore[no-untyped-call]
    return int(mails)


def clear_sessions() -> int:
    """Delete sessions that are over, and return how many left the lists of people's devices."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    # Younger ones cannot have expired; a session that was extended answers for itself.
    oldest = timezone.now() - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return sum(entry.purge() for entry in list(UserSession.objects.filter(last_seen_at__lt=oldest)))
