"""Fetches stylesheet, fonts and map data from npm by the integrity in ``package-lock.json``.

Standard library only, so that no node is needed: ``python tools/fetch_assets.py``. Everything is
checked before anything is replaced; whatever goes wrong, the files that were there stay.
"""

from __future__ import annotations

import base64
import configparser
import contextlib
import hashlib
import hmac
import http.client
import io
import json
import os
import shutil
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DEFAULT_REGISTRY = "https://registry.npmjs.org"
TRIES = 3
TIMEOUT = 60  # seconds for one download
LARGEST_ARCHIVE = 60_000_000  # bytes; the largest is about 12 MB

_SUBSETS = ("latin", "latin-ext", "greek", "cyrillic")
_WEIGHTS = (400, 700)

#: Package → member of its archive → place below the project. Nothing else leaves an archive.
WANTED: dict[str, dict[str, str]] = {
    "@kern-ux/native": {
        "dist/kern.min.css": "static/vendor/kern/kern.min.css",
        "LICENSE.md": "static/vendor/kern/LICENSE.md",
    },
    "@fontsource/fira-sans": {
        "LICENSE": "static/vendor/fonts/LICENSE",
        **{
            f"files/fira-sans-{subset}-{weight}-normal.woff2": (
                f"static/vendor/fonts/fira-sans-{subset}-{weight}-normal.woff2"
            )
            for subset in _SUBSETS
            for weight in _WEIGHTS
        },
    },
    "world-atlas": {"countries-50m.json": "build/atlas/countries-50m.json"},
    # For PDFs, which need whole fonts; browsers never load them.
    "@expo-google-fonts/fira-sans": {
        "LICENSE_FONT": "build/fonts/LICENSE-FiraSans",
        "400Regular/FiraSans_400Regular.ttf": "build/fonts/FiraSans_400Regular.ttf",
        "700Bold/FiraSans_700Bold.ttf": "build/fonts/FiraSans_700Bold.ttf",
    },
    # Letters that Fira Sans lacks: Georgian, Armenian, signs; then emoji.
    "dejavu-fonts-ttf": {
        "LICENSE": "build/fonts/LICENSE-DejaVu",
        "ttf/DejaVuSans.ttf": "build/fonts/DejaVuSans.ttf",
    },
    "@expo-google-fonts/noto-emoji": {
        "LICENSE_FONT": "build/fonts/LICENSE-NotoEmoji",
        "400Regular/NotoEmoji_400Regular.ttf": "build/fonts/NotoEmoji_400Regular.ttf",
    },
}
#: The folders that a fetch replaces as a whole.
FOLDERS = ("static/vendor", "build/atlas", "build/fonts")


class FetchError(Exception):
    """Something could not be fetched or is not what the lock file promises."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A package as the lock file pins it."""

    name: str
    version: str
    integrity: str

    def address(self, registry: str) -> str:
        """Return the address of its archive."""
        return f"{registry}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


def registry_from(environment: Mapping[str, str]) -> str:
    """Return the registry that npm would ask: environment, the user's npmrc, npm's own."""
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if environment.get(name):
            return environment[name].rstrip("/")
    home = environment.get("HOME", "")
    file = Path(environment.get("NPM_CONFIG_USERCONFIG") or Path(home, ".npmrc"))
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read_string("[npmrc]\n" + file.read_text(encoding="utf-8"))
        return (parser.get("npmrc", "registry", fallback="") or DEFAULT_REGISTRY).rstrip("/")
    return DEFAULT_REGISTRY


def locked_packages(lock: Path, names: Iterable[str]) -> list[LockedPackage]:
    """Return the pinned packages.

    Raises :class:`FetchError` when the lock file is missing, broken or lacks one of them.
    """
    try:
        entries = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        return [
            LockedPackage(
                name,
                entries[f"node_modules/{name}"]["version"],
                entries[f"node_modules/{name}"]["integrity"],
            )
            for name in names
        ]
    except OSError as error:
        raise FetchError(f"{lock.name} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(
            f"{lock.name} is broken or lacks a package ({error}); restore it from version control."
        ) from error


