"""Pictures, drawn anew so that nothing but what one sees is kept."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

from core.files.faults import fault
from core.files.kinds import FileKind

MOST_PIXELS = 40_000_000
# A few MB of JPEG can ask for a hundred thousand passes over the picture, some milliseconds each.
# Real ones have about ten; a film behind the picture looks like a hundred more.
MOST_SCANS = 100
JPEG_QUALITY = 88
_KEPT_MODES = {
    FileKind.JPEG: {"L", "RGB"},
    FileKind.PNG: {"1", "L", "LA", "RGB", "RGBA", "I;16"},
}
# As Pillow advises; else it would only be written to stderr.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def redrawn(content: bytes, kind: FileKind) -> bytes:
    """Return the picture upright and without anything around its pixels.

    Position, camera, comments, colour profile, further frames and whatever follows the picture are
    gone. Raises :class:`ValidationError` for one that is too large or cannot be read.
    """
    is_open = False
    try:
        with Image.open(BytesIO(content), formats=[kind.name]) as picture:
            pixels = picture.width * picture.height
            if pixels > MOST_PIXELS:
                raise fault("pixels", megapixels=MOST_PIXELS // 1_000_000)
            scans = content.count(b"\xff\xda") if kind is FileKind.JPEG else 0
            if scans * pixels > MOST_SCANS * MOST_PIXELS:
                raise fault("unreadable")
            is_open = True
            picture.load()
            return drawn(ImageOps.exif_transpose(picture), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        # Pillow's own bounds are higher, and are asked first.
        raise fault("pixels", megapixels=MOST_PIXELS // 1_000_000) from None
    except ValidationError:
        raise
    except Exception as error:
        # A damaged file makes Pillow raise nearly anything: OSError, SyntaxError, struct.error …
        raise fault("incomplete" if is_open else "unreadable") from error


def drawn(picture: Image.Image, kind: FileKind) -> bytes:
    """Return a file of the pixels alone, of the first frame where there are several."""
    if "transparency" in picture.info and picture.mode in {"1", "L", "P", "RGB"}:
        picture = picture.convert("RGBA")
    if picture.mode not in _KEPT_MODES[kind]:
        picture = picture.convert("RGB" if kind is FileKind.JPEG else "RGBA")
    # Pillow would write the comment, profile and resolution that it read.
    picture.info = {}
    file = BytesIO()
    if kind is FileKind.JPEG:
        picture.save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
    else:
        picture.save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class SizedPicture:
    """A picture as JPEG, with its width and height in pixels."""

    content: bytes
    width: int
    height: int


def sized(content: bytes, longest: Iterable[int]) -> list[SizedPicture]:
    """Return a checked picture as JPEG whose longer side has at most so many pixels, for each.

    A picture is never made larger. What is transparent becomes white.
    """
    with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as opened:
        picture = opaque(opened)
    found = []
    for side in longest:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        file = drawn(smaller, FileKind.JPEG)
        found.append(SizedPicture(file, smaller.width, smaller.height))
    return found


def opaque(picture: Image.Image) -> Image.Image:
    """Return a picture in grey or colour, on white."""
    if picture.mode == "I;16":
        # Pillow would cut off what is lighter than 255 of 65,535.
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in {"LA", "RGBA"}:
        over = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
