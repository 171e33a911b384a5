"""Versions compared as plain values."""

from __future__ import annotations

import difflib
import random
import time

import pytest

from tandems import comparing
from tandems.comparing import Budget, Piece, cost_of, entry_changes, picture_changes, pieces_of

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


class Counted(list):
    """The places of a word, counting how often one of them is met."""

    met = 0

    def __iter__(self):
        for place in super().__iter__():
            Counted.met += 1
            yield place


class CountingMatcher(difflib.SequenceMatcher):
    """Counts the steps that it takes, and says which texts it was given."""

    steps = 0

    def __init__(self, junk, before, after, **options):
        super().__init__(junk, before, after, **options)
        self.b2j = {word: Counted(places) for word, places in self.b2j.items()}

    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):
        CountingMatcher.steps += ahi - alo
        return super().find_longest_match(alo, ahi, blo, bhi)


@pytest.fixture
def steps(monkeypatch):
    """Return what tells how many steps comparing has taken so far."""
    CountingMatcher.steps = Counted.met = 0
    monkeypatch.setattr(comparing.difflib, "SequenceMatcher", CountingMatcher)
    return lambda: CountingMatcher.steps + Counted.met


def some_words(number, kinds, seed):
    chosen = random.Random(seed)
    return [f"w{chosen.randrange(kinds)} " for _place in range(number)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (some_words(300, 40, 1), some_words(250, 40, 2)),
        (some_words(400, 4_000, 1), some_words(400, 4_000, 2)),
        (["a ", "b "] * 60, ["b ", "a ", "a "] * 40),
        ([f"m{i // 2} " if i % 2 else f"x{i} " for i in range(400)],
         [f"m{i // 2} " if i % 2 else f"y{i} " for i in range(400)]),
        (["a "] * 100, ["a "] * 90),
        ([], ["a "]),
    ],
)  # fmt: skip
def test_cost_is_a_true_bound_of_the_steps(before, after, steps):
    comparing.difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()

    assert steps() <= cost_of(before, after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # A hundred words that repeat fifty times, on one line.
        ("a b " * 500, "b a a " * 333),
        # As many lines that do.
        ("a\nb\n" * 2_500, "b\na\na\n" * 1_600),
    ],
)
def test_many_repetitive_texts_are_shown_whole_and_take_no_time(old, new, steps):
    many = [
        values(
            **{f"e{number}": entry(texts={"de": [text, "original", ""]}) for number in range(30)}
        )
        for text in (old, new)
    ]

    found = entry_changes(*many)

    assert len(found) == 30
    for change in found:
        kinds = [piece.kind for piece in change.texts[0].pieces if len(piece.text) > 9]
        assert kinds == ["old", "new"]
    assert steps() <= 30


def test_texts_beyond_the_budget_of_the_version_are_shown_whole(steps):
    old = {f"e{n}": entry(texts={"de": ["".join(some_words(700, 300, n)), "original", ""]})
           for n in range(60)}  # fmt: skip
    new = {f"e{n}": entry(texts={"de": ["".join(some_words(700, 300, n + 99)), "original", ""]})
           for n in range(60)}  # fmt: skip
    found = entry_changes(values(**old), values(**new))

    numbers = [len(change.texts[0].pieces) for change in found if change.key != "e0"]
    # By word, as long as the budget lasts.
    assert min(numbers[:5]) > 9
    assert max(numbers[-30:]) <= 4
    assert steps() <= comparing.MOST_STEPS_IN_ALL


def test_what_costs_too_much_by_word_is_compared_by_line():
    lines = [f"Zeile {number} " + "und so weiter " * 60 for number in range(50)]
    other = [*lines]
    other[1], other[40] = "Neu", "Anders"
    old, new = "\n".join(lines), "\n".join(other)

    pieces = pieces_of(old, new)

    assert [piece.kind for piece in pieces] == ["same", "old", "new", "same", "old", "new", "same"]


def test_what_both_begin_and_end_with_costs_nothing(steps):
    same = "Gleich und gleich. " * 2_000

    pieces = pieces_of(f"{same}alt {same}", f"{same}neu {same}", Budget(left=6))

    assert [piece.text for piece in pieces] == [same, "alt ", "neu ", same]


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


def test_since_when_a_text_is_out_of_date_is_no_difference():
    old = values(a=entry(texts={"en": ["A text", "translated", "2026-03-01T08:00:00+00:00"]}))
    new = values(a=entry(texts={"en": ["A text", "translated", "2026-03-02T08:00:00+00:00"]}))

    assert entry_changes(old, new) == []


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
