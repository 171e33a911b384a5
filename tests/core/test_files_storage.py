"""Uploads on the way in, at rest and on the way out, also when the disk is full."""

from __future__ import annotations

import io
import re
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from csp.middleware import CSPMiddleware
from django.conf import settings as portal
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.test import RequestFactory

from core.files import CheckedFile, FileKind, check_upload, download, random_name, store

PDF = b"%PDF-1.7\n<< /Type /Catalog >>\nstartxref\n9\n%%EOF\n"


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let every file take ``room`` bytes at most, as far as this process is concerned."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def checked(content: bytes = PDF) -> CheckedFile:
    """Return a file that may be stored."""
    return check_upload(SimpleUploadedFile("Förderantrag Görlitz.pdf", content))


@pytest.fixture
def received():
    """Return a function that gives uploads as they arrive in a view, through the handlers."""
    requests = []

    def receive(**files: tuple[str, bytes]):
        sent = {field: SimpleUploadedFile(*file) for field, file in files.items()}
        requests.append(RequestFactory().post("/", sent))
        return requests[-1].FILES

    yield receive
    for request in requests:
        request.close()


def stored_files() -> set[Path]:
    """Return all files in the storage."""
    return {path for path in Path(portal.FILES_ROOT).rglob("*") if path.is_file()}


def test_stored_name_is_random_and_tells_nothing():
    names = {random_name(None, "../Görlitz geheim.pdf") for _attempt in range(100)}

    assert len(names) == 100
    assert [
        name for name in names if not re.fullmatch(r"uploads/[0-9a-f]{2}/[0-9a-f]{46}", name)
    ] == []
    assert len({name.split("/")[1] for name in names}) > 50


def test_stored_file_can_be_read_by_the_portal_alone():
    name = store(checked())

    with default_storage.open(name) as file:
        assert file.read() == PDF
    path = Path(default_storage.path(name))
    assert path.is_relative_to(portal.FILES_ROOT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(path.parents)[:2]} == {0o700}


def test_stored_file_has_no_address():
    with pytest.raises(ValueError, match="not accessible via a URL"):
        default_storage.url(store(checked()))


def test_full_disk_leaves_no_half_file_and_recovers(caplog):
    file, before = checked(PDF.replace(b"Catalog", b"x" * 100_000)), stored_files()

    with full_disk(50_000), pytest.raises(ValidationError) as refused:
        store(file)

    assert refused.value.code == "full"
    assert stored_files() == before
    assert caplog.records[0].message == "An upload could not be stored."
    with default_storage.open(store(file)) as kept:
        assert kept.read() == file.content


@pytest.mark.parametrize("size", [1_000, 3_000_000])
def test_upload_arrives_whole(received, size):
    content = PDF.replace(b"Catalog", b"x" * size)

    assert check_upload(received(file=("a.pdf", content))["file"]).content == content


def test_upload_with_a_very_long_ending_arrives(received):
    upload = received(file=("a." + "x" * 240, b"y" * 3_000_000))["file"]

    assert (upload.size, len(upload.read()), len(upload.name)) == (3_000_000, 3_000_000, 242)


def test_upload_that_is_too_large_takes_no_more_room_than_the_limit(received, settings):
    settings.UPLOAD_MAX_MEGABYTES = 3

    upload = received(file=("a.pdf", PDF + b" " * 9_000_000))["file"]

    kept = Path(upload.temporary_file_path()).stat().st_size
    assert (upload.size, kept < 3_300_000) == (len(PDF) + 9_000_000, True)
    with pytest.raises(ValidationError) as refused:
        check_upload(upload)
    assert refused.value.code == "size"


@pytest.mark.parametrize("room", [0, 1_000_000, 2_999_999])
def test_upload_that_finds_the_disk_full_is_refused(received, caplog, room):
    with full_disk(room):
        upload = received(file=("a.pdf", b"x" * 3_000_000))["file"]

    with pytest.raises(ValidationError) as refused:
        check_upload(upload)

    assert refused.value.code == "full"
    assert [record.message for record in caplog.records] == ["An upload could not be kept."]


def test_upload_without_a_folder_to_wait_in_is_refused_and_the_one_before_it_is_not(
    received, settings, tmp_path, monkeypatch
):
    from core.files import storage

    made, real = [], storage.TemporaryUploadedFile

    def first_only(*args):
        made.append(args)
        if len(made) > 1:
            settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "absent")
        return real(*args)

    monkeypatch.setattr(storage, "TemporaryUploadedFile", first_only)
    content = PDF.replace(b"Catalog", b"x" * 3_000_000)

    files = received(first=("a.pdf", content), second=("b.pdf", content))

    assert check_upload(files["first"]).content == content
    with pytest.raises(ValidationError) as refused:
        check_upload(files["second"])
    assert refused.value.code == "full"


def test_download_is_saved_and_never_shown():
    response = download(ContentFile(PDF), name="Übersicht „Basel“.pdf", kind=FileKind.PDF)

    assert b"".join(response) == PDF
    assert dict(response.items()) == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "Content-Disposition": (
            "attachment; filename*=utf-8''%C3%9Cbersicht%20%E2%80%9EBasel%E2%80%9C.pdf"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


@pytest.mark.parametrize("kind", FileKind)
def test_download_has_the_media_type_of_its_kind(kind):
    # From the database comes the bare value.
    response = download(io.BytesIO(b"x"), name="a.html", kind=kind.value)

    assert response.headers["Content-Type"] == kind.media_type


def test_policy_of_a_download_is_not_replaced(settings):
    middleware = CSPMiddleware(lambda request: download(io.BytesIO(), name="a", kind="pdf"))

    response = middleware(RequestFactory().get("/"))

    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def field_file(name: str) -> FieldFile:
    """Return a stored file as the field of a row gives it."""
    return FieldFile(None, models.FileField(), name)


@pytest.mark.django_db  # closing an answer ends a request, which looks after connections
def test_download_of_a_stored_file_closes_it():
    file = field_file(store(checked()))

    response = download(file, name="a.pdf", kind="pdf")

    assert b"".join(response) == PDF
    response.close()
    assert file.closed


@pytest.mark.parametrize("name", ["uploads/ab/absent", ""])
def test_download_of_a_file_that_is_gone_is_not_found(caplog, name):
    with pytest.raises(Http404):
        download(field_file(name), name="a.pdf", kind="pdf")

    assert caplog.records[0].message == "A stored file cannot be read."