def download(package: LockedPackage, registry: str) -> bytes:
    """Return the bytes of a package's archive; network faults are tried again.

    Raises :class:`FetchError` when the archive cannot be had.
    """
    address = package.address(registry)
    if not address.startswith(("https://", "http://")):
        raise FetchError(f"{package.name}: {address} is no web address.")
    fault = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(attempt)
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310 - checked
                data: bytes = answer.read(LARGEST_ARCHIVE + 1)
                length = answer.headers.get("Content-Length", "")
        except urllib.error.HTTPError as error:
            fault = f"the registry answers {error.code}"
            if error.code < 500:
                break
        except (OSError, http.client.HTTPException, ValueError) as error:
            fault = str(error) or type(error).__name__
        else:
            if (
                length.isascii()
                and length.isdigit()
                and len(data) < min(int(length), LARGEST_ARCHIVE)
            ):
                # read() with a limit does not say when the connection broke off.
                fault = "the connection broke off"
                continue
            if len(data) > LARGEST_ARCHIVE:
                raise FetchError(f"{package.name} {package.version} is larger than expected.")
            return data
    raise FetchError(
        f"{package.name} {package.version} cannot be fetched: {fault}. "
        "Check the network or set NPM_CONFIG_REGISTRY, then try again."
    )


def check_integrity(package: LockedPackage, archive: bytes) -> None:
    """Raise :class:`FetchError` unless the archive has the hash that the lock file names."""
    algorithm, _, expected = str(package.integrity).partition("-")
    if algorithm != "sha512":
        raise FetchError(f"{package.name}: the lock file names no sha512 hash.")
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if not hmac.compare_digest(found.encode(), expected.encode()):
        raise FetchError(
            f"{package.name} {package.version} differs from {algorithm}-{expected[:12]}… in the "
            "lock file: the archive or the lock file was changed. Nothing was replaced."
        )


def members_of(
    package: LockedPackage, archive: bytes, wanted: Mapping[str, str]
) -> dict[str, bytes]:
    """Return target → content of the wanted members, read one by one.

    Raises :class:`FetchError` when one is missing or is not a plain file.
    """
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                inside = str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
                if inside in wanted and member.isfile():
                    file = tar.extractfile(member)
                    if file is not None:
                        found[wanted[inside]] = file.read()
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise FetchError(f"{package.name} {package.version} is no readable archive.") from error
    if missing := sorted(set(wanted.values()) - set(found)):
        raise FetchError(
            f"{package.name} {package.version} lacks {missing[0]}; does the version still match?"
        )
    return found


def fingerprint(lock: Path, contents: Mapping[str, int]) -> str:
    """Return what a finished fetch looks like: lock file, wanted files and their sizes."""
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(json.dumps([WANTED, sorted(contents.items())]).encode())
    return digest.hexdigest()


def is_up_to_date(root: Path, lock: Path, stamp: Path) -> bool:
    """Tell whether all files are there as the last fetch left them."""
    targets = [target for wanted in WANTED.values() for target in wanted.values()]
    try:
        sizes = {target: (root / target).stat().st_size for target in targets}
        return stamp.read_text(encoding="utf-8") == fingerprint(lock, sizes)
    except (OSError, UnicodeDecodeError):
        return False


def replace_folder(new: Path, old: Path) -> None:
    """Put ``new`` in the place of ``old``; on failure the old one is put back."""
    aside = old.with_name(f"{old.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        if aside.exists():
            aside.rename(old)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def fetch(root: Path, environment: Mapping[str, str]) -> bool:
    """Bring the assets below ``root`` to the state of the lock file; return whether there was need.

    Raises :class:`FetchError` and leaves the old files alone when anything is wrong.
    """
    lock, stamp = root / "package-lock.json", root / "build" / "assets.stamp"
    if is_up_to_date(root, lock, stamp):
        return False
    registry = registry_from(environment)
    contents: dict[str, bytes] = {}
    for package in locked_packages(lock, WANTED):
        archive = download(package, registry)
        check_integrity(package, archive)
        contents.update(members_of(package, archive, WANTED[package.name]))
    for folder in FOLDERS:
        fresh = root / f"{folder}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for target, content in contents.items():
            if target.startswith(f"{folder}/"):
                place = fresh / target.removeprefix(f"{folder}/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
    for folder in FOLDERS:
        replace_folder(root / f"{folder}.new", root / folder)
    sizes = {target: len(content) for target, content in contents.items()}
    stamp.write_text(fingerprint(lock, sizes), encoding="utf-8")
    return True


def main() -> int:
    """Fetch for this project; print one line; return the exit status."""
    try:
        fetched = fetch(Path(__file__).resolve().parent.parent, os.environ)
    except (FetchError, OSError) as error:
        print(f"Assets: {error}", file=sys.stderr)
        return 1
    print("Assets: fetched." if fetched else "Assets: up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
