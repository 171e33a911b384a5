"""Compiles ``locale/*/LC_MESSAGES/django.po`` with polib, so that no system gettext is needed."""

from __future__ import annotations

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent


def compile_catalogue(source: Path) -> bool:
    """Write the ``.mo`` beside a ``.po`` where it is older; return whether that was needed.

    Raises :class:`OSError` with polib's words when the catalogue is broken.
    """
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    fresh = target.with_suffix(".new")
    polib.pofile(str(source)).save_as_mofile(str(fresh))
    fresh.replace(target)
    return True


def main() -> int:
    """Compile all catalogues of this project; print one line; return the exit status."""
    compiled = 0
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")):
        try:
            compiled += compile_catalogue(source)
        except (OSError, ValueError) as error:
            print(f"Messages: {source.relative_to(ROOT)}: {error}", file=sys.stderr)
            return 1
    print(f"Messages: {compiled} compiled." if compiled else "Messages: up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
