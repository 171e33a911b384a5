"""Who reads what: every hard rule, coverage, even loads, and the gaps that nobody can close."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest

from calls.assigning import Case, Gap, GapKind, Reader, gaps_of, propose

LANGUAGES = ("bg", "de", "en", "es", "fr")
SEEDS = range(100)
TEAM = frozenset({1, 2, 3})


def codes(text):
    return frozenset(text.split())


def some_of(chance, values, most):
    values = list(values)
    return frozenset(chance.sample(values, chance.randint(0, min(most, len(values)))))


def some_question(seed, *, most=None, conflicts=0.2, languages=True, assigned=2):
    """Return cases, readers, number per case and organisations of any kind, as keywords."""
    chance = random.Random(seed)
    number = chance.randint(1, 4)
    readers = [
        Reader(
            key,
            chance.randint(1, number),
            some_of(chance, LANGUAGES, 3) if languages else frozenset(),
            None if most is None else chance.choice([None, chance.randint(0, most)]),
        )
        for key in chance.sample(range(100), chance.randint(1, 12))
    ]
    keys = [reader.key for reader in readers]
    cases = [
        Case(
            key,
            some_of(chance, LANGUAGES, 2) if languages else frozenset(),
            some_of(chance, keys, assigned),
            frozenset(one for one in keys if chance.random() < conflicts),
            frozenset(one for one in range(1, number + 1) if chance.random() < conflicts / 3),
        )
        for key in chance.sample(range(1000), chance.randint(1, 25))
    ]
    return {
        "cases": cases,
        "readers": readers,
        "per_case": chance.randint(0, 5),
        "organisations": some_of(chance, range(1, number + 1), number),
    }


def answer_to(question):
    question = dict(question)
    return propose(question.pop("cases"), question.pop("readers"), **question)


def who_reads(question, proposal):
    """Return who may read and does, by case: earlier or newly."""
    readers = {reader.key: reader for reader in question["readers"]}
    added = set(proposal.added)
    return {
        case.key: [
            reader
            for key, reader in readers.items()
            if (key in case.readers or (case.key, key) in added) and not case.bars(reader)
        ]
        for case in question["cases"]
    }


QUESTIONS = [
    pytest.param({}, id="any"),
    pytest.param({"most": 8}, id="limits"),
    pytest.param({"most": 8, "conflicts": 0.5}, id="limits and many conflicts"),
    pytest.param({"languages": False, "assigned": 0}, id="no languages"),
]


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("seed", SEEDS)
def test_hard_rules_hold(seed, kind):
    question = some_question(seed, **kind)
    readers = {reader.key: reader for reader in question["readers"]}

    proposal = answer_to(question)

    cases = {case.key: case for case in question["cases"]}
    assert list(proposal.added) == sorted(set(proposal.added))
    new = Counter(case for case, _ in proposal.added)
    for case, reader in proposal.added:
        assert reader not in cases[case].readers
        assert reader not in cases[case].barred
        assert readers[reader].organisation not in cases[case].barred_organisations
    reading = who_reads(question, proposal)
    for key, people in reading.items():
        earlier = len(people) - new[key]
        assert new[key] <= max(0, question["per_case"] - earlier)
    burden = Counter(key for case in cases.values() for key in case.readers)
    added = Counter(reader for _, reader in proposal.added)
    assert proposal.loads == {key: burden[key] + added[key] for key in sorted(readers)}
    for key, reader in readers.items():
        if reader.most is not None and added[key]:
            assert proposal.loads[key] <= reader.most


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("seed", SEEDS)
def test_gaps_are_what_is_missing_and_nothing_else(seed, kind):
    question = some_question(seed, **kind)

    proposal = answer_to(question)

    expected = []
    reading = who_reads(question, proposal)
    for case in sorted(question["cases"], key=lambda case: case.key):
        people = reading[case.key]
        missing = question["per_case"] - len(people)
        if missing > 0:
            expected.append(Gap(case.key, GapKind.TOO_FEW, 0, missing))
        expected += [
            Gap(case.key, GapKind.ORGANISATION_MISSING, organisation, 1)
            for organisation in sorted(question["organisations"])
            if all(one.organisation != organisation for one in people)
        ]
        if case.languages and not any(one.languages & case.languages for one in people):
            expected.append(Gap(case.key, GapKind.LANGUAGE_MISSING, 0, 1))
    assert list(proposal.gaps) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_what_can_be_covered_is_covered(seed):
    question = some_question(seed)
    per_case, organisations = question["per_case"], question["organisations"]

    proposal = answer_to(question)

    gaps = {(gap.case, gap.kind, gap.organisation): gap.missing for gap in proposal.gaps}
    for case in question["cases"]:
        may = [reader for reader in question["readers"] if not case.bars(reader)]
        earlier = [reader for reader in may if reader.key in case.readers]
        room = max(0, per_case - len(earlier))
        absent = organisations - {one.organisation for one in earlier}
        possible = absent & {reader.organisation for reader in may}
        still = {key for key in absent if (case.key, GapKind.ORGANISATION_MISSING, key) in gaps}
        assert len(still) == len(absent) - min(room, len(possible))
        few = max(0, per_case - len(may))
        assert gaps.get((case.key, GapKind.TOO_FEW, 0), 0) == few
        if len(possible) < room and any(case.is_known_to(reader) for reader in may):
            assert (case.key, GapKind.LANGUAGE_MISSING, 0) not in gaps


@pytest.mark.parametrize("seed", SEEDS)
def test_as_many_as_possible_know_a_language(seed):
    question = some_question(seed, assigned=0)

    reading = who_reads(question, answer_to(question))

    for case in question["cases"]:
        may = [reader for reader in question["readers"] if not case.bars(reader)]
        strangers = [one for one in reading[case.key] if not case.is_known_to(one)]
        unused = [one for one in may if case.is_known_to(one) and one not in reading[case.key]]
        for stranger in strangers:
            # Only the place of an organisation is taken by who knows no language of the case.
            mates = [one for one in reading[case.key] if one.organisation == stranger.organisation]
            instead = [
                one
                for one in unused
                if stranger.organisation not in question["organisations"]
                or len(mates) > 1
                or one.organisation == stranger.organisation
            ]
            assert not instead


@pytest.mark.parametrize("seed", SEEDS)
def test_loads_are_even_where_nobody_is_barred(seed):
    question = some_question(seed, conflicts=0, languages=False, assigned=0)

    proposal = answer_to(question)

    by_organisation = {}
    for reader in question["readers"]:
        by_organisation.setdefault(reader.organisation, []).append(proposal.loads[reader.key])
    assert all(max(loads) - min(loads) <= 1 for loads in by_organisation.values())
    if not question["organisations"]:
        loads = proposal.loads.values()
        assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_single_exchange_makes_loads_more_even(seed):
    question = some_question(seed, most=20)

    proposal = answer_to(question)

    cases = {case.key: case for case in question["cases"]}
    readers = {reader.key: reader for reader in question["readers"]}
    reading = who_reads(question, proposal)
    for key, giver in proposal.added:
        case, rest = cases[key], [one for one in reading[key] if one.key != giver]
        needed = question["organisations"] - {one.organisation for one in rest}
        for taker in readers.values():
            if (
                taker.key in case.readers
                or taker in reading[key]
                or case.bars(taker)
                or (readers[giver].organisation in needed and taker.organisation not in needed)
                or (case.is_known_to(readers[giver]) and not case.is_known_to(taker))
                or (taker.most is not None and proposal.loads[taker.key] >= taker.most)
            ):
                continue
            assert proposal.loads[giver] - proposal.loads[taker.key] <= 1


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("seed", range(40))
def test_order_of_input_does_not_matter(seed, kind):
    question = some_question(seed, **kind)
    chance = random.Random(seed)
    shuffled = question | {
        name: iter(chance.sample(question[name], len(question[name])))
        for name in ("cases", "readers")
    }

    assert answer_to(question) == answer_to(shuffled)
    assert list(answer_to(question).loads) == sorted(reader.key for reader in question["readers"])


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("seed", range(40))
def test_accepted_proposal_leaves_its_own_gaps_and_proposes_no_more(seed, kind):
    question = some_question(seed, **kind)
    proposal = answer_to(question)
    new = {}
    for case, reader in proposal.added:
        new.setdefault(case, set()).add(reader)
    accepted = [
        Case(
            case.key,
            case.languages,
            case.readers | new.get(case.key, set()),
            case.barred,
            case.barred_organisations,
        )
        for case in question["cases"]
    ]

    again = answer_to(question | {"cases": accepted})
    rules = {name: question[name] for name in ("per_case", "organisations")}

    assert gaps_of(accepted, question["readers"], **rules) == proposal.gaps
    assert (again.added, again.gaps, again.loads) == ((), proposal.gaps, proposal.loads)


# Single rules


def test_large_call_is_spread_to_the_last_one():
    readers = [Reader(key, 1 + key % 3) for key in range(30)]
    cases = [Case(key) for key in range(300)]

    proposal = propose(cases, readers, per_case=6, organisations=TEAM)

    assert set(proposal.loads.values()) == {60}
    assert not proposal.gaps


def test_small_organisation_reads_everything_and_the_others_share_the_rest():
    readers = [Reader(1, 1), *[Reader(key, 2) for key in range(2, 7)]]

    proposal = propose(
        [Case(key) for key in range(10)], readers, per_case=2, organisations=frozenset({1, 2})
    )

    assert proposal.loads == {1: 10, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2}


def test_earlier_assignments_stay_and_count_as_load():
    readers = [Reader(1, 1), Reader(2, 1)]
    cases = [
        Case(1, readers=frozenset({1})),
        Case(2, readers=frozenset({1})),
        Case(3),
        Case(4),
    ]

    proposal = propose(cases, readers, per_case=1, organisations=frozenset())

    assert proposal.added == ((3, 2), (4, 2))
    assert proposal.loads == {1: 2, 2: 2}


@pytest.mark.parametrize("seed", range(120))
def test_loads_are_as_even_as_any_assignment_could_make_them(seed):
    chance = random.Random(seed)
    readers = [Reader(key, 1) for key in range(4)]
    cases = [
        Case(key, barred=frozenset(chance.sample(range(4), chance.randint(1, 3))))
        for key in range(6)
    ]
    busy = chance.choices(range(4), [1, 2, 4, 8], k=8)
    burden = [Case(9 + key, readers=frozenset({reader})) for key, reader in enumerate(busy)]
    earlier = Counter(key for case in burden for key in case.readers)

    loads = propose(cases + burden, readers, per_case=1, organisations=frozenset()).loads

    ways = product(*({0, 1, 2, 3} - case.barred for case in cases))
    possible = [[earlier[key] + way.count(key) for key in range(4)] for way in ways]
    assert sorted(loads.values()) == min(map(sorted, possible), key=squares)
    assert max(loads.values()) == min(map(max, possible))
    assert min(loads.values()) == max(map(min, possible))


def squares(loads):
    return sum(load * load for load in loads)


def test_full_case_gets_nobody_though_an_organisation_is_missing():
    cases = [Case(1, readers=frozenset({1, 2}))]
    readers = [Reader(1, 1), Reader(2, 1), Reader(3, 2)]

    proposal = propose(cases, readers, per_case=2, organisations=frozenset({1, 2}))

    assert proposal.added == ()
    assert proposal.gaps == (Gap(1, GapKind.ORGANISATION_MISSING, 2, 1),)


def test_earlier_reader_who_is_barred_now_is_replaced_but_keeps_the_load():
    cases = [Case(1, codes("de"), readers=frozenset({1}), barred=frozenset({1}))]
    readers = [Reader(1, 1, codes("de")), Reader(2, 1, codes("de"))]
    rules = {"per_case": 1, "organisations": frozenset({1})}

    proposal = propose(cases, readers, **rules)

    assert {gap.kind for gap in gaps_of(cases, readers, **rules)} == set(GapKind)
    assert (proposal.added, proposal.gaps) == (((1, 2),), ())
    assert proposal.loads == {1: 1, 2: 1}


def test_earlier_reader_who_is_unknown_does_not_count():
    proposal = propose(
        [Case(1, readers=frozenset({77}))], [Reader(1, 1)], per_case=1, organisations=frozenset()
    )

    assert (proposal.added, proposal.loads) == (((1, 1),), {1: 1})


def test_everybody_barred_leaves_every_gap():
    readers = [Reader(1, 1, codes("de")), Reader(2, 2, codes("de"))]
    cases = [
        Case(1, codes("de"), barred=frozenset({1, 2})),
        Case(2, barred_organisations=frozenset({1, 2})),
    ]

    proposal = propose(cases, readers, per_case=2, organisations=frozenset({1, 2}))

    assert proposal.added == ()
    assert proposal.loads == {1: 0, 2: 0}
    assert proposal.gaps == (
        Gap(1, GapKind.TOO_FEW, 0, 2),
        Gap(1, GapKind.ORGANISATION_MISSING, 1, 1),
        Gap(1, GapKind.ORGANISATION_MISSING, 2, 1),
        Gap(1, GapKind.LANGUAGE_MISSING, 0, 1),
        Gap(2, GapKind.TOO_FEW, 0, 2),
        Gap(2, GapKind.ORGANISATION_MISSING, 1, 1),
        Gap(2, GapKind.ORGANISATION_MISSING, 2, 1),
    )


def test_more_per_case_than_people_gives_each_case_to_all():
    proposal = propose(
        [Case(1), Case(2)], [Reader(1, 1), Reader(2, 2)], per_case=5, organisations=frozenset({1})
    )

    assert proposal.added == ((1, 1), (1, 2), (2, 1), (2, 2))
    assert proposal.gaps == (Gap(1, GapKind.TOO_FEW, 0, 3), Gap(2, GapKind.TOO_FEW, 0, 3))


def test_no_case_and_no_reader():
    nothing = propose([], [Reader(4, 1)], per_case=3, organisations=TEAM)
    nobody = propose([Case(1)], [], per_case=1, organisations=frozenset({9}))

    assert (nothing.added, nothing.gaps, nothing.loads) == ((), (), {4: 0})
    assert (nobody.added, nobody.loads) == ((), {})
    assert nobody.gaps == (
        Gap(1, GapKind.TOO_FEW, 0, 1),
        Gap(1, GapKind.ORGANISATION_MISSING, 9, 1),
    )
    assert propose([], [], per_case=3, organisations=TEAM).gaps == ()
    assert propose([Case(1)], [Reader(1, 1)], per_case=0, organisations=frozenset()).added == ()


def test_fewer_places_than_organisations_are_shared_among_these():
    readers = [Reader(1, 1), Reader(2, 2), Reader(3, 3)]

    proposal = propose([Case(key) for key in range(9)], readers, per_case=1, organisations=TEAM)

    assert proposal.loads == {1: 3, 2: 3, 3: 3}
    assert Counter(gap.organisation for gap in proposal.gaps) == {1: 6, 2: 6, 3: 6}


def test_who_shares_a_language_is_preferred_to_who_reads_less():
    readers = [Reader(1, 1, codes("de en")), Reader(2, 1, codes("fr"))]

    proposal = propose(
        [Case(key, codes("en bg")) for key in range(3)],
        readers,
        per_case=1,
        organisations=frozenset(),
    )

    assert proposal.loads == {1: 3, 2: 0}


def test_case_that_asks_for_no_language_takes_anybody():
    proposal = propose([Case(1)], [Reader(1, 1)], per_case=1, organisations=frozenset())

    assert (proposal.added, proposal.gaps) == (((1, 1),), ())


def test_language_is_missing_only_if_nobody_among_the_readers_knows_one():
    readers = [Reader(1, 1, codes("de")), Reader(2, 2, codes("fr")), Reader(3, 2)]
    rules = {"per_case": 2, "organisations": frozenset({1, 2})}

    one = propose([Case(1, codes("fr es"))], readers, **rules)
    other = propose([Case(1, codes("bg"))], readers, **rules)

    assert (one.added, one.gaps) == (((1, 1), (1, 2)), ())
    assert len(other.added) == 2
    assert other.gaps == (Gap(1, GapKind.LANGUAGE_MISSING, 0, 1),)


def test_organisation_counts_for_more_than_language():
    readers = [Reader(1, 1, codes("de")), Reader(2, 2, codes("fr"))]

    proposal = propose([Case(1, codes("fr"))], readers, per_case=1, organisations=frozenset({1}))

    assert proposal.added == ((1, 1),)
    assert proposal.gaps == (Gap(1, GapKind.LANGUAGE_MISSING, 0, 1),)


# Limits


def test_whoever_has_as_much_as_agreed_hands_a_case_on_for_an_organisation():
    # The only one of organisation 1 for case 2 must not be spent on case 1.
    readers = [Reader(1, 1, most=1), Reader(2, 1, most=1)]
    cases = [Case(1), Case(2, barred=frozenset({2}))]

    for order in cases, cases[::-1]:
        proposal = propose(order, readers, per_case=1, organisations=frozenset({1}))
        assert proposal.added == ((1, 2), (2, 1))


@pytest.mark.parametrize("seed", range(150))
def test_organisations_are_covered_as_often_as_limits_and_conflicts_allow(seed):
    chance = random.Random(seed)
    readers = [Reader(key, 1 + key % 2, most=chance.randint(0, 4)) for key in range(6)]
    cases = [
        Case(key, barred=frozenset(one for one in range(6) if chance.random() < 0.4))
        for key in range(chance.randint(1, 9))
    ]

    proposal = propose(cases, readers, per_case=2, organisations=frozenset({1, 2}))

    for organisation in (1, 2):
        mine = [reader for reader in readers if reader.organisation == organisation]
        missing = [gap for gap in proposal.gaps if gap.organisation == organisation]
        assert len(cases) - len(missing) == most_pairs(cases, mine)


def most_pairs(cases, readers):
    """Return how many cases can have a reader at once: augmenting paths over single places."""
    places = [reader for reader in readers for _ in range(reader.most)]
    held = {}

    def seat(case, tried):
        for number, reader in enumerate(places):
            if not case.bars(reader) and number not in tried:
                tried.add(number)
                if number not in held or seat(held[number], tried):
                    held[number] = case
                    return True
        return False

    return sum(seat(case, set()) for case in cases)


def test_shortage_is_spread_over_the_cases():
    readers = [Reader(key, 1, most=5) for key in range(4)]

    proposal = propose(
        [Case(key) for key in range(10)], readers, per_case=3, organisations=frozenset()
    )

    assert [gap.missing for gap in proposal.gaps] == [1] * 10


def test_rare_language_is_not_spent_where_somebody_else_would_do():
    readers = [Reader(1, 1, codes("de fr"), most=1), Reader(2, 1, codes("de"), most=1)]

    proposal = propose(
        [Case(1, codes("de")), Case(2, codes("fr"))],
        readers,
        per_case=1,
        organisations=frozenset(),
    )

    assert (proposal.added, proposal.gaps) == (((1, 2), (2, 1)), ())


@pytest.mark.parametrize("most", [1, 2])
def test_case_is_exchanged_for_one_in_a_language_that_is_known(most):
    # 1 knows both languages and takes the first case; 2 would be a stranger to the second.
    readers = [
        Reader(1, 1, codes("de fr"), most=1),
        Reader(2, 1, codes("de"), most=most),
        Reader(3, 1, codes("de fr"), most=0),
    ]
    cases = [Case(key, codes(code), readers=frozenset({3})) for key, code in ((1, "de"), (2, "fr"))]

    proposal = propose(cases, readers, per_case=2, organisations=frozenset())

    assert proposal.added == ((1, 2), (2, 1))


def test_organisation_is_worth_a_language_elsewhere():
    readers = [Reader(1, 1, codes("fr"), most=1), Reader(2, 1, codes("de"), most=1), Reader(3, 2)]
    cases = [Case(1, codes("fr"), barred=frozenset({3})), Case(2, barred=frozenset({2}))]

    proposal = propose(cases, readers, per_case=1, organisations=frozenset({1}))

    assert proposal.added == ((1, 2), (2, 1))
    assert proposal.gaps == (Gap(1, GapKind.LANGUAGE_MISSING, 0, 1),)


def test_one_reader_more_is_not_worth_the_last_who_knows_a_language():
    readers = [Reader(1, 1, codes("fr"), most=1), Reader(2, 1, codes("de"), most=1)]
    cases = [Case(1, codes("fr")), Case(2, barred=frozenset({2}))]

    proposal = propose(cases, readers, per_case=1, organisations=frozenset())

    assert proposal.added == ((1, 1),)
    assert proposal.gaps == (Gap(2, GapKind.TOO_FEW, 0, 1),)


def test_language_is_known_by_any_one_in_common():
    case = Case(1, codes("de en"))

    assert case.is_known_to(Reader(1, 1, codes("en fr")))
    assert not case.is_known_to(Reader(1, 1, codes("fr")))
    assert not case.is_known_to(Reader(1, 1))
    assert Case(1).is_known_to(Reader(1, 1))


def test_who_reads_more_than_agreed_keeps_it_and_gets_no_more():
    cases = [Case(key, readers=frozenset({1})) for key in range(3)] + [Case(9)]

    proposal = propose(cases, [Reader(1, 1, most=1)], per_case=1, organisations=frozenset())

    assert (proposal.added, proposal.loads) == ((), {1: 3})
    assert proposal.gaps == (Gap(9, GapKind.TOO_FEW, 0, 1),)


def test_key_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match="key"):
        propose([Case(1), Case(1)], [], per_case=1, organisations=TEAM)
    with pytest.raises(ValueError, match="key"):
        propose([], [Reader(1, 1), Reader(1, 2)], per_case=1, organisations=TEAM)
