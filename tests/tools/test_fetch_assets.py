"""Assets are fetched from a registry as the lock file says, or the old ones stay as they were."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools import fetch_assets
from tools.fetch_assets import FetchError, fetch, locked_packages, registry_from, replace_folder

ROOT = Path(__file__).resolve().parents[2]
WANTED = {
    "kern": {"dist/kern.css": "static/vendor/kern/kern.css", "LICENSE": "static/vendor/LICENSE"},
    "@map/atlas": {"atlas.json": "build/atlas/atlas.json"},
}
KERN, ATLAS = "/kern/-/kern-1.0.0.tgz", "/@map/atlas/-/atlas-2.0.0.tgz"
KERN_2 = "/kern/-/kern-1.1.0.tgz"


def archive(members: dict[str, bytes]) -> bytes:
    """Return a packed archive as npm serves them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def integrity(packed: bytes) -> str:
    """Return the hash as a lock file names it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()


def lock(root: Path, **packages: tuple[str, str | None]) -> None:
    """Write a lock file: package → version and integrity; ``atlas`` stands for ``@map/atlas``."""
    names = {"atlas": "@map/atlas"}
    entries = {
        f"node_modules/{names.get(name, name)}": {"version": version, "integrity": expected}
        for name, (version, expected) in packages.items()
    }
    (root / "package-lock.json").write_text(json.dumps({"packages": entries}), encoding="utf-8")


class Registry:
    """A registry with two packages, and a project that waits for them."""

    def __init__(self, server, root: Path) -> None:
        self.server, self.root = server, root
        self.kern = archive(
            {"package/dist/kern.css": b"body{}", "package/LICENSE": b"EUPL", "package/x.js": b"!"}
        )
        self.atlas = archive({"package/atlas.json": b"{}"})
        server.pages |= {KERN: (200, self.kern), ATLAS: (200, self.atlas)}
        self.lock()

    def lock(self, kern: bytes | None = None, version: str = "1.0.0") -> None:
        lock(
            self.root,
            kern=(version, integrity(kern or self.kern)),
            atlas=("2.0.0", integrity(self.atlas)),
        )

    def fetch(self, **environment: str) -> bool:
        return fetch(self.root, {"NPM_CONFIG_REGISTRY": self.server.address, **environment})


@pytest.fixture
def pauses(monkeypatch):
    """Let no time pass between tries; return the seconds that would have."""
    waited: list[float] = []
    monkeypatch.setattr(fetch_assets.time, "sleep", waited.append)
    return waited


@pytest.fixture
def registry(server, tmp_path, monkeypatch, pauses):
    """Return a registry and a project that wants two packages of it."""
    monkeypatch.setattr(fetch_assets, "WANTED", WANTED)
    root = tmp_path / "project"
    root.mkdir()
    return Registry(server, root)


@pytest.fixture
def fetched(registry):
    """Return a project with everything in place, and the next version of a package offered."""
    registry.fetch()
    registry.server.asked.clear()
    return registry


def renew(registry: Registry, page: object = None, offered: bytes | None = None) -> None:
    """Ask for the next version; the registry answers with ``page``, or with what is locked."""
    packed = offered if offered is not None else archive({"package/dist/kern.css": b"new"})
    registry.lock(packed, "1.1.0")
    registry.server.pages[KERN_2] = (200, packed) if page is None else page


def test_assets_are_fetched_and_placed(registry, files_below):
    assert registry.fetch() is True

    placed = files_below(registry.root)
    stamp = placed.pop("build/assets.stamp")
    placed.pop("package-lock.json")
    assert placed == {
        "static/vendor/kern/kern.css": b"body{}",
        "static/vendor/LICENSE": b"EUPL",
        "build/atlas/atlas.json": b"{}",
    }
    assert len(stamp) == 64
    assert registry.server.paths == [KERN, ATLAS]


def test_second_call_asks_for_nothing_and_touches_nothing(fetched):
    before = {path: path.stat().st_mtime_ns for path in fetched.root.rglob("*")}

    assert fetched.fetch() is False

    assert fetched.server.paths == []
    assert {path: path.stat().st_mtime_ns for path in fetched.root.rglob("*")} == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda root: (root / "static/vendor/LICENSE").unlink(),
        lambda root: (root / "build/atlas/atlas.json").write_text("cut", encoding="utf-8"),
        lambda root: (root / "build/assets.stamp").unlink(),
        lambda root: (root / "build/assets.stamp").write_bytes(b"\xff"),
        lambda root: shutil.rmtree(root / "static"),
    ],
    ids=["file lost", "file cut", "stamp lost", "stamp broken", "folder lost"],
)
def test_assets_that_are_harmed_are_fetched_again(fetched, files_below, harm):
    before = files_below(fetched.root)
    harm(fetched.root)

    assert fetched.fetch() is True

    assert files_below(fetched.root) == before
    assert fetched.server.paths == [KERN, ATLAS]


def test_new_version_replaces_the_old_files(fetched, files_below):
    (fetched.root / "static/vendor/old.css").write_text("old", encoding="utf-8")
    renew(
        fetched,
        offered=archive({"package/dist/kern.css": b"new", "package/LICENSE": b"EUPL 1.2"}),
    )

    assert fetched.fetch() is True

    assert files_below(fetched.root / "static") == {
        "vendor/kern/kern.css": b"new",
        "vendor/LICENSE": b"EUPL 1.2",
    }
    assert fetched.server.paths == [KERN_2, ATLAS]


def test_only_wanted_members_leave_the_archive(registry, tmp_path, files_below):
    registry.kern = archive(
        {
            "package/dist/kern.css": b"body{}",
            "package/LICENSE": b"EUPL",
            "package/dist/other.css": b"unwanted",
            "package/../../escaped": b"above the project",
            "package/../dist/kern.css": b"by a detour",
            "../escaped": b"above the project",
            "/escaped": b"at the root",
            "dist/kern.css/kern.css": b"too deep",
        }
    )
    registry.server.pages[KERN] = (200, registry.kern)
    registry.lock()

    registry.fetch()

    found = files_below(tmp_path)
    assert sorted(found) == [
        "project/build/assets.stamp",
        "project/build/atlas/atlas.json",
        "project/package-lock.json",
        "project/static/vendor/LICENSE",
        "project/static/vendor/kern/kern.css",
    ]
    assert found["project/static/vendor/kern/kern.css"] == b"body{}"


def test_archive_that_differs_from_the_lock_file_is_refused(fetched, files_below):
    packed = archive({"package/dist/kern.css": b"new", "package/LICENSE": b"EUPL"})
    renew(fetched, (200, packed[:-1] + b"!"), packed)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == (
        f"kern 1.1.0 differs from {integrity(packed)[:19]}… in the lock file: the archive or the "
        "lock file was changed. Nothing was replaced."
    )
    assert files_below(fetched.root) == before


def test_archive_that_lacks_a_member_is_refused(fetched, files_below):
    renew(fetched, offered=archive({"package/dist/kern.css": b"new"}))
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == (
        "kern 1.1.0 lacks static/vendor/LICENSE; does the version still match?"
    )
    assert files_below(fetched.root) == before


def test_link_in_the_place_of_a_file_is_refused(fetched, files_below):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("package/dist/kern.css", "package/LICENSE"):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
    renew(fetched, offered=packed.getvalue())
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == (
        "kern 1.1.0 lacks static/vendor/LICENSE; does the version still match?"
    )
    assert files_below(fetched.root) == before


@pytest.mark.parametrize(
    "offered",
    [
        b"no archive",
        archive({"package/dist/kern.css": bytes(range(256)) * 40})[:150],
    ],
    ids=["something else", "cut off"],
)
def test_archive_that_cannot_be_read_is_refused(fetched, files_below, offered):
    renew(fetched, offered=offered)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == "kern 1.1.0 is no readable archive."
    assert files_below(fetched.root) == before


def test_archive_that_is_too_large_is_refused(fetched, files_below, monkeypatch):
    monkeypatch.setattr(fetch_assets, "LARGEST_ARCHIVE", 20)
    renew(fetched)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == "kern 1.1.0 is larger than expected."
    assert files_below(fetched.root) == before


def test_version_that_the_registry_does_not_have_is_refused_at_once(fetched, files_below, pauses):
    renew(fetched, (404, b"not found"))
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == (
        "kern 1.1.0 cannot be fetched: the registry answers 404. "
        "Check the network or set NPM_CONFIG_REGISTRY, then try again."
    )
    assert (fetched.server.paths, pauses) == ([KERN_2], [])
    assert files_below(fetched.root) == before


def test_registry_that_stays_broken_is_asked_three_times(fetched, files_below, pauses):
    renew(fetched, (503, b"later"))
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == (
        "kern 1.1.0 cannot be fetched: the registry answers 503. "
        "Check the network or set NPM_CONFIG_REGISTRY, then try again."
    )
    assert (fetched.server.paths, pauses) == ([KERN_2] * 3, [1, 2])
    assert files_below(fetched.root) == before


def test_registry_that_recovers_is_asked_again(registry, pauses):
    registry.server.pages[KERN] = [(502, b""), (500, b""), (200, registry.kern)]

    assert registry.fetch() is True

    assert (registry.server.paths, pauses) == ([KERN] * 3 + [ATLAS], [1, 2])


def test_download_that_breaks_off_is_tried_again(registry):
    head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(registry.kern)
    registry.server.pages[KERN] = [head + registry.kern[:40], (200, registry.kern)]

    assert registry.fetch() is True

    assert registry.server.paths == [KERN, KERN, ATLAS]


def test_registry_that_answers_nonsense_is_refused(fetched, files_below):
    renew(fetched, b"nonsense\r\n\r\n")
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value).startswith("kern 1.1.0 cannot be fetched: ")
    assert files_below(fetched.root) == before


def test_registry_that_cannot_be_reached_is_named(fetched, files_below, closed_port):
    renew(fetched)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch(NPM_CONFIG_REGISTRY=f"http://127.0.0.1:{closed_port}")

    assert str(refused.value) == (
        "kern 1.1.0 cannot be fetched: <urlopen error [Errno 111] Connection refused>. "
        "Check the network or set NPM_CONFIG_REGISTRY, then try again."
    )
    assert files_below(fetched.root) == before


@pytest.mark.parametrize(
    "address", ["file:///etc", "ftp://127.0.0.1", "registry.example", "/etc/passwd"]
)
def test_registry_that_is_no_web_address_is_refused(fetched, files_below, address):
    renew(fetched)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch(NPM_CONFIG_REGISTRY=address)

    assert str(refused.value) == f"kern: {address}{KERN_2} is no web address."
    assert files_below(fetched.root) == before


@pytest.mark.parametrize("address", ["http://127.0.0.1:port", "http://[::1", "http://127.0.0.1/ /"])
def test_registry_whose_address_is_broken_is_refused(fetched, files_below, address):
    renew(fetched)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch(NPM_CONFIG_REGISTRY=address)

    assert str(refused.value).startswith("kern 1.1.0 cannot be fetched: ")
    assert files_below(fetched.root) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "package-lock.json is broken or lacks a package (Expecting property name"),
        (b"\xff", "package-lock.json is broken or lacks a package ('utf-8' codec can't"),
        (b"[]", "package-lock.json is broken or lacks a package (list indices must be"),
        (b"{}", "package-lock.json is broken or lacks a package ('packages');"),
        (
            b'{"packages": {}}',
            "package-lock.json is broken or lacks a package ('node_modules/kern');",
        ),
        (
            b'{"packages": {"node_modules/kern": {"version": "1.0.0"}}}',
            "package-lock.json is broken or lacks a package ('integrity');",
        ),
    ],
    ids=["bad JSON", "not UTF-8", "a list", "empty", "no package", "no hash"],
)
def test_lock_file_that_is_broken_is_refused(fetched, files_below, content, words):
    (fetched.root / "package-lock.json").write_bytes(content)
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value)[: len(words)] == words
    assert files_below(fetched.root) == before
    assert fetched.server.paths == []


def test_lock_file_that_is_missing_is_refused(fetched, files_below):
    (fetched.root / "package-lock.json").unlink()
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value) == "package-lock.json cannot be read (No such file or directory)."
    assert files_below(fetched.root) == before


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "kern: the lock file names no sha512 hash."),
        ("", "kern: the lock file names no sha512 hash."),
        (None, "kern: the lock file names no sha512 hash."),
        ("sha512-", "kern 1.0.0 differs from sha512-… in the lock file"),
        ("sha512-ä", "kern 1.0.0 differs from sha512-ä… in the lock file"),
    ],
    ids=["weak", "none", "null", "empty", "not ASCII"],
)
def test_lock_file_without_a_strong_hash_is_refused(fetched, files_below, expected, words):
    lock(fetched.root, kern=("1.0.0", expected), atlas=("2.0.0", integrity(fetched.atlas)))
    before = files_below(fetched.root)

    with pytest.raises(FetchError) as refused:
        fetched.fetch()

    assert str(refused.value)[: len(words)] == words
    assert files_below(fetched.root) == before


def test_folder_that_cannot_be_replaced_is_put_back(tmp_path, files_below):
    old = tmp_path / "vendor"
    old.mkdir()
    (old / "kern.css").write_text("old", encoding="utf-8")

    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "absent", old)

    assert files_below(tmp_path) == {"vendor/kern.css": b"old"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"NPM_CONFIG_REGISTRY": "https://a.example/npm/"}, "https://a.example/npm"),
        ({"npm_config_registry": "https://b.example"}, "https://b.example"),
        (
            {
                "NPM_CONFIG_REGISTRY": "https://a.example",
                "npm_config_registry": "https://b.example",
            },
            "https://a.example",
        ),
        ({"NPM_CONFIG_REGISTRY": ""}, "https://registry.npmjs.org"),
        ({}, "https://registry.npmjs.org"),
    ],
)
def test_registry_is_taken_from_the_environment(tmp_path, environment, expected):
    assert registry_from({"HOME": str(tmp_path), **environment}) == expected


@pytest.mark.parametrize(
    ("npmrc", "expected"),
    [
        ("registry=https://c.example/\n", "https://c.example"),
        (
            "; comment\n//c.example/:_authToken=secret\nregistry = https://c.example/npm/\n",
            "https://c.example/npm",
        ),
        ("cache=/tmp\n", "https://registry.npmjs.org"),
        ("registry=\n", "https://registry.npmjs.org"),
        ("[broken\n", "https://registry.npmjs.org"),
    ],
    ids=["registry", "among others", "without one", "empty", "broken"],
)
def test_registry_is_taken_from_the_npmrc_of_the_user(tmp_path, npmrc, expected):
    (tmp_path / ".npmrc").write_text(npmrc, encoding="utf-8")

    assert registry_from({"HOME": str(tmp_path)}) == expected


def test_registry_is_taken_from_the_npmrc_that_is_named(tmp_path):
    (tmp_path / ".npmrc").write_text("registry=https://home.example\n", encoding="utf-8")
    named = tmp_path / "other"
    named.write_text("registry=https://named.example\n", encoding="utf-8")

    found = registry_from({"HOME": str(tmp_path), "NPM_CONFIG_USERCONFIG": str(named)})

    assert found == "https://named.example"


def test_real_lock_file_pins_every_package_by_a_strong_hash():
    packages = locked_packages(ROOT / "package-lock.json", fetch_assets.WANTED)

    assert [package.name for package in packages] == list(fetch_assets.WANTED)
    assert {package.integrity.partition("-")[0] for package in packages} == {"sha512"}


def test_script_fetches_for_its_own_project(server, tmp_path):
    script = tmp_path / "tools" / "fetch_assets.py"
    script.parent.mkdir()
    shutil.copy(fetch_assets.__file__, script)
    entries = {}
    for name, wanted in fetch_assets.WANTED.items():
        packed = archive({f"package/{member}": member.encode() for member in wanted})
        server.pages[f"/{name}/-/{name.rpartition('/')[2]}-1.0.0.tgz"] = (200, packed)
        entries[f"node_modules/{name}"] = {"version": "1.0.0", "integrity": integrity(packed)}
    lock_file = tmp_path / "package-lock.json"
    lock_file.write_text(json.dumps({"packages": entries}), encoding="utf-8")

    def run() -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, script],
            env={"NPM_CONFIG_REGISTRY": server.address, "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    assert run() == (0, "Assets: fetched.\n", "")
    assert run() == (0, "Assets: up to date.\n", "")
    for wanted in fetch_assets.WANTED.values():
        for member, target in wanted.items():
            assert (tmp_path / target).read_text(encoding="utf-8") == member
    lock_file.unlink()
    assert run() == (
        1,
        "",
        "Assets: package-lock.json cannot be read (No such file or directory).\n",
    )
