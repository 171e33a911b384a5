"""Versions compared as plain values."""

from __future__ import annotations

import time

import pytest

from tandems.comparing import Piece, entry_changes, picture_changes, pieces_of

ENTRY = {
    "section": "result", "is_point": True, "position": 1, "result_kind": "report",
    "evidence": "documented", "sources": [], "municipality": "",
    "texts": {"de": ["Ein Text", "original", False]},
}  # fmt: skip
PICTURE = {
    "position": 0, "alt_de": "Haus", "alt_en": "House", "caption_de": "", "caption_en": "",
    "author": "Stadt", "licence": "CC-BY-4.0", "sources": [],
}  # fmt: skip


def values(pictures=None, **entries):
    return {"entries": entries, "pictures": pictures or {}}


def entry(**changed):
    return {**ENTRY, **changed}


def laid(old, new):
    signs = {"same": "", "old": "-", "new": "+"}
    return [f"{signs[piece.kind]}{piece.text}" for piece in pieces_of(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("gleich", "gleich", ["gleich"]),
        ("", "neu", ["+neu"]),
        ("alt", "", ["-alt"]),
        ("Zwei Städte lernen.", "Drei Städte lernen.", ["-Zwei ", "+Drei ", "Städte lernen."]),
        ("a\n\nb", "a\n\nc", ["a\n\n", "-b", "+c"]),
    ],
)
def test_two_texts_are_laid_over_each_other_word_by_word(old, new, pieces):
    assert laid(old, new) == pieces


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ein Text mit Wörtern. ", "Ein anderer Text. "),
        ("София и Крефелд ", "Крефелд и София "),
        ("a " * 4_000, "b a " * 3_000),
        ("a\n" * 9_000, "a\nb\n" * 5_000),
        ("x" * 20_000, "y" * 20_000),
        (" \n\t", "\n\n "),
    ],
)
def test_the_pieces_give_both_texts_back_and_take_no_time(old, new):
    begun = time.process_time()

    pieces = pieces_of(old, new)

    assert time.process_time() - begun < 5
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "old") == new


def test_versions_that_say_the_same_do_not_differ():
    both = values({"p": PICTURE}, a=ENTRY)

    assert entry_changes(both, both) == []
    assert picture_changes(both, both) == []


def test_entries_come_go_and_change():
    old = values(gone=entry(position=0), text=entry(texts={"de": ["Alt", "original", False]}))
    new = values(text=entry(texts={"de": ["Neu", "original", False]}), come=entry(position=2))

    found = entry_changes(old, new)

    assert [(change.key, change.kind) for change in found] == [
        ("text", "changed"),
        ("come", "added"),
        ("gone", "removed"),
    ]
    (text,) = found[0].texts
    assert (text.language, text.pieces) == ("de", (Piece("old", "Alt"), Piece("new", "Neu")))


def test_what_moves_on_because_something_comes_before_it_has_not_been_moved():
    old = values(a=entry(position=1), b=entry(position=2))
    new = values(c=entry(position=1), a=entry(position=2), b=entry(position=3))

    assert [(change.key, change.kind) for change in entry_changes(old, new)] == [("c", "added")]


def test_entries_that_change_places_have_been_moved():
    old = values(a=entry(position=1), b=entry(position=2))
    new = values(a=entry(position=2), b=entry(position=1))

    assert {(change.key, change.kind) for change in entry_changes(old, new)} == {
        ("a", "moved"),
        ("b", "moved"),
    }


def test_a_text_that_reads_as_before_may_have_another_state():
    old = values(a=entry(texts={"en": ["A text", "translated", True]}))
    new = values(a=entry(texts={"en": ["A text", "checked", False]}))

    ((text,),) = (change.texts for change in entry_changes(old, new))

    assert (text.pieces, text.state, text.is_outdated) == ((), "checked", False)


def test_facts_differ_too():
    old = values(a=entry(sources=["https://a.example/"], evidence="planned"))
    new = values(a=ENTRY)

    ((evidence, sources),) = (change.facts for change in entry_changes(old, new))

    assert (evidence.name, evidence.old, evidence.new) == ("evidence", "planned", "documented")
    assert (sources.name, sources.old, sources.new) == ("sources", ["https://a.example/"], [])


def test_pictures_come_go_and_get_other_words():
    old = values({"gone": PICTURE, "stays": PICTURE})
    new = values({"stays": {**PICTURE, "author": "Land", "position": 9}, "come": PICTURE})

    found = {change.key: change for change in picture_changes(old, new)}

    assert {key: change.kind for key, change in found.items()} == {
        "gone": "removed",
        "stays": "changed",
        "come": "added",
    }
    assert [fact.name for fact in found["stays"].facts] == ["author"]
