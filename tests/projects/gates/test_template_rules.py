import pytest

from projects.gates.rules import Line
from projects.gates.template_rules import Wording, changed_gates, effect_of, wording_blockers

CHECKS = {"estimate"}
SUBJECTS = {"autonomy": ["assistive", "autonomous"]}


def wording(**fields):
    return Wording(**{"gate": "mvp", "code": "exit_test", "text": "An exit test", "must": True, "proof": "e", **fields})


def codes(line):
    return [row.code for row in wording_blockers(line, checks=CHECKS, subjects=SUBJECTS)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"proof": "c", "check_name": "estimate"},
        {"proof": "j", "topic": "legal"},
        {"proof": "j", "check_name": "guardrails_judged"},
        {"condition": {"autonomy": ["assistive"]}},
        {"freshness_days": 1},
        {"freshness_days": 3650},
        {"code": "ab"},
        {"code": "a" * 40},
        {"text": "x" * 500},
    ],
)
def test_whole_line_stands(fields):
    assert codes(wording(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"gate": "launchpad"}, "gate_unknown"),
        ({"code": "a"}, "code_wrong"),
        ({"code": "a" * 41}, "code_wrong"),
        ({"code": "9lives"}, "code_wrong"),
        ({"code": "Exit"}, "code_wrong"),
        ({"code": "exit\n"}, "code_wrong"),
        ({"text": " "}, "text_wrong"),
        ({"text": "x" * 501}, "text_wrong"),
        ({"freshness_days": 0}, "freshness_wrong"),
        ({"freshness_days": 3651}, "freshness_wrong"),
        ({"proof": "c"}, "check_unknown"),
        ({"proof": "c", "check_name": "horoscope"}, "check_unknown"),
        ({"proof": "e", "check_name": "estimate"}, "evidence_is_plain"),
        ({"proof": "e", "topic": "legal"}, "evidence_is_plain"),
        ({"proof": "j"}, "topic_missing"),
        ({"proof": "j", "topic": "astrology"}, "topic_missing"),
        ({"proof": "j", "topic": "legal", "check_name": "estimate"}, "judged_by_people"),
        ({"condition": {"autonomy": ["telepathic"]}}, "condition_unknown"),
        ({"condition": {"autonomy": []}}, "condition_unknown"),
        ({"condition": {"mood": ["good"]}}, "condition_unknown"),
    ],
)
def test_line_that_cannot_stand_says_why(fields, code):
    assert codes(wording(**fields)) == [code]


def line(code, state="unproved", must=True):
    return Line(code, code, must, "e", state, "Olga")


def test_effect_names_what_is_newly_missed_and_what_no_longer():
    before = [line("kept"), line("gone"), line("met", "proved")]
    after = [line("kept"), line("new"), line("met", "proved"), line("advice", must=False)]

    effect = effect_of(before, after)

    assert [row.code for row in effect.missed] == ["new"]
    assert [row.code for row in effect.relieved] == ["gone"]


def test_proof_that_expires_sooner_is_newly_missed():
    effect = effect_of([line("met", "proved")], [line("met", "stale")])

    assert [row.state for row in effect.missed] == ["stale"]


def test_gate_changes_by_a_new_a_gone_and_an_altered_line_and_by_nothing_else():
    before = [wording(gate="mvp"), wording(gate="pilot"), wording(gate="launch"), wording(gate="scale")]
    after = [wording(gate="mvp", must=False), wording(gate="launch"), wording(gate="sunset"), wording(gate="scale")]

    assert changed_gates(before, after) == {"mvp", "pilot", "sunset"}
