"""Whole public pages, kept for a minute, compressed and answered with 304 where unchanged.

Only views marked with :func:`core.pages.public_page` are kept, and only for requests without a
session cookie or authorisation: nothing that reads a user or a session can ever enter. Django's own
site cache decides by headers instead; its security fixes of 2026 are the reason for this rule.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard

import brotli
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders

GetResponse = Callable[[HttpRequest], HttpResponseBase]

#: Headers that a 304, which has no body, leaves out: some clients would wait for its length.
OF_THE_BODY = frozenset({"Content-Type", "Content-Encoding", "Content-Length"})

#: Longer query strings are answered, but not kept: they would only fill the memory.
LONGEST_CACHED_QUERY = 200


class KeptHeaders(ResponseHeaders):
    """A copy of headers that were checked when they were set first; checking again costs most."""

    def __init__(self, checked: ResponseHeaders) -> None:
        """Copy the checked headers; later changes to the copy are checked as usual."""
        self._store: dict[str, tuple[str, str]] = dict(checked._store)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A finished public page in one encoding with its ETag, stored at a moment (Unix time)."""

    headers: ResponseHeaders
    etag: str
    body: bytes
    stored_at: float

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return 304 when the browser already has this page, else the page."""
        unchanged = names_etag(request.META.get("HTTP_IF_NONE_MATCH", ""), self.etag)
        response = HttpResponse(status=304) if unchanged else HttpResponse(self.body)
        response.headers = KeptHeaders(self.headers)
        # So that browsers and proxies keep it for the rest of its time only (RFC 9111 5.1).
        response.headers["Age"] = str(max(int(time.time() - self.stored_at), 0))
        if unchanged:
            for name in OF_THE_BODY:
                response.headers.pop(name, None)
        return response


def names_etag(header: str, etag: str) -> bool:
    """Tell whether ``If-None-Match`` names ``etag`` (weak comparison, RFC 9110 13.1.2)."""
    if not header:
        return False
    return header.strip() == "*" or etag in {
        candidate.strip().removeprefix("W/") for candidate in header.split(",")
    }


@lru_cache(maxsize=256)
def preferred_encoding(header: str) -> str:
    """Return ``br``, ``gzip`` or an empty string from an ``Accept-Encoding`` header."""
    accepted: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        accepted[name.strip()] = not re.search(r"q=0(\.0*)?\s*$", parameters.strip())
    return next((name for name in ("br", "gzip") if accepted.get(name)), "")


def compress(body: bytes, encoding: str) -> bytes:
    """Return ``body`` in ``encoding``; an empty encoding leaves it as it is."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=5))
    if encoding == "gzip":
        return gzip.compress(body, compresslevel=6, mtime=0)
    return body


