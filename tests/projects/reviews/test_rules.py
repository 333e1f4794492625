import pytest

from projects.reviews.rules import Finding, finding, must_return, pick_reviewer, spread, topics_for


@pytest.mark.parametrize(
    ("tier", "criteria", "changed", "topics"),
    [
        ("low", [], [], ["finops"]),
        ("medium", [], [], ["finops", "architecture"]),
        ("high", [], [], ["finops", "architecture", "security", "data"]),
        ("low", ["security", "", "security"], [], ["finops", "security"]),
        ("low", [], ["primary_provider"], ["finops", "procurement"]),
        ("low", [], ["data_classification"], ["finops", "data"]),
        ("low", [], ["name"], ["finops"]),
    ],
)
def test_topics_follow_risk_gate_and_change(tier, criteria, changed, topics):
    routed = topics_for(risk_tier=tier, criteria_topics=criteria, changed=changed)

    assert [row.topic for row in routed] == topics
    assert all(row.why for row in routed)


@pytest.mark.parametrize(
    ("candidates", "taken", "picked"),
    [
        ([], [], None),
        ([(1, 3), (2, 1)], [], 2),
        ([(1, 3), (2, 1)], [2], 1),
        ([(2, 1), (1, 1)], [], 1),
        ([(2, 0)], [2], 2),
    ],
)
def test_reviewer_is_fresh_then_least_busy(candidates, taken, picked):
    assert pick_reviewer(candidates, taken) == picked


@pytest.mark.parametrize(
    ("verdicts", "answer", "reasons"),
    [
        ([("accept", "")], "accept", ()),
        ([("accept", ""), ("ask", "Which?")], "ask", ("Which?",)),
        ([("ask", "Which?"), ("reject", "No.")], "reject", ("No.",)),
    ],
)
def test_worst_verdict_counts(verdicts, answer, reasons):
    assert finding("works", verdicts) == Finding("works", answer, reasons)


def test_nobody_found_nothing():
    assert finding("works", []) is None


@pytest.mark.parametrize(
    ("answer", "recommendation", "count"),
    [
        ("accept", "ready", 0),
        ("accept", "conditions", 0),
        ("ask", "conditions", 1),
        ("reject", "ready", 1),
        ("accept", "not_ready", 1),
    ],
)
def test_request_returns_when_a_must_is_asked_about_or_a_reviewer_says_so(answer, recommendation, count):
    found = {"Does it work?": Finding("works", answer, ("Show it.",))}

    assert len(must_return(found, ["ready", recommendation])) == count


def test_spread_counts_each_answer():
    assert spread(["accept", "ask", "accept"]) == {"accept": 2, "ask": 1, "reject": 0}
