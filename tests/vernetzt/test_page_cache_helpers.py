from __future__ import annotations

import gzip

import brotli
import pytest

from vernetzt.page_cache import compress, names_etag, preferred_encoding

BODY = ("<p>Βάρη-Βούλα-Βουλιαγμένη</p>" * 200).encode()


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x",W/"abc" , "y"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ('"abcd"', False),
        ('"ab"', False),
        ("abc", False),
        ('"ABC"', False),
        ('w/"abc"', False),
        ('"x", *', False),
        (",,,", False),
    ],
)
def test_if_none_match_is_compared_weakly(header, named):
    assert names_etag(header, '"abc"') is named


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP, BR", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip;q=0.5", "gzip"),
        ("br;Q=0,gzip;q=0.0", ""),
        ("br;q=0.001", "br"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
        (" gzip ;q=0 ", ""),
        ("xbr, gzipped", ""),
        ("br;level=0", "br"),
        (";q=0, ,", ""),
    ],
)
def test_brotli_is_preferred_and_a_refused_encoding_not_used(header, encoding):
    assert preferred_encoding(header) == encoding


@pytest.mark.parametrize(
    ("encoding", "expand"),
    [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)],
)
def test_compressed_body_is_the_same_text(encoding, expand):
    assert expand(compress(BODY, encoding)) == BODY
    assert expand(compress(b"", encoding)) == b""


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_compression_is_worth_it_and_gives_the_same_bytes_at_any_time(encoding, time_machine):
    time_machine.move_to("2024-05-01T00:00Z")
    first = compress(BODY, encoding)
    time_machine.move_to("2025-05-01T00:00Z")

    assert compress(BODY, encoding) == first
    assert len(first) < len(BODY) / 10
