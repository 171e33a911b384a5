"""The virus scanner: what is cleared passes, everything else is refused."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.files import check_upload, scan, scanner

PDF = b"%PDF-1.7\n<< /Type /Catalog >>\nstartxref\n9\n%%EOF\n"
ENDLESS = b"x" * 5_000


class StandIn:
    """Answers one connection as clamd does to INSTREAM and remembers what it was sent.

    A file that begins with ``hang up`` it does not listen to.
    """

    def __init__(self, listener: socket.socket, answer: bytes | None) -> None:
        self.listener, self.answer, self.received = listener, answer, b""
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        """Read pieces until the empty one, then answer; ``None`` is silence."""
        try:
            connection, _address = self.listener.accept()
        except OSError:
            return  # nobody asked
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += stream.read(length)
                if self.received.startswith(b"hang up"):
                    return
            if self.answer is None:
                self.is_over.wait(10)
            else:
                connection.sendall(self.answer)
            if self.answer == ENDLESS:
                self.is_over.wait(10)


@contextmanager
def clamd(settings, answer: bytes | None, path: Path | None = None) -> Iterator[StandIn]:
    """Set a scanner that gives this answer, on a port or a socket in the file system."""
    with socket.socket(socket.AF_UNIX if path else socket.AF_INET) as listener:
        listener.bind(str(path) if path else ("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(10)
        port = "" if path else listener.getsockname()[1]
        settings.CLAMAV_URL = f"unix://{path}" if path else f"tcp://127.0.0.1:{port}"
        server = StandIn(listener, answer)
        try:
            yield server
        finally:
            server.is_over.set()
            server.thread.join()


def code_of(content: bytes = PDF) -> str | None:
    """Return the code under which a file is refused."""
    with pytest.raises(ValidationError) as refused:
        check_upload(SimpleUploadedFile("a.pdf", content))
    return refused.value.code


@pytest.mark.parametrize("place", ["port", "path"])
def test_scanner_is_sent_all_of_a_file_and_clears_it(settings, tmp_path, place):
    content = PDF.replace(b"Catalog", bytes(range(256)) * 1_000)

    with clamd(settings, b"stream: OK\0", tmp_path / "c" if place == "path" else None) as server:
        scan(content)

    assert server.received == content


def test_checked_upload_was_sent_to_the_scanner(settings):
    with clamd(settings, b"stream: OK\0") as server:
        check_upload(SimpleUploadedFile("a.pdf", PDF))

    assert server.received == PDF


def test_picture_is_scanned_as_it_was_sent(settings):
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "PNG")
    sent = file.getvalue() + b"what is lost when it is drawn anew"

    with clamd(settings, b"stream: OK\0") as server:
        checked = check_upload(SimpleUploadedFile("a.png", sent))

    assert server.received == sent
    assert checked.content != sent


def test_infected_file_is_refused(settings, caplog):
    with clamd(settings, b"stream: Eicar-Test-Signature FOUND\0"):
        assert code_of() == "infected"

    assert [record.data for record in caplog.records] == [{"virus": "Eicar-Test-Signature"}]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"stream: O",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"stream: OKAY\0",
        b"not stream: OK\0",
        b"\xff\xfe\0",
    ],
)
def test_odd_answer_refuses_the_file(settings, caplog, answer):
    with clamd(settings, answer):
        assert code_of() == "unchecked"

    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_silent_scanner_refuses_the_file(settings, monkeypatch, caplog):
    monkeypatch.setattr(scanner, "SECONDS", 0.2)

    with clamd(settings, None):
        assert code_of() == "unchecked"

    assert "timed out" in caplog.records[0].data["answer"]


def test_answer_without_an_end_is_not_waited_for(settings, monkeypatch, caplog):
    monkeypatch.setattr(scanner, "SECONDS", 3)

    with clamd(settings, ENDLESS):
        assert code_of() == "unchecked"

    assert caplog.records[0].data["answer"] == ""


def test_scanner_that_hangs_up_refuses_the_file(settings):
    with clamd(settings, b"stream: OK\0"), pytest.raises(ValidationError) as refused:
        scan(b"hang up" * 2_000_000)

    assert refused.value.code == "unchecked"


def test_nobody_at_the_port_refuses_the_file(settings, caplog):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{unused.getsockname()[1]}"

        assert code_of() == "unchecked"

    assert "refused" in caplog.records[0].data["answer"]


def test_nobody_at_the_path_refuses_the_file(settings, tmp_path):
    settings.CLAMAV_URL = f"unix://{tmp_path}/clamd.ctl"

    assert code_of() == "unchecked"


def test_without_a_scanner_nobody_is_asked(settings, monkeypatch):
    settings.CLAMAV_URL = ""
    monkeypatch.setattr(scanner, "connected", lambda: pytest.fail("somebody was asked"))

    assert check_upload(SimpleUploadedFile("a.pdf", PDF)).content == PDF
