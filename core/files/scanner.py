"""The optional virus scanner, ClamAV's clamd, spoken to in its own few words."""

from __future__ import annotations

import logging
import re
import socket
from urllib.parse import urlsplit

from django.conf import settings

from core.files.faults import fault

SECONDS = 30
PIECE = 65_536
LONGEST_ANSWER = 1_000
logger = logging.getLogger("vernetzt.files")


def scan(content: bytes) -> None:
    """Raise :class:`ValidationError` unless the scanner, where one is set, clears ``content``.

    Whatever keeps it from giving a verdict refuses the file and is told to the operator.
    """
    if not settings.CLAMAV_URL:
        return
    try:
        answer = answer_to(content)
    except OSError as error:
        answer = f"{type(error).__name__}: {error.strerror or error}"
    if answer == "stream: OK":
        return
    if found := re.fullmatch(r"stream: (.+) FOUND", answer):
        logger.warning("The virus scanner refused a file.", extra={"data": {"virus": found[1]}})
        raise fault("infected")
    logger.error("The virus scanner gave no verdict.", extra={"data": {"answer": answer}})
    raise fault("unchecked")


def answer_to(content: bytes) -> str:
    """Return what clamd says to ``content``; raises :class:`OSError` if it cannot be asked.

    Its command INSTREAM takes pieces that follow their length (4 bytes, the largest first), the
    last of them empty: https://docs.clamav.net/manual/Usage/Scanning.html#clamd
    """
    with connected() as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            connection.sendall(len(piece).to_bytes(4, "big") + piece)
        connection.sendall(bytes(4))
        answer = b""
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
            if not (received := connection.recv(LONGEST_ANSWER)):
                break  # it closed before the end of an answer, which then is none
            answer += received
    return answer.decode("utf-8", "replace").removesuffix("\0") if b"\0" in answer else ""


def connected() -> socket.socket:
    """Return a connection to the scanner; raises :class:`OSError` if there is none."""
    address = urlsplit(settings.CLAMAV_URL)
    if address.scheme == "tcp":
        return socket.create_connection((address.hostname, address.port or 3310), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(SECONDS)
        connection.connect(address.path)
    except OSError:
        connection.close()
        raise
    return connection
