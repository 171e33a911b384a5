"""Floors, rooms and names of the house: what `the house` asks and no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "municipalities", "accounts", "calls", "tandems", "meetings", "editorial")
ROOFED = (*APPS, "vernetzt")
MODULES = {
    str(path.relative_to(ROOT)): path
    for folder in (*ROOFED, "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
}
#: A room of about 300 lines is full.
LONGEST_ROOM = 320
#: Module → why it may be longer.
LONGER: dict[str, str] = {"vernetzt/settings.py": "every setting is read in one file"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager2", "handle", "process", "util"}
WRITING = {
    "save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "asave", "acreate", "adelete", "aupdate", "set_password",
}  # fmt: skip


def tree(name):
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def rooms(room):
    """Return the modules of a room: `views.py` or the package `views/`."""
    return [name for name in MODULES if re.search(rf"^\w+/{room}(\.py|/)", name)]


def test_imports_lead_to_the_floors_below_only():
    """The contracts stand in pyproject.toml."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    assert re.search(r"Contracts: [2-9] kept, 0 broken", run.stdout), run.stdout


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("tools/")])
def test_room_is_not_too_long(name):
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST_ROOM or name in LONGER


def test_no_room_is_excused_that_is_not_too_long():
    assert [name for name in LONGER if name not in MODULES] == []


def test_core_stays_small():
    modules = [
        name
        for name in MODULES
        if re.match(r"core/\w+\.py$", name) and Path(name).stem not in {"__init__", "apps"}
    ]

    assert len(modules) < 10


def test_core_knows_no_noun_of_the_domain():
    named = {
        (name, word)
        for name in MODULES
        if name.startswith("core/")
        for node in ast.walk(tree(name))
        for word in re.findall(
            r"tandem|municipalit|meeting|partnership|\bcity|cities\b", identifier(node).lower()
        )
    }

    assert named == set()


def identifier(node):
    """Return the name that a piece of code gives or uses; texts for people do not count."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.ImportFrom):
        return node.module or ""
    return ""


def test_no_module_has_a_name_that_says_nothing():
    named = {part for name in MODULES for part in Path(name).with_suffix("").parts}

    assert named & FORBIDDEN_NAMES == set()


def test_views_write_nothing():
    """Views, forms, admin and commands call actions; only those change a row."""
    found = [
        f"{name}:{node.lineno} .{node.func.attr}()"
        for room in ("views", "admin", "forms")
        for name in rooms(room)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and writes(node)
    ]

    assert found == []


def writes(call):
    """Tell whether a call changes rows; ``update`` of a dictionary takes no keywords here."""
    name = call.func.attr
    return name in WRITING or (name == "update" and bool(call.keywords))


def test_the_check_for_writing_sees_what_it_must():
    code = "a.save(); b.objects.filter(x=1).update(y=2); c.update({1: 2}); d.objects.create()"

    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]

    assert sorted(call.func.attr for call in calls if writes(call)) == ["create", "save", "update"]


def test_views_fetch_what_can_be_hidden_only_through_what_hides_it():
    """`Tandem.objects.…` without `visible_to` shows planned ones; the same with the others."""
    found = [
        (name, match)
        for name in rooms("views")
        for match in re.findall(
            r"\b(?:Tandem|Meeting|Call|Article)\.objects\.(?!visible_(?:to|on)\(|with_workspace_for\()\w+",
            MODULES[name].read_text(encoding="utf-8"),
        )
    ]

    assert found == []


def test_actions_take_who_acts_as_their_last_keyword():
    wrong = [
        f"{name}: {node.name}"
        for name in rooms("actions")
        for node in tree(name).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and [argument.arg for argument in node.args.kwonlyargs][-1:] != ["by"]
    ]

    assert wrong == []


def test_models_override_no_save_and_no_signal_looks_upwards():
    models = set(rooms("models"))
    found = [
        f"{name}:{node.lineno}"
        for name in MODULES
        for node in ast.walk(tree(name))
        if (name in models and isinstance(node, ast.FunctionDef) and node.name == "save")
        or (isinstance(node, ast.ImportFrom) and "signals" in (node.module or ""))
    ]

    assert found == []


def test_every_app_has_only_the_rooms_of_the_house():
    known = {
        "__init__", "apps", "urls", "views", "admin", "forms", "actions", "mails", "queries",
        "models", "enums", "translation", "migrations", "templatetags", "permissions", "management",
    }  # fmt: skip
    pure = {
        "core": {"dates", "files", "inbox", "outbox", "pages", "text"},
        "accounts": {
            "adapters",
            "backends",
            "data",
            "mailboxes",
            "middleware",
            "oidc",
            "paces",
            "passwords",
            "sessions",
        },
        "municipalities": {"geography", "map"},
        "calls": {
            "archive",
            "assigning",
            "cards",
            "checklist",
            "content",
            "data",
            "deadline",
            "document",
            "effect",
            "letters",
            "matching",
            "numbers",
            "pdf",
            "price",
            "readiness",
            "reasons",
            "record",
            "standing",
            "ways",
            "workbook",
        },
        "tandems": {
            "access",
            "comparing",
            "confirming",
            "content",
            "data",
            "differences",
            "guests",
            "happened",
            "history",
            "locks",
            "next_step",
            "notices",
            "overview",
            "pairs",
            "pasting",
            "points",
            "reasons",
            "sections",
            "takeover",
            "timeline",
        },
        "meetings": {
            "access",
            "asked",
            "calendar_answers",
            "consultation_content",
            "data",
            "fates",
            "ical",
            "invitation",
            "itip",
            "links",
            "locks",
            "phases",
            "polling",
            "preparation",
            "streaming",
            "telling",
            "times",
            "timetable",
            "turns",
        },
    }
    rooms_of = {
        app: {
            path.stem
            for path in (ROOT / app).iterdir()
            if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
        }
        for app in APPS
    }

    assert {app: found - known - pure.get(app, set()) for app, found in rooms_of.items()} == {
        app: set() for app in APPS
    }
