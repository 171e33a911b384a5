"""How gunicorn serves the portal; the numbers can be set from the environment."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from gunicorn.glogging import Logger
from gunicorn.http import message, wsgi

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number of at least ``least`` from the environment, or stop and say why."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or int(raw) < least:
        sys.exit(f"{name}: expected a whole number from {least} up, found {raw!r}.")
    return int(raw)


def without_address(record: logging.LogRecord) -> bool:
    """Take the visitor's address out of gunicorn's note about a malformed request."""
    record.msg = re.sub(r"\bip=[^ ]+:(?= )", "a visitor:", str(record.msg))
    return True


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own messages in the format of the application's log."""

    def setup(self, cfg: Any) -> None:
        """Set the handlers up as gunicorn does, then change how they write."""
        from vernetzt.logs import JsonFormatter  # noqa: PLC0415 - the project is on the path only now

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
            handler.addFilter(without_address)


def when_ready(server: Arbiter) -> None:
    """Say where the demo is as soon as it really listens; production writes nothing but JSON."""
    if os.environ.get("DJANGO_ENV", "demo") == "demo":
        port = server.LISTENERS[0].cfg_addr[1]
        print(f"The portal is at http://localhost:{port}/ (Ctrl-C stops it).", flush=True)


bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{number('PORT', 8000, least=1)}"
worker_class = "gthread"
workers = number("WORKERS", 2, least=1)
threads = number("THREADS", 4, least=1)
# With the program in memory once, before the workers are split off, a start takes half the time.
preload_app = True
timeout = 30
graceful_timeout = 20
keepalive = 5
# Workers are renewed now and then, never all at once, so that a leak cannot grow for weeks.
max_requests = number("MAX_REQUESTS", 20_000)
max_requests_jitter = max_requests // 10

# The application writes one line for each request, without personal data.
accesslog = None
errorlog = "-"
loglevel = "info"
logger_class = JsonLogger

# Workers prove that they live by touching a file; on a slow disk that would look like a hang.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Nobody needs a second way in to steer the server.
control_socket_disable = True

# Only proxies that the operator counts may name the visitor's scheme, and nothing else.
forwarded_allow_ips = "*" if number("TRUSTED_PROXY_COUNT", 0) else ""
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}
forwarder_headers = ""

limit_request_fields = 60
limit_request_field_size = 8_190
# A long address deserves a styled answer too. gunicorn stops at 8190 bytes, whatever its own
# setting says, before the application sees the request; the bound is raised, not removed.
message.MAX_REQUEST_LINE = 32_768
limit_request_line = 32_768
# Which server answers, in which version, is nobody's business.
wsgi.SERVER = "vernetzt"
