"""Partnerships with pictures and documents, and the people who read them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core.files import CheckedFile, check_upload
from tandems.actions.documents import add_document
from tandems.actions.pictures import add_picture
from tandems.models import Document, ProfilePicture, ProfileVersion
from tests.factories import ProfileVersionFactory, make_pair, make_user, sign_in

DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
#: Another file, as a further version.
NEWER = PDF.replace(b"<<>>", b"<</Newer true>>")
WORDS: dict[str, Any] = {
    "alt_de": "Bäume auf dem Ostwall",
    "alt_en": "Trees on the Ostwall",
    "caption_de": "Frühjahr 2023",
    "caption_en": "Spring 2023",
    "author": "Stadt Krefeld",
    "licence": "CC-BY-4.0",
    "sources": ["https://www.krefeld.de/ostwall"],
}
ABOUT: dict[str, Any] = {
    "title": "Protokoll vom Mai",
    "description": "",
    "kind": "minutes",
    "language": "de",
    "dated_on": None,
    "topic_id": None,
}


def pdf(mark: object) -> bytes:
    """Return a PDF that differs from others by a mark."""
    return PDF.replace(b"<<>>", b"<</Mark (%b)>>" % str(mark).encode())


def content_of(answer) -> bytes:
    """Return the file that an answer holds, read to its end and closed."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def picture_file(size=(40, 20), colour="teal", kind="JPEG", mode="RGB", **options) -> bytes:
    """Return the file of a picture of one colour."""
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def upload(content: bytes = PDF, name: str = "Protokoll.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def checked(content: bytes = PDF, name: str = "Protokoll.pdf") -> CheckedFile:
    return check_upload(upload(content, name))


def entered(user) -> Client:
    """Return a browser in which somebody is signed in; ``None``: a visitor."""
    client = Client(headers={"accept-language": "de"})
    if user is not None:
        sign_in(client, user)
    return client


class Circle:
    """A partnership, its people and everybody around it."""

    def __init__(self, **tandem) -> None:
        self.tandem = make_pair(**tandem)
        self.ours, self.theirs = self.tandem.members.order_by("position")
        self.contact = make_user("contact", self.ours.municipality)
        self.colleague = make_user("colleague", self.ours.municipality)
        self.neighbour = make_user("contact", self.theirs.municipality)
        self.coordinator = make_user("coordinator")
        self.stranger = make_user("contact", make_pair().members.first().municipality)

    def draft(self) -> ProfileVersion:
        return ProfileVersionFactory(
            tandem=self.tandem, state="draft", released_at=None, summary=False
        )

    def picture(self, profile=None, content=None, **words) -> ProfilePicture:
        return add_picture(
            profile=profile or self.draft(),
            file=checked(content or picture_file(), "a.jpg"),
            words={**WORDS, **words},
            by=self.contact,
        )

    def document(self, visibility="partnership", content=PDF, by=None, member=None, **about):
        """Return a document that our city has put in; of a public one, opened the usual way."""
        document = add_document(
            tandem=self.tandem,
            member=member or self.ours,
            file=checked(content),
            words={**ABOUT, **about},
            visibility="partnership" if visibility == "public" else visibility,
            by=by or self.contact,
        )
        if visibility == "public":
            Document.objects.filter(pk=document.pk).update(visibility="public")
            document.refresh_from_db()
        return document

    def url(self, name: str, *args) -> str:
        return reverse(f"workspace:{name}", args=[self.tandem.slug, *args])

    def leave(self, days: int = 1) -> None:
        """Let our city have left so many days ago."""
        self.ours.left_on = timezone.localdate() - days * DAY
        self.ours.save()
