"""Pictures: only what one sees is kept, and no picture is too much for the memory."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageOps, PngImagePlugin

from core.files import CheckedFile, FileKind, check_upload
from core.files.pictures import MOST_SCANS

GPS = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
HTML = b"<!doctype html><script>alert(document.domain)</script>"


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Return a picture whose left half is black."""
    image = Image.new("L", size, 200)
    image.paste(0, (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def file(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the file of a picture."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def check(content: bytes, name: str = "a.jpg") -> CheckedFile:
    """Check an upload."""
    return check_upload(SimpleUploadedFile(name, content))


def code_of(content: bytes, name: str = "a.jpg") -> str | None:
    """Return the code under which an upload is refused."""
    with pytest.raises(ValidationError) as refused:
        check(content, name)
    return refused.value.code


def opened(checked: CheckedFile) -> Image.Image:
    """Return what is kept, as a program reads it."""
    image = Image.open(io.BytesIO(checked.content))
    image.load()
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    checksum = struct.pack(">L", zlib.crc32(kind + data))
    return struct.pack(">L", len(data)) + kind + data + checksum


def test_photo_loses_place_camera_comment_and_profile():
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825).update(GPS)
    photo = file(
        picture(),
        "JPEG",
        exif=exif,
        comment=b"taken by somebody",
        icc_profile=b"profile of somebody",
        dpi=(72, 72),
        xmp=b"<x:xmpmeta>by somebody</x:xmpmeta>",
    )
    assert dict(Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825))[1] == "N"

    kept = check(photo)

    assert dict(opened(kept).getexif()) == {}
    assert set(opened(kept).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert [word for word in (b"somebody", b"Exif", b"ICC") if word in kept.content] == []


def test_png_loses_texts_place_and_profile():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "somebody")
    texts.add_itxt("Comment", "somebody", zip=True)
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(GPS)

    kept = check(
        file(picture(), "PNG", pnginfo=texts, exif=exif, icc_profile=b"somebody", dpi=(72, 72)),
        "a.png",
    )

    assert (dict(opened(kept).getexif()), opened(kept).info) == ({}, {})
    assert kept.content.count(b"IDAT") == 1
    assert [kind for kind in (b"tEXt", b"iTXt", b"eXIf", b"iCCP") if kind in kept.content] == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_photo_stands_upright_as_its_orientation_says(kind):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the left
    sent = file(picture(), kind, exif=exif)

    kept = opened(check(sent, f"a.{kind.lower()}"))

    assert kept.size == (20, 40)
    assert kept.convert("L").getpixel((10, 5)) < 20
    assert kept.convert("L").getpixel((10, 35)) > 180
    assert ImageOps.exif_transpose(kept).size == kept.size


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_follows_the_picture_is_gone(kind):
    kept = check(file(picture(), kind) + HTML, f"a.{kind.lower()}")

    assert b"script" not in kept.content
    assert opened(kept).size == (40, 20)


def test_what_stands_in_the_comment_is_gone():
    assert b"script" not in check(file(picture(), "JPEG", comment=HTML)).content


@pytest.mark.parametrize(
    ("mode", "kept_as"),
    [
        *(("1", "1"), ("L", "L"), ("LA", "LA"), ("P", "RGBA"), ("RGB", "RGB"), ("RGBA", "RGBA")),
        ("I;16", "I;16"),
    ],
)
def test_png_of_every_mode_looks_the_same(mode, kept_as):
    sent = picture("I").convert("I;16") if mode == "I;16" else picture(mode)

    kept = opened(check(file(sent, "PNG"), "a.png"))

    assert kept.mode == kept_as
    for place in ((5, 5), (35, 5)):
        assert kept.convert("RGBA").getpixel(place) == sent.convert("RGBA").getpixel(place)


@pytest.mark.parametrize(("mode", "clear"), [("L", 0), ("RGB", (0, 0, 0)), ("P", 0)])
def test_png_keeps_what_is_transparent(mode, clear):
    kept = opened(check(file(picture(mode), "PNG", transparency=clear), "a.png"))

    assert kept.getpixel((5, 5))[3] == 0
    assert kept.getpixel((35, 5))[3] == 255


@pytest.mark.parametrize(("mode", "kept_as"), [("L", "L"), ("CMYK", "RGB"), ("RGB", "RGB")])
def test_jpeg_of_every_mode_looks_the_same(mode, kept_as):
    kept = opened(check(file(picture(mode), "JPEG")))

    assert kept.mode == kept_as
    assert kept.convert("L").getpixel((5, 5)) < 20
    assert abs(kept.convert("L").getpixel((35, 5)) - 200) < 20


def test_film_is_kept_as_its_first_frame():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    film = file(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(film)).n_frames == 3

    kept = opened(check(film, "a.png"))

    assert getattr(kept, "n_frames", 1) == 1
    assert kept.getpixel((4, 4)) == (255, 0, 0)


def test_photo_with_further_pictures_is_kept_as_its_first():
    sent = file(picture(), "MPO", save_all=True, append_images=[picture(size=(10, 10))])

    kept = opened(check(sent))

    assert (kept.format, kept.size) == ("JPEG", (40, 20))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("part", [0.6, 0.9])
def test_picture_that_is_cut_off_is_incomplete(kind, part):
    noise = file(Image.effect_noise((200, 200), 90).convert("RGB"), kind)

    assert code_of(noise[: int(len(noise) * part)], f"a.{kind.lower()}") == "incomplete"


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"\xff\xd8\xff\xe0 no picture", "a.jpg"), (b"\x89PNG\r\n\x1a\n no picture", "a.png")],
)
def test_what_only_begins_like_a_picture_cannot_be_read(content, name):
    assert code_of(content, name) == "unreadable"


@pytest.mark.parametrize(
    "size",
    [(8_000, 5_001), (40_000_001, 1), (12_000, 8_000), (60_000, 60_000)],
    ids=["limit", "line", "Pillow warns", "Pillow refuses"],
)
def test_picture_with_too_many_pixels_is_refused_before_it_is_decoded(size):
    head = struct.pack(">LLBBBBB", *size, 1, 0, 0, 0, 0)
    # Its data would be damaged: who decodes it first would say so.
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")

    with pytest.raises(ValidationError) as refused:
        check(bomb, "a.png")

    assert refused.value.code == "pixels"
    assert "40 " in refused.value.messages[0]


def test_picture_may_have_as_many_pixels_as_the_limit():
    assert check(file(Image.new("1", (8_000, 5_000)), "PNG"), "a.png").kind == FileKind.PNG


def test_photo_of_very_many_passes_is_refused():
    photo = file(Image.new("L", (6_300, 6_300)), "JPEG", progressive=True)
    last = photo[photo.rindex(b"\xff\xda") : -2]

    assert check(photo).kind == FileKind.JPEG
    assert code_of(photo[:-2] + last * MOST_SCANS + photo[-2:]) == "unreadable"


def test_texts_that_unpack_to_too_much_are_refused():
    bomb = b"Comment\0\0" + zlib.compress(bytes(100_000_000))
    plain = file(picture(), "PNG")

    assert code_of(plain[:33] + chunk(b"zTXt", bomb) + plain[33:], "a.png") == "unreadable"
