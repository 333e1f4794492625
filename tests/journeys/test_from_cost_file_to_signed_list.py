"""The whole thread in one browser: from a cost file to a signed spend list, as the people whom the rules need."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from council.escalations.models import Escalation
from council.escalations.sweeps import sweep
from projects.audit.models import AuditEvent
from projects.common.clock import now
from projects.conditions.models import Condition
from projects.funding.models import LedgerEntry
from projects.funding.selectors import positions
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.milestones.models import MilestoneBaseline
from projects.sources.models import Delivery
from tests.journeys import steps_administrator as administrator
from tests.journeys import steps_council as council
from tests.journeys import steps_finance as finance
from tests.journeys import steps_owner as owner
from tests.journeys.cast import cast, give_password, mvp, prices
from tests.projects.spend.samples import FOCUS, run, take_in, write_focus

REAL, GATEWAY = "focus_1_0_anonymised_real.csv", "litellm_focus_servegen_m_small.csv"
CLAIMED = "11353890204"


@pytest.fixture
def people(transactional_db):
    prices()
    people = cast()
    give_password(people.board.carol)
    return people


def test_from_cost_file_to_signed_list(open_browser, celery_worker_process, people, tmp_path):
    worker = celery_worker_process
    fraud = mvp(people, "Fraud ring detection", "10.00")
    exact = mvp(people, "Policy wording answers", "10.00")

    registers_and_asks(open_browser, people)
    imports_and_claims(open_browser, worker, people, fraud)
    escalation = escalates_above_fifteen_percent_only(worker, fraud, exact, tmp_path)
    gate = asks_for_the_pilot(open_browser, people, fraud, tmp_path)
    meeting = prepares_the_meeting(open_browser, worker, people, gate)
    decides_and_signs(open_browser, people, gate, meeting, escalation)
    shows_the_owner(open_browser, people, fraud)
    changes_the_threshold(open_browser, people, exact)


def registers_and_asks(open_browser, people):
    """Step 1: five fields, a look-alike, then all that Concept to MVP asks."""
    made = owner.register(open_browser, people, "Fraud ring detection in claims", "Fraud ring detection")
    assert (made.stage, made.business_owner, made.look_alike_reason != "") == ("concept", people.olga, True)
    page = open_browser(people.olga)
    gate = owner.begin_request(page, made)
    assert "shortlist" in owner.missing_of(page, gate)
    owner.fill_concept(page, people, gate)
    gate = owner.send(page, gate)
    assert (gate.state, gate.route, gate.ask) == ("expert_review", "council", Decimal(15000))
    assert gate.frozen.count() == 1


def imports_and_claims(open_browser, worker, people, fraud):
    """Step 2: two files on the page, the same again by command, and a claim that makes a rule."""
    page = open_browser(people.fay)
    finance.import_file(page, worker, REAL, "cloud")
    finance.import_file(page, worker, GATEWAY, "gateway")
    again = take_in(FOCUS / REAL, "cloud")
    assert (again["unchanged"], Delivery.objects.count()) == (True, 2)
    rule = finance.claim_sub_account(page, worker, CLAIMED, fraud)
    assert (rule.kind, rule.value, rule.made_by) == ("sub_account", CLAIMED, people.fay)
    assert finance.spent(fraud) == Decimal(13)


def escalates_above_fifteen_percent_only(worker, fraud, exact, tmp_path):
    """Step 3: 13.00 on 10.00 fires in the worker with figures and policy version; 11.50 on 10.00 does not."""
    worker.wait_until(lambda: Escalation.objects.filter(initiative=fraud, rule="over_budget").first(), what="the rule")
    row = Escalation.objects.get(initiative=fraud, rule="over_budget")
    assert (row.state, row.policy_version, row.figures["percent_over"]) == ("raised", 0, "30.0")
    assert (Decimal(row.figures["spent"]), Decimal(row.figures["approved"])) == (13, 10)
    assert AuditEvent.objects.get(verb="escalation.raised", target_id=str(row.pk)).actor_id is None
    tagged = finance.row_of(exact, date(2024, 9, 3), "11.50")
    take_in(write_focus(tmp_path / "exact.csv", tagged), "wording")
    worker.wait_until(worker.is_idle, what="the worker")
    assert finance.spent(exact) == Decimal("11.50")
    assert not Escalation.objects.filter(initiative=exact, rule="over_budget").exists()
    _, told = run("evaluate_escalations")
    assert told["policy_version"] == 0
    assert not Escalation.objects.filter(initiative=exact, rule="over_budget").exists()
    return row


def asks_for_the_pilot(open_browser, people, fraud, tmp_path):
    """Step 4: readiness names what is missing and who owes it; then the owner fills and sends."""
    page = open_browser(people.olga)
    gate = owner.begin_request(page, fraud)
    missing = owner.missing_of(page, gate)
    for words in (
        "No imported spend",
        "Add a KPI card",
        "Token budget",
        "Testing plan",
        "Name the top risks",
        f"Owed by {people.olga}",
    ):
        assert words in missing, (words, missing)
    page.get_by_role("button", name=f"Send {gate.key}").click()
    page.wait_for_selector("text=This cannot be sent yet")
    assert GateRequest.objects.get(pk=gate.pk).state == "draft"
    finance.import_recent_days(fraud, tmp_path)
    owner.fill_mvp(page, gate)
    gate = owner.send(page, gate)
    assert gate.state == "expert_review"
    assert (gate.minimum, gate.ask, gate.maximum) == (Decimal(40000), Decimal(60000), Decimal(80000))
    frozen = gate.frozen.get()
    assert Decimal(frozen.inputs["spend"]["spent"]) == 15
    return gate


def prepares_the_meeting(open_browser, worker, people, gate):
    """Step 5: the experts judge, the secretary builds the agenda, sends notice, freezes and has the pack made."""
    gate = council.judge_all(open_browser, gate)
    assert gate.state == "ready"
    secretary = open_browser(people.board.sybil)
    meeting = council.prepare_meeting(secretary, date.today())
    item = meeting.items.get(gate_request=gate)
    assert (GateRequest.objects.get(pk=gate.pk).state, item.escalation.rule) == ("on_agenda", "over_budget")
    assert item.snapshot["approved"] == "10.00"
    assert council.make_pack(secretary, worker, meeting).built_by == people.board.sybil
    return meeting


def decides_and_signs(open_browser, people, gate, meeting, escalation):
    """Step 6: a conflict, votes, Go with conditions and all its effects at once; then the signature."""
    board = people.board
    item = meeting.items.get(gate_request=gate)
    chair = open_browser(board.carol)
    council.open_meeting(chair, meeting, ["Carol", "Dora", "Finn", "Rick", "Arno", "Pia"])
    council.call(chair, item)
    council.declare_conflict(open_browser, board.pia, item)
    council.put_motion(chair, people, item, "60000")
    for member in (board.dora, board.finn, board.rick, board.carol):
        council.vote_for(open_browser, member, item)
    decision = council.declare_result(chair, item)
    has_all_effects(gate, decision, escalation)
    signed = council.sign(chair, meeting)
    line = signed.lines.get()
    assert (signed.signed_by, line.initiative, line.amount) == (board.carol, gate.initiative, Decimal(60000))


def has_all_effects(gate, decision, escalation):
    """The stage moved, the tranche is released, the milestone baselined, the escalation decided."""
    fraud = Initiative.objects.get(pk=gate.initiative_id)
    assert (decision.outcome, decision.quorum["present"], fraud.stage) == ("go_with_conditions", 5, "pilot")
    assert decision.tally == {"for": 4, "against": 0, "abstain": 0, "present": 5}
    assert GateRequest.objects.get(pk=gate.pk).state == "decided"
    tranche = fraud.tranches.get(decision_reference=decision.reference)
    assert (tranche.state, tranche.amount) == ("released", Decimal(60000))
    assert LedgerEntry.objects.filter(decision_reference=decision.reference).exists()
    assert positions([fraud.pk], on=date.today())[fraud.pk].approved == Decimal(60010)
    assert MilestoneBaseline.objects.get(decision_reference=decision.reference).milestone == tranche.milestone
    condition = Condition.objects.get(decision_reference=decision.reference)
    assert (condition.blocks, condition.owner.username) == ("next_gate", "olga")
    assert Escalation.objects.get(pk=escalation.pk).state == "decided"


def shows_the_owner(open_browser, people, fraud):
    """Step 7: the owner's page shows the decision, its condition, the money and the spend against it."""
    shown = owner.page_of(open_browser(people.olga), fraud)
    for words in (
        f"AIC-{date.today().year}-001",
        "Go with conditions",
        "Alert at 90% of the tranche.",
        "60,000",
        "Spent against it",
        "60,010",
        "Precision above 92% on the holdout",
    ):
        assert words in shown, (words, shown)


def changes_the_threshold(open_browser, people, exact):
    """Step 8: one administrator drafts, the other approves from tomorrow, and the rule follows from its date."""
    tomorrow = date.today() + timedelta(days=1)
    version = administrator.draft_threshold(
        open_browser(people.ada), "over_budget_percent", "14", "Small overruns are seen too late."
    )
    assert (version.state, version.drafted_by) == ("proposed", people.ada)
    version = administrator.approve_from(open_browser(people.abel), version, tomorrow)
    assert (version.state, version.approved_by, version.effective_on) == ("approved", people.abel, tomorrow)
    before, after = (
        sweep(on=day, at=now(), initiative_ids=[exact.pk], write=False) for day in (date.today(), tomorrow)
    )
    assert (before.policy_version, after.policy_version) == (0, version.number)
    assert "over_budget" not in [row.rule for row in before.raised]
    assert "over_budget" in [row.rule for row in after.raised]
