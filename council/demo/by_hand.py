"""What people enter by hand: the rates of exchange, and work that an owner proposes as a line of full cost."""

from decimal import Decimal

from django.conf import settings

from council.demo.people import People
from council.demo.plan import Plan
from council.demo.shared import CODER, RATE, REVIEW
from projects.harness.services import LineDraft, enter_line, propose_line
from projects.initiatives.models import Initiative
from projects.rates.services import enter_rate, import_rates

RATES = "us_fed_monthly_rates_2020_on.csv"
REVIEWED = "AI-031"


def bring_rates(plan: Plan, people: People) -> None:
    """Bring the table of monthly rates in, as finance does."""
    content = (settings.BASE_DIR / "fixtures" / "rates" / RATES).read_bytes()
    import_rates(
        content=content, source="Federal Reserve, monthly averages", by=people["Nils Bergman"], at=plan.days_ago(3)
    )


def say_rate(plan: Plan, people: People) -> None:
    """Enter what a euro was worth in the two months that have charges in euros."""
    for month in plan.months[-2:]:
        enter_rate(
            month=month,
            currency="EUR",
            dollars=RATE,
            source="Treasury, month's average",
            by=people["Nils Bergman"],
            at=plan.days_ago(3),
        )


def enter_review(plan: Plan, people: People, made: dict[str, Initiative]) -> None:
    """Enter the work of people that a tranche pays for, as finance does."""
    work = LineDraft(plan.months[-2], "human_review", REVIEW, "Review of suggestions before merging, ten days at 620.")
    enter_line(initiative_id=made[CODER].pk, draft=work, by=people["Nils Bergman"], at=plan.days_ago(2, 7))


def propose_work(plan: Plan, made: dict[str, Initiative]) -> None:
    """Let an owner propose last month's reviews; they count once finance has confirmed them."""
    initiative = made[REVIEWED]
    work = LineDraft(
        plan.months[-2], "human_review", Decimal("7440.00"), "Two reviewers of answers, six days each, at 620 a day."
    )
    propose_line(initiative_id=initiative.pk, draft=work, by=initiative.business_owner, at=plan.days_ago(1))
