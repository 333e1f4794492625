"""Quorum, tally and motions at their boundaries."""

from datetime import date
from decimal import Decimal

import pytest

from council.decisions import rules
from council.decisions.rules import Ask, Member, motion_blockers, quorum, tally, voters

ON = date(2026, 11, 19)


def seat(number, persona="platform", **facts):
    facts = {"is_voting": True, "is_present": True} | facts
    return Member(term_id=number, name=f"M{number}", seat_id=number, persona=persona, **facts)


def council(*, present=9, recused=()):
    personas = ["executive", "finance", "risk", *["platform"] * 6]
    return [
        seat(n, p, is_chair=n == 0, is_present=n < present, is_recused=n in recused) for n, p in enumerate(personas)
    ]


@pytest.mark.parametrize(("present", "met"), [(4, False), (5, True), (9, True)])
def test_quorum_is_the_majority_of_filled_voting_seats(present, met):
    result = quorum(council(present=present), floor=3)

    assert result.needed == 5
    assert result.is_met is met


def test_a_recused_seat_leaves_the_majority():
    result = quorum(council(present=6, recused=(5,)), floor=3)

    assert (result.needed, result.present) == (5, 5)
    assert result.is_met


@pytest.mark.parametrize(("floor", "met"), [(3, True), (4, False)])
def test_the_floor_holds_where_the_majority_is_smaller(floor, met):
    members = [seat(0, "executive", is_chair=True), seat(1, "finance"), seat(2, "risk")]

    assert quorum(members, floor=floor).is_met is met


def test_without_chair_or_deputy_chair_there_is_no_quorum():
    members = council(recused=(0,))

    assert [b.code for b in quorum(members, floor=3).blockers] == ["no_chair"]

    members[4] = seat(4, is_deputy_chair=True)
    assert quorum(members, floor=3).is_met


@pytest.mark.parametrize("persona", ["finance", "risk"])
def test_an_absent_finance_or_risk_is_replaced_only_by_its_deputy(persona):
    number = {"finance": 1, "risk": 2}[persona]
    members = council()
    members[number] = seat(number, persona, is_present=False)

    assert [b.code for b in quorum(members, floor=3).blockers] == [f"no_{persona}"]

    deputy = seat(20, persona, is_voting=False, deputy_of=number)
    result = quorum([*members, deputy], floor=3)
    assert result.is_met
    assert deputy in voters([*members, deputy])


def test_a_deputy_does_not_vote_beside_the_holder():
    deputy = seat(20, "finance", is_voting=False, deputy_of=1)

    assert deputy not in voters([*council(), deputy])


def test_where_every_finance_voice_is_recused_the_item_goes_one_row_up():
    result = quorum(council(recused=(1,)), floor=3)

    assert result.is_met
    assert result.row_up


@pytest.mark.parametrize(
    ("choices", "present", "carried"),
    [
        (["for"] * 3 + ["against"] * 3, 9, False),
        (["for"] * 4 + ["against"] * 3, 9, True),
        (["for"] * 3 + ["abstain"] * 6, 9, True),
        (["for"] * 2 + ["abstain"] * 7, 9, False),
        (["for"] * 3 + ["against"] * 2, 10, False),
        ([], 9, False),
    ],
)
def test_carried_means_more_for_than_against_and_a_third_of_those_present(choices, present, carried):
    assert tally(choices, present=present).is_carried is carried


def ask(**facts):
    facts = {"minimum": Decimal(50), "maximum": Decimal(100), "headroom": Decimal(90)} | facts
    return Ask(currency="USD", stage="pilot", **facts)


@pytest.mark.parametrize(
    ("amount", "codes"),
    [
        ("49.99", ["amount_outside_ask"]),
        ("50", []),
        ("90", []),
        ("90.01", ["over_headroom"]),
        ("100.01", ["amount_outside_ask", "over_headroom"]),
        ("60.001", ["amount_wrong"]),
        ("NaN", ["amount_wrong"]),
        ("-1", ["amount_wrong"]),
    ],
)
def test_the_amount_lies_between_minimum_and_maximum_and_under_the_headroom(amount, codes):
    blockers = motion_blockers(outcome="go", amount=Decimal(amount), reason="Proven.", conditions=[], ask=ask(), on=ON)

    assert [b.code for b in blockers] == codes


