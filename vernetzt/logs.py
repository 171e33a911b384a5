"""JSON log lines with the request's id and without personal data."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

#: Id of the request that this thread answers; empty outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, request id, extra ``data``.

    JSON escapes line breaks and control characters, so that no visitor can forge a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            entry["request_id"] = current
        entry.update(getattr(record, "data", {}))
        if record.exc_info:
            # The database quotes the row that it refused, with whatever it holds.
            lines = self.formatException(record.exc_info).splitlines()
            entry["exception"] = "\n".join(line for line in lines if not is_detail(line))
        return json.dumps(entry, ensure_ascii=True, default=str)


class RouteForPath(logging.Filter):
    """Writes the route of a request where Django would write its path, which may end in a token.

    Escaped by Django or not, a path is what begins with a slash in the message of a request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the path, by ``-`` where no address fits it; let every record through."""
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        route = f"/{match.route}" if match else "-"
        if isinstance(record.args, tuple):
            record.args = tuple(
                route if isinstance(arg, str) and arg.startswith("/") else arg
                for arg in record.args
            )
        return True


def is_detail(line: str) -> bool:
    """Tell whether a line of a fault is PostgreSQL's quotation of a row."""
    return line.lstrip().startswith("DETAIL:")
