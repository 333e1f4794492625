"""Load the demo organisation into an empty database, whole or not at all."""

from datetime import date

from django.db import transaction

from council.demo.bills import bring_spend
from council.demo.by_hand import bring_rates, enter_review, propose_work, say_rate
from council.demo.meetings import LAST_MEETING_DAYS, hold_last_meeting, prepare_todays_meeting
from council.demo.money import fund_month, make_policy, open_money, register_all, retire
from council.demo.people import bring_people, write_logins
from council.demo.plan import Plan, moment
from council.demo.proofs import estimate_costs, fill_guardrails, measure_outcomes, prove_quality, prove_value
from council.packs.services import request_pack
from projects.common.outcomes import WrongState
from projects.gates.template_services import template_in_force
from projects.initiatives.models import Initiative
from projects.people.models import Organisation, User


class NotEmpty(WrongState):
    """The database holds an organisation that is not the demo."""

    code = "not_empty"


def seed_demo(*, today: date) -> bool:
    """Load the demo as of a day; answer False where it stands already. Raise NotEmpty for a database in use."""
    organisation = Organisation.objects.first()
    if organisation is not None and organisation.is_demo:
        return False
    if Initiative.objects.exists():
        raise NotEmpty("This database holds initiatives that are not the demo's. The demo needs an empty one.")
    if User.objects.filter(is_service=False).exists():
        raise NotEmpty("This database holds people who are not the demo's. The demo needs an empty one.")
    plan = Plan(today)
    with transaction.atomic():
        people, password = bring_people(plan, moment(plan.months[0]))
        template_in_force(at=moment(plan.months[0]))
        make_policy(plan, people)
        envelope = open_money(plan, people)
        made = register_all(plan, people)
        bring_rates(plan, people)
        say_rate(plan, people)
        for first in plan.months:
            fund_month(plan, people, made, envelope, first)
            bring_spend(plan, people, made, first)
        enter_review(plan, people, made)
        propose_work(plan, made)
        retire(plan, people, made)
        prove_value(plan, people, made)
        prove_quality(plan, people, made)
        fill_guardrails(plan, made)
        measure_outcomes(plan, people, made)
        estimate_costs(plan, made)
        last = hold_last_meeting(plan, people, made, password)
        request_pack(meeting_id=last.pk, by=people["Grace Whitfield"], at=plan.days_ago(LAST_MEETING_DAYS))
        prepare_todays_meeting(plan, people, made)
    write_logins(people, password)
    return True