def packed(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield ``parts`` in ``encoding`` (``br`` or ``gzip``), each as soon as it is there."""
    if encoding == "br":
        brotli_packer = brotli.Compressor(quality=5)
        for part in parts:
            yield brotli_packer.process(part) + brotli_packer.flush()
        yield brotli_packer.finish()
        return
    # 16 more than the size of the window asks for the head and end of gzip (zlib's manual).
    gzip_packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for part in parts:
        yield gzip_packer.compress(part) + gzip_packer.flush(zlib.Z_SYNC_FLUSH)
    yield gzip_packer.flush()


def packed_and_kept(
    parts: Iterable[bytes], encoding: str, kept: dict[str, Sequence[bytes]]
) -> Iterator[bytes]:
    """Yield ``parts`` in ``encoding`` as they are kept, else pack them; all of them are kept."""
    if encoding in kept:
        yield from kept[encoding]
        return
    sent = []
    for part in packed(parts, encoding):
        sent.append(part)
        yield part
    kept[encoding] = tuple(sent)


class PageStore:
    """Finished pages by key, at most ``most`` of them; the oldest makes room for a new one.

    Plain memory of one process. Django's cache would pack and unpack a page each time and close
    itself after every request, which costs more than the rest of such an answer.
    """

    def __init__(self, most: int) -> None:
        """Start empty."""
        self.most = most
        self.pages: dict[str, StoredPage] = {}
        self.lock = threading.Lock()

    def get(self, key: str, seconds: int) -> StoredPage | None:
        """Return the page if it is not older than ``seconds``."""
        page = self.pages.get(key)
        return page if page is not None and time.time() < page.stored_at + seconds else None

    def keep(self, key: str, page: StoredPage) -> None:
        """Keep a page as the newest one."""
        with self.lock:
            self.pages.pop(key, None)
            while len(self.pages) >= self.most:
                del self.pages[next(iter(self.pages))]
            self.pages[key] = page

    def clear(self) -> None:
        """Forget all pages."""
        with self.lock:
            self.pages.clear()


PAGES = PageStore(1_000)
#: Filtered lists and unknown questions have a place of their own: nobody can push the real pages
#: out of memory by asking many questions.
QUERIED_PAGES = PageStore(300)


class PageCacheMiddleware:
    """Keeps public pages; marks everything else as private."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer and for how long pages stay."""
        self.get_response = get_response
        self.seconds: int = settings.PAGE_CACHE_SECONDS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from the store where that is safe, else ask the next layer."""
        try:
            host = request.get_host()
        except DisallowedHost:
            # Refused below, where the answer gets its headers.
            return private(self.get_response(request))
        visitor = (
            request.method in {"GET", "HEAD"}
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and "HTTP_AUTHORIZATION" not in request.META
        )
        if not visitor:
            return private(self.get_response(request))
        query: str = request.META.get("QUERY_STRING", "")
        kept = self.seconds > 0 and len(query) <= LONGEST_CACHED_QUERY
        encoding = preferred_encoding(request.META.get("HTTP_ACCEPT_ENCODING", "")) if kept else ""
        key = hashlib.blake2b(
            "\n".join((host, request.scheme or "", encoding, request.path, query)).encode(),
            digest_size=20,
        ).hexdigest()
        store = QUERIED_PAGES if query else PAGES
        page = store.get(key, self.seconds) if kept else None
        if page is None:
            response = self.get_response(request)
            if not storable(response):
                return self.pass_on(request, response) if passable(response) else private(response)
            page = self.finish(response, encoding)
            if kept:
                store.keep(key, page)
        return page.answer(request)

    def pass_on(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return a public page that is not kept here, packed as it flows; caches may keep it."""
        response.headers["Cache-Control"] = f"public, max-age={max(self.seconds, 1)}"
        response.headers["Vary"] = "Accept-Encoding, Cookie"
        encoding = preferred_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if isinstance(response, StreamingHttpResponse) and encoding:
            response.headers["Content-Encoding"] = encoding
            if request.method != "HEAD":
                parts: Iterable[bytes] = response.streaming_content  # type: ignore[assignment]
                # Set by :func:`core.pages.packed_once`.
                kept: dict[str, Sequence[bytes]] | None = getattr(response, "packed_parts", None)
                response.streaming_content = (
                    packed(parts, encoding)
                    if kept is None
                    else packed_and_kept(parts, encoding, kept)
                )
        return response

    def finish(self, response: HttpResponse, encoding: str) -> StoredPage:
        """Return the page as it will be repeated."""
        identity = response.content
        etag = f'"{hashlib.blake2b(identity, digest_size=12).hexdigest()}{encoding[:2]}"'
        body = compress(identity, encoding)
        headers = ResponseHeaders(response.headers)
        headers["ETag"] = etag
        headers["Cache-Control"] = f"public, max-age={max(self.seconds, 1)}"
        headers["Vary"] = "Accept-Encoding, Cookie"
        headers.pop("Content-Length", None)
        if encoding:
            headers["Content-Encoding"] = encoding
        headers["Content-Length"] = str(len(body))
        return StoredPage(headers, etag, body, time.time())


def storable(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    """Tell whether the answer is a finished public page without a cookie."""
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and getattr(response, "is_public_page", False)
        and not response.cookies
    )


def passable(response: HttpResponseBase) -> bool:
    """Tell whether the answer is a public page that its view sends in parts, or calls unchanged.

    Its tag is weak: it holds for every encoding.
    """
    in_parts = response.streaming and response.status_code == 200
    return (
        (in_parts or response.status_code == 304)
        and getattr(response, "is_public_page", False)
        and not response.cookies
    )


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Forbid any cache to keep this answer, unless the view said something itself."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
