"""What may be wrong with an upload, in words that say what to do about it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: As the file managers of Windows and macOS count it, or a little more.
MEGABYTE = 1_048_576

MESSAGES = {
    "empty": _("The file is empty. Choose a file that has content."),
    "size": _(
        "The file is larger than %(megabytes)s MB. Make it smaller, for example with smaller "
        "pictures, or divide it."
    ),
    "kind": _("Files of this kind are not accepted. Save it as one of these: %(kinds)s."),
    "mismatch": _(
        "The content of the file does not fit its name, which ends in “.%(ending)s”. Open it in "
        "the program it comes from and save it again as one of these: %(kinds)s."
    ),
    "incomplete": _(
        "The file is incomplete or damaged. Check whether it can be opened, save it again and "
        "then upload it once more."
    ),
    "encrypted": _(
        "The file is protected by a password or by restrictions. Save it without protection and "
        "upload it again."
    ),
    "unpacked": _(
        "The file unpacks to too much: more than %(megabytes)s MB, more than %(ratio)s times its "
        "size or more than %(parts)s parts. Divide it, or save it as a PDF."
    ),
    "macros": _("The file contains macros. Save it without macros, as .docx, .xlsx, .odt or .ods."),
    "active": _(
        "The PDF contains scripts, calls of other programs or attached files. Print it into a new "
        "PDF and upload that; upload attached files on their own."
    ),
    "pixels": _(
        "The picture has more than %(megapixels)s million pixels. Make it smaller and upload it "
        "again."
    ),
    "unreadable": _("The picture cannot be read. Save it again as PNG or JPEG."),
    "infected": _(
        "The virus scanner objects to this file, so it was not stored. Ask your IT department to "
        "check it."
    ),
    "unchecked": _(
        "The file cannot be checked for viruses at the moment, so nothing was stored. Try again "
        "later."
    ),
    "full": _(
        "There is no room for the file at the moment, so nothing was stored. Try again later."
    ),
}


def fault(code: str, **values: object) -> ValidationError:
    """Return the refusal with this code; ``values`` fill its message."""
    return ValidationError(MESSAGES[code], code=code, params=values)
