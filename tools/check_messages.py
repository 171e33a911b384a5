"""Demands that every text of code and templates is translated; needs GNU gettext.

English is the source language. A catalogue must hold exactly the texts in use, each translated,
none fuzzy, none left over, with the same placeholders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
NOT_SOURCES = (".*", "__pycache__", "build", "locale", "node_modules", "static", "tests", "var")
REFRESH = "python manage.py makemessages --all --no-location --no-obsolete --ignore tests"

#: Context, text and plural form of one message; what is absent is empty.
Key = tuple[str, str, str]


def key(entry: polib.POEntry) -> Key:
    """Return what identifies a message."""
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def short(message: Key) -> str:
    """Return a message as one line for people."""
    context, text, _ = message
    line = " ".join(text.split())
    line = line if len(line) <= 80 else line[:79] + "…"
    return f"“{line}”" + (f" ({context})" if context else "")


def texts_in_use(root: Path) -> dict[Key, polib.POEntry]:
    """Return every text that code and templates below ``root`` mark for translation.

    Django's own ``makemessages`` collects them in a copy, so that nothing is changed here. Raises
    :class:`RuntimeError` with its words when it cannot read a file.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NOT_SOURCES))
        (copy / "locale").mkdir()
        # No settings: the copy shall not open a database or ask for secrets.
        environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        command = ("makemessages", "--locale", "en", "--keep-pot", "--no-location", "--no-wrap")
        run = subprocess.run(  # noqa: S603 - fixed command, no shell
            [sys.executable, "-m", "django", *command],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        template = copy / "locale" / "django.pot"
        if run.returncode or not template.exists():
            raise RuntimeError(run.stderr.strip() or run.stdout.strip())
        return {key(entry): entry for entry in polib.pofile(str(template))}


def faults_of(source: Path, used: dict[Key, polib.POEntry]) -> list[str]:
    """Return what is wrong with one catalogue, each fault in words."""
    if not source.exists():
        return [f"the catalogue is missing; {len(used)} texts wait for it"]
    catalogue = polib.pofile(str(source))
    kept = {key(entry): entry for entry in catalogue if not entry.obsolete}
    faults = [f"missing: {short(k)}" for k in used if k not in kept]
    faults += [f"no longer used: {short(k)}" for k in kept if k not in used]
    faults += [f"obsolete: {short(key(entry))}" for entry in catalogue.obsolete_entries()]
    for k, entry in kept.items():
        if entry.fuzzy:
            faults.append(f"fuzzy: {short(k)}")
        elif not entry.translated():
            faults.append(f"not translated: {short(k)}")
    check = subprocess.run(  # noqa: S603 - fixed command, no shell
        ["msgfmt", "--check-format", "--output-file", os.devnull, source.name],  # noqa: S607
        cwd=source.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if check.returncode:
        faults += [f"msgfmt: {line}" for line in check.stderr.splitlines() if line.strip()]
    return faults


def main() -> int:
    """Check all catalogues; print the faults or one line; return the exit status."""
    absent = [tool for tool in ("xgettext", "msgfmt", "msguniq") if shutil.which(tool) is None]
    if absent:
        print(
            f"Messages: {', '.join(absent)} missing. On Debian: apt install gettext",
            file=sys.stderr,
        )
        return 1
    try:
        used = texts_in_use(ROOT)
    except RuntimeError as error:
        print(f"Messages: the texts cannot be collected.\n{error}", file=sys.stderr)
        return 1
    languages = sorted(
        {path.name for path in ROOT.glob("locale/*") if path.is_dir()} - {"en"} | {"de"}
    )
    broken = False
    for language in languages:
        source = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
        try:
            faults = faults_of(source, used)
        except (OSError, ValueError) as error:
            faults = [str(error)]
        if faults:
            broken = True
            print(f"Messages: {source.relative_to(ROOT)}:", file=sys.stderr)
            print("\n".join(f"  {fault}" for fault in faults), file=sys.stderr)
    if broken:
        print(f"Messages: bring the catalogues up to date with\n  {REFRESH}", file=sys.stderr)
        return 1
    print(f"Messages: {len(used)} texts, complete in {', '.join(languages)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
