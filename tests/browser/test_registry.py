from datetime import date
from decimal import Decimal

import pytest

from council.portfolio.services import save_view
from projects.guardrails.models import Guardrail
from projects.guardrails.services import file_guardrail_evidence, set_guardrail
from projects.initiatives.services import invite_contributor
from projects.people.models import User
from projects.quality.services import record_quality_reading, set_quality_gate
from tests.browser.looking import keep_picture, look_at
from tests.factories.council import AT
from tests.factories.gates import cast, concept
from tests.factories.initiatives import initiative

TABS = ("", "gates/", "funding/", "spend/", "value/", "milestones/", "guardrails/", "history/")


@pytest.fixture
def people(transactional_db, settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


@pytest.fixture
def agent(people):
    """A pilot that acts by itself: guardrails with evidence, quality that is read, an owner who left."""
    made = initiative(
        people.olga,
        "pilot",
        name="Claims settlement by agents",
        autonomy="autonomous",
        technical_owner=people.tom,
        sponsor=people.sam,
    )
    for code, value in (("output_limit", "350"), ("escalation_rule", "Stops above 500 USD and asks the desk.")):
        set_guardrail(initiative_id=made.pk, code=code, value=value, source="Gateway", by=people.olga, at=AT)
    rule = Guardrail.objects.get(code="escalation_rule")
    file_guardrail_evidence(guardrail_id=rule.pk, evidence="runner.yaml\nask_above: 500", by=people.tom, at=AT)
    gate = set_quality_gate(
        initiative_id=made.pk,
        kind="quality",
        metric="Decisions confirmed",
        unit="%",
        threshold=Decimal(92),
        direction="at_least",
        cadence_days=30,
        by=people.olga,
        at=AT,
    )
    for month, value in ((8, "88"), (9, "91.5"), (10, "93.2")):
        record_quality_reading(
            gate_id=gate.pk,
            value=Decimal(value),
            read_on=date(2026, month, 28),
            source="Holdout",
            is_imported=True,
            by=people.fay,
            at=AT,
        )
    invite_contributor(initiative_id=made.pk, user=people.rita, by=people.olga, at=AT)
    User.objects.filter(pk=people.tom.pk).update(is_active=False)
    return made


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_pages_of_the_registry_read_well(open_browser, people, agent, width, dark):
    bare = concept(people, "Contract reminders", technical_owner=None, budget_owner=None)
    save_view(name="Pilots", pairs=[("stage", "pilot")], is_shared=True, by=people.olga, at=AT)
    root, page = f"/initiatives/{agent.key}/", open_browser(people.olga, width=width, dark=dark)
    pages = [(f"bare-{tab.strip('/') or 'overview'}", f"/initiatives/{bare.key}/{tab}") for tab in TABS]
    pages += [
        ("guardrail-tab", f"{root}guardrails/"),
        ("guardrail-rows", f"{root}guardrails/output_limit/"),
        ("guardrail-evidence", f"{root}guardrails/escalation_rule/"),
        ("quality", f"{root}quality/"),
        ("quality-file", f"{root}quality/file/"),
        ("people", f"{root}people/"),
        ("close", f"/initiatives/{bare.key}/close/"),
        ("portfolio", "/portfolio/?view=table"),
    ]
    wrong = {}
    for name, path in pages:
        page.goto(path)
        try:
            look_at(page, name)
        except AssertionError as error:
            wrong[name] = str(error)[:600]
            keep_picture(page, name)
    assert not wrong, wrong
