"""What is committed: nothing of this machine, nothing of others, no secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Written in two halves, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(("\\.\\./" + "shared", "/" + "work/", "/home/" + "\\w", "/" + "Users/", "/" + "root/"))
)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_\w{36}|xox[bp]-\w{10}")


@pytest.fixture(scope="module")
def tracked():
    """Return every file of the next commit, as git sees it."""
    run = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = run.stdout.decode().split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def lines_with(pattern, names):
    return [
        f"{name}:{number}"
        for name in names
        for number, line in enumerate(
            (ROOT / name).read_text(encoding="utf-8", errors="ignore").splitlines(), start=1
        )
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_this_machine(tracked):
    assert lines_with(MACHINE, tracked) == []


def test_no_file_holds_a_secret(tracked):
    assert lines_with(SECRET, tracked) == []


def test_only_own_styles_and_pictures_are_committed(tracked):
    """KERN, Fira Sans and the map data come from the npm registry by the lock file's hashes."""
    static = [name for name in tracked if name.startswith("static/")]

    assert sorted(name for name in static if name.endswith((".css", ".js"))) == [
        "static/css/admin.css",
        "static/css/fonts.css",
        "static/css/theme.css",
        "static/js/autosave.js",
        "static/js/clock.js",
        "static/js/consultation.js",
        "static/js/passkey.js",
        "static/js/preview.js",
        "static/js/session.js",
    ]
    assert [name for name in tracked if re.search(r"\.(woff2?|ttf|otf|eot)$", name)] == []
    assert [name for name in static if "vendor" in name or "/map/" in name] == []


def test_nothing_that_tools_make_is_committed(tracked):
    made = re.compile(
        r"\.(pyc|mo|sqlite3|log|orig|rej|bak)$|(^|/)(\.env|\.coverage|var|build)(/|$)"
    )

    assert [name for name in tracked if made.search(name)] == []


def test_no_file_is_too_large_to_review(tracked):
    """The catalogue of texts is reviewed by its changes, and grows with the portal."""
    most = {name: 1_000_000 if name.endswith(".po") else 400_000 for name in tracked}
    large = [name for name in tracked if (ROOT / name).stat().st_size > most[name]]

    assert large == []


def test_no_test_sleeps_skips_or_expects_to_fail(tracked):
    words = ("time\\.sleep", "mark\\.skip", "mark\\.xfail", "pytest\\.skip", "unittest\\.mock")
    lazy = re.compile("|".join(words))
    tests = [name for name in tracked if name.startswith("tests/") and name.endswith(".py")]

    assert lines_with(lazy, tests) == []


def test_no_test_folder_is_a_package(tracked):
    """pytest runs with importlib mode: equal file names in two folders are no clash."""
    assert [n for n in tracked if n.startswith("tests/") and n.endswith("__init__.py")] == []


def test_every_text_file_ends_with_one_line_break(tracked):
    text = (".py", ".html", ".css", ".md", ".toml", ".txt", ".json", ".po", ".yaml", ".svg")
    wrong = []
    for name in tracked:
        content = (ROOT / name).read_bytes()
        if name.endswith(text) and content and not re.search(rb"[^\n]\n\Z", content):
            wrong.append(name)

    assert wrong == []
