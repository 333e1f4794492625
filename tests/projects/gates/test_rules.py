from datetime import date
from decimal import Decimal

import pytest

from projects.gates.rules import (
    Ask,
    Line,
    Readiness,
    ask_blockers,
    days_held,
    exempt_by,
    funds_harness,
    gate_of,
    proof_today,
)

ON = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("kind", "stage", "gate"),
    [
        ("advance", "concept", "concept"),
        ("advance", "launch", "launch"),
        ("stay", "pilot", "stay"),
        ("stay", "scale", "scale"),
        ("sunset", "pilot", "sunset"),
        ("reassessment", "scale", "reassessment"),
        ("post_decision", "launch", "post_decision"),
    ],
)
def test_each_kind_answers_to_its_part_of_the_template(kind, stage, gate):
    assert gate_of(kind, stage) == gate


@pytest.mark.parametrize(
    ("condition", "subject", "exempt"),
    [
        ({}, {}, ""),
        ({"autonomy": ["autonomous"]}, {"autonomy": "autonomous"}, ""),
        (
            {"autonomy": ["supervised", "autonomous"]},
            {"autonomy": "assistive"},
            "autonomy is assistive, it applies to supervised, autonomous",
        ),
        ({"purchase_mode": ["direct_api"]}, {}, "purchase mode is not set, it applies to direct_api"),
    ],
)
def test_criterion_that_does_not_apply_says_by_which_rule(condition, subject, exempt):
    assert exempt_by(condition, subject) == exempt


@pytest.mark.parametrize(
    ("proved_on", "state"),
    [(date(2026, 8, 17), "stale"), (date(2026, 8, 18), "proved"), (date(2026, 8, 19), "proved")],
)
def test_proof_is_stale_after_its_last_fresh_day(proved_on, state):
    assert proof_today("proved", proved_on=proved_on, fresh_days=90, waived_until=None, on=ON) == state


@pytest.mark.parametrize(
    ("until", "state"), [(date(2026, 11, 15), "unproved"), (ON, "waived"), (date(2026, 11, 17), "waived")]
)
def test_waiver_holds_through_its_last_day(until, state):
    assert proof_today("waived", proved_on=None, fresh_days=90, waived_until=until, on=ON) == state


@pytest.mark.parametrize("state", ["unproved", "failed", "stale", "does_not_apply"])
def test_other_states_stay_as_they_are(state):
    assert proof_today(state, proved_on=date(2020, 1, 1), fresh_days=1, waived_until=date(2020, 1, 1), on=ON) == state


def line(state, must=True, proof="c", owed_by="Olga"):
    return Line("code", "Owners named", must, proof, state, owed_by)


def test_readiness_divides_proved_and_waived_by_applicable_musts():
    ready = Readiness(
        (line("proved"), line("waived"), line("unproved"), line("does_not_apply"), line("failed", must=False))
    )

    assert (ready.satisfied, ready.musts, ready.waived) == (2, 3, 1)
    assert ready.ratio == Decimal(2) / 3
    assert [row.state for row in ready.missing] == ["unproved"]


def test_readiness_without_musts_is_unknown_and_not_zero():
    assert Readiness((line("unproved", must=False),)).ratio is None


def test_blockers_name_what_is_missing_and_who_owes_it_by_kind():
    ready = Readiness(
        (line("unproved"), line("stale", proof="e"), line("failed", proof="j", owed_by="security reviewer"))
    )

    blockers = ready.blockers(["e", "j"])

    assert [(row.code, row.owed_by) for row in blockers] == [
        ("criterion_stale", "Olga"),
        ("criterion_failed", "security reviewer"),
    ]
    assert blockers[0].message == "Owners named: The proof expired."


def ask(**changes):
    whole = {
        "minimum": Decimal(90),
        "ask": Decimal(130),
        "maximum": Decimal(150),
        "currency": "USD",
        "milestone": "Error below 9%",
        "test": "Twelve branches report it.",
        "due_on": date(2026, 11, 17),
        "ends_on": date(2026, 11, 17),
        "layers": {},
    }
    return Ask(**{**whole, **changes})


def codes(**changes):
    return [row.code for row in ask_blockers(ask(**changes), on=ON)]


def test_whole_ask_has_no_blocker():
    assert codes() == []


@pytest.mark.parametrize(
    ("low", "amount", "high", "code"),
    [
        ("0", "130", "150", "amount_order"),
        ("0.01", "0.01", "0.01", None),
        ("130", "130", "130", None),
        ("130.01", "130", "150", "amount_order"),
        ("90", "150.01", "150", "amount_order"),
        ("-1", "130", "150", "amount_order"),
        ("90", "130.001", "150", "amount_wrong"),
        ("NaN", "130", "150", "amount_wrong"),
        ("90", "130", "Infinity", "amount_wrong"),
    ],
)
def test_amounts_stand_in_order_above_zero(low, amount, high, code):
    found = codes(minimum=Decimal(low), ask=Decimal(amount), maximum=Decimal(high))

    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ask": None}, "amount_missing"),
        ({"milestone": " "}, "milestone_missing"),
        ({"test": ""}, "test_missing"),
        ({"due_on": None}, "due_missing"),
        ({"due_on": ON}, "due_past"),
        ({"ends_on": None}, "end_missing"),
        ({"due_on": date(2026, 11, 18)}, "ends_before_due"),
        ({"layers": {"platform": Decimal(129)}}, "layers_do_not_add"),
        ({"layers": {"platform": Decimal(131), "model_api": Decimal(-1)}}, "layers_do_not_add"),
    ],
)
def test_ask_names_what_it_lacks(changes, code):
    assert codes(**changes) == [code]


@pytest.mark.parametrize(
    ("layers", "funds"),
    [({}, False), ({"platform": Decimal(1)}, False), ({"harness": Decimal(0)}, False), ({"harness": Decimal(1)}, True)],
)
def test_an_ask_funds_harness_lines_where_it_sets_money_aside_for_them(layers, funds):
    assert funds_harness(layers) is funds


def test_layers_that_add_up_are_whole():
    assert codes(layers={"platform": Decimal(100), "model_api": Decimal(30)}) == []


def test_request_without_money_still_needs_its_milestone():
    assert codes(needs_money=False, minimum=None, ask=None, maximum=None, ends_on=None) == []
    assert codes(needs_money=False, milestone="") == ["milestone_missing"]


def test_days_are_counted_for_the_side_that_held_the_request():
    moves = [
        ("draft", date(2026, 11, 1)),
        ("submitted", date(2026, 11, 3)),
        ("expert_review", date(2026, 11, 3)),
        ("returned", date(2026, 11, 6)),
        ("submitted", date(2026, 11, 10)),
    ]

    assert days_held(moves, until=ON) == {"owner": 6, "council": 9}
    assert days_held([*moves, ("decided", date(2026, 11, 12))], until=ON) == {"owner": 6, "council": 5}
