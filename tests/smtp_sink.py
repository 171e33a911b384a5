"""A mail server on a real port that keeps what it is sent, and can misbehave in known ways."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Self, cast


@dataclass(frozen=True)
class Delivery:
    """A mail that the server took, with the envelope beside it."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class Sink:
    """The server; a context that listens on ``port`` from start to end.

    ``refused`` holds addresses that get a 550. ``drops``, ``busy`` and ``hangs`` say how many of
    the next mails meet a closed line instead of the answer to DATA, a 451 to their recipient, or no
    answer to DATA until the client gives up. ``greets`` switched off, no connection is answered.
    ``before_taking`` is called, in the server's thread, before a mail is taken.
    """

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.refused: set[str] = set()
        self.drops = self.busy = self.hangs = self.connections = 0
        self.greets = True
        self.before_taking: Callable[[], object] = lambda: None
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def reached(self) -> list[str]:
        """The recipients of all mails taken, in order of arrival."""
        return [address for delivery in self.deliveries for address in delivery.recipients]

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), _Session)
        self._server.sink = self
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.01,)).start()

    def stop(self) -> None:
        """Close the port; whoever comes now is refused."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    sink: Sink


class _Session(socketserver.StreamRequestHandler):
    """One connection: RFC 5321 as far as Django's client speaks it."""

    def handle(self) -> None:
        self.sink = cast("_Server", self.server).sink
        self.sink.connections += 1
        if not self.sink.greets:
            self.rfile.read()
            return
        try:
            self.converse()
        except ConnectionError:
            return  # the client was faster

    def converse(self) -> None:
        self.answer("220 sink")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            address = rest.partition("<")[2].partition(">")[0]
            match verb.upper():
                case "MAIL":
                    self.sender, self.recipients = address, list[str]()
                    self.answer("250 OK")
                case "RCPT":
                    self.answer(self.opinion_of(address))
                case "DATA":
                    self.answer("354 Go on")
                    if not self.take():
                        return
                case "QUIT":
                    self.answer("221 Bye")
                    return
                case _:
                    self.answer("250 OK")

    def opinion_of(self, address: str) -> str:
        if address in self.sink.refused:
            return f"550 No such person: {address}"
        if self.sink.busy:
            self.sink.busy -= 1
            return "451 Come back later"
        self.recipients.append(address)
        return "250 OK"

    def take(self) -> bool:
        """Read a mail and keep it; tell whether the conversation goes on."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.sink.drops:
            self.sink.drops -= 1
            return False
        if self.sink.hangs:
            self.sink.hangs -= 1
            self.rfile.read()
            return False
        self.sink.before_taking()
        message = cast("EmailMessage", message_from_bytes(b"".join(lines), policy=default))
        self.sink.deliveries.append(Delivery(self.sender, self.recipients, message))
        self.answer("250 Taken")
        return True

    def answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