@pytest.mark.parametrize(
    ("outcome", "conditions", "codes"),
    [
        ("go", [{"text": "x", "due_on": "2026-12-01"}], ["conditions_unexpected"]),
        ("go_with_conditions", [], ["conditions_missing"]),
        ("go_with_conditions", [{"text": "x", "due_on": "2026-11-19"}], []),
        ("go_with_conditions", [{"text": "x", "due_on": "2026-11-18"}], ["condition_past"]),
        ("go_with_conditions", [{"text": " ", "due_on": "2026-12-01"}], ["condition_incomplete"]),
    ],
)
def test_conditions_belong_to_a_go_with_conditions(outcome, conditions, codes):
    blockers = motion_blockers(
        outcome=outcome, amount=Decimal(60), reason="Proven.", conditions=conditions, ask=ask(), on=ON
    )

    assert [b.code for b in blockers] == codes


def test_a_hold_moves_no_money_and_sunset_is_not_open_to_an_mvp():
    early = Ask(currency="USD", minimum=None, maximum=None, headroom=None, stage="mvp")

    held = motion_blockers(outcome="hold", amount=Decimal(1), reason="Stop.", conditions=[], ask=early, on=ON)
    sunset = motion_blockers(outcome="sunset", amount=Decimal(0), reason="Stop.", conditions=[], ask=early, on=ON)

    assert [b.code for b in held] == ["hold_without_money"]
    assert [b.code for b in sunset] == ["too_early_to_sunset"]


def test_a_go_without_an_ask_moves_no_money_and_a_motion_needs_a_reason():
    nothing = Ask(currency="USD", minimum=None, maximum=None, headroom=None, stage="mvp")

    blockers = motion_blockers(outcome="go", amount=Decimal(5), reason=" ", conditions=[], ask=nothing, on=ON)

    assert [b.code for b in blockers] == ["reason_missing", "nothing_asked"]


LEAD, FINANCE, BOTH, NEITHER = (
    rules.Signer("Ken", True, False),
    rules.Signer("Fay", False, True),
    rules.Signer("Kenji", True, True),
    rules.Signer("Arno", False, False),
)


@pytest.mark.parametrize(
    ("first", "second", "lawful"),
    [
        (LEAD, FINANCE, True),
        (FINANCE, LEAD, True),
        (BOTH, FINANCE, True),
        (FINANCE, BOTH, True),
        (BOTH, LEAD, True),
        (LEAD, LEAD, False),
        (FINANCE, FINANCE, False),
        (LEAD, NEITHER, False),
        (NEITHER, FINANCE, False),
    ],
)
def test_a_pair_is_the_finops_lead_with_finance(first, second, lawful):
    assert (rules.pair_blockers(first, second) == []) is lawful


@pytest.mark.parametrize(
    ("acted", "amount", "lawful"),
    [("0", "250000", True), ("100000", "150000", True), ("100000", "150000.01", False), ("250000", "0", True)],
)
def test_actions_not_yet_ratified_count_with_the_new_one(acted, amount, lawful):
    found = rules.act_blockers(
        limit=Decimal(250000), acted=Decimal(acted), amount=Decimal(amount), currency="USD", initiative="AI-001"
    )

    assert (found == []) is lawful


def test_a_ratification_names_outcome_and_amount_of_the_action():
    def said(outcome, amount, reason="It was right."):
        found = rules.ratification_blockers(
            outcome=outcome, amount=Decimal(amount), reason=reason, action="AIC-2026-014", done=("go", Decimal(90000))
        )
        return [blocker.code for blocker in found]

    assert said("go", "90000") == []
    assert said("go", "89999.99") == ["ratifies_something_else"]
    assert said("hold", "90000") == ["ratifies_something_else"]
    assert said("go", "90000", " ") == ["reason_missing"]
