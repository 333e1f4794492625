"""What the owner does in the browser: register, fill what a gate asks, send."""

from datetime import date, timedelta

from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from tests.journeys.cast import Cast

KEPT = "Save and continue"
GUARDRAILS = {
    "token_budget": "40000000",
    "output_limit": "2048",
    "anomaly_threshold": "25",
    "routing_policy": "Small model first; the large one only for appeals.",
    "prompt_caching": "30",
    "tagging_schema": "Every call carries initiative, model and environment.",
}


def type_all(page, values):
    """Fill fields by name."""
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def finish_section(page, gate, code, values):
    """Fill a section and save it; the task list comes back."""
    page.goto(f"/requests/{gate.key}/{code}/")
    type_all(page, values)
    page.get_by_role("button", name=KEPT).click()
    page.wait_for_url(f"**/requests/{gate.key}/")


def register(open_browser, people: Cast, name: str, alike: str) -> Initiative:
    """Register with the five fields; a look-alike is shown and has to be answered."""
    page = open_browser(people.olga)
    page.goto("/initiatives/new/")
    page.get_by_label("What is it called?").fill(name)
    page.get_by_label("What is it worth, and to whom?").fill("Finds rings of fraud in claims before they are paid.")
    page.get_by_label("Which cost centre pays?").fill("CC-3305")
    page.get_by_label("What will it cost in a month?").fill("9,000")
    page.get_by_role("button", name="Register").click()
    page.wait_for_selector("#alike-w")
    assert alike in page.locator("#alike").inner_text()
    assert not Initiative.objects.filter(name=name).exists()
    page.get_by_label("Why is this not one of them?").fill("It reads claims, the other one reads payments.")
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/requests/new/**")
    return Initiative.objects.get(name=name)


def begin_request(page, initiative: Initiative) -> GateRequest:
    """Begin the request for the next gate."""
    page.goto(f"/requests/new/?initiative={initiative.key}")
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_selector("text=sections finished")
    return GateRequest.objects.get(initiative=initiative)


def ask_for(page, gate: GateRequest, minimum: str, ask: str, maximum: str) -> None:
    """Name the next milestone and the money that reaches it."""
    due, ends = date.today() + timedelta(days=90), date.today() + timedelta(days=120)
    finish_section(
        page,
        gate,
        "ask",
        {
            "milestone_name": "Precision above 92% on the holdout",
            "milestone_test": "The holdout of March shows precision above 92%.",
            **{f"due_{part}": str(getattr(due, part)) for part in ("day", "month", "year")},
            **{f"ends_{part}": str(getattr(ends, part)) for part in ("day", "month", "year")},
            "minimum": minimum,
            "ask": ask,
            "maximum": maximum,
            "model_api": ask,
            "assumption": "Rings repeat their addresses.",
            "if_refused": "We stop at the end of the quarter.",
        },
    )


def fill_concept(page, people: Cast, gate: GateRequest) -> None:
    """Give what Concept to MVP asks: value, shortlist, estimate, risks, owners."""
    ask_for(page, gate, "10,000", "15,000", "20,000")
    finish_section(page, gate, "value", {"statement": "Claims handlers stop rings before payment."})
    models = "openai:gpt-4o\nopenai:gpt-4o-mini"
    finish_section(
        page,
        gate,
        "estimate",
        {
            "shortlist": models,
            "model_usage_low": "3,000",
            "model_usage_likely": "5,000",
            "model_usage_high": "9,000",
        },
    )
    finish_section(page, gate, "risk", {"top_risks": "Handlers may not trust it."})
    page.goto(f"/requests/{gate.key}/ownership/")
    page.get_by_label("Technical owner").select_option(label=str(people.tom))
    page.get_by_label("Budget owner").select_option(label=str(people.olga))
    page.get_by_role("button", name=KEPT).click()
    page.wait_for_url(f"**/requests/{gate.key}/")


def fill_mvp(page, gate: GateRequest) -> None:
    """Give what MVP to Pilot asks: KPI, testing plan, six guardrails, the ask, risks."""
    ask_for(page, gate, "40,000", "60,000", "80,000")
    add_kpi(page, gate)
    finish_section(page, gate, "value", {"statement": "Less is paid to rings of fraud."})
    limits = {f"{code}_value": value for code, value in GUARDRAILS.items()}
    sources = {f"{code}_source": "The gateway's settings" for code in GUARDRAILS}
    finish_section(page, gate, "guardrails", limits | sources)
    finish_section(page, gate, "risk", {"top_risks": "Rings change their pattern.", "rebuttal": "We test monthly."})
    finish_section(page, gate, "proofs", {"testing_plan": "Precision on a holdout of 400 cases, at least 92%."})


def add_kpi(page, gate: GateRequest) -> None:
    """Add one KPI card from the value section."""
    page.goto(f"/requests/{gate.key}/value/")
    page.get_by_text("Add a KPI", exact=True).click()
    type_all(
        page,
        {
            "name": "Rings found",
            "unit": "rings a month",
            "baseline": "4",
            "target": "12",
            "bound": "8",
            "numerator_source": "Claims system",
        },
    )
    page.get_by_role("button", name="Add the KPI").click()
    page.wait_for_selector("text=Baseline 4")


def missing_of(page, gate: GateRequest) -> str:
    """Read what the check page says is missing."""
    page.goto(f"/requests/{gate.key}/check/")
    return page.locator("main").inner_text()


def send(page, gate: GateRequest) -> GateRequest:
    """Send the request from its check page."""
    page.goto(f"/requests/{gate.key}/check/")
    page.get_by_role("button", name=f"Send {gate.key}").click()
    page.wait_for_load_state()
    assert page.url.endswith(f"/requests/{gate.key}/sent/"), page.locator(".errsum").inner_text()
    return GateRequest.objects.get(pk=gate.pk)


def page_of(page, initiative: Initiative) -> str:
    """Read the initiative's page."""
    page.goto(f"/initiatives/{initiative.key}/")
    return page.locator("main").inner_text()
