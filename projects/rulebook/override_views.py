"""Give a charge to an initiative by name: a person's override of every rule, tried out like any other change."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import RuleKind
from projects.common.clock import now
from projects.common.form_fields import LineField
from projects.initiatives.models import Initiative
from projects.people.views import signed_in
from projects.rulebook.models import Act
from projects.rulebook.services import Asked, ask_change
from projects.sources.models import CostKey, DeliveryPart
from projects.spend.models import SpendFact
from projects.spend.views import readers_only

REACH = (
    ("resource", "Everything of this resource"),
    ("alike", "Every charge exactly like it"),
    ("day", "This day's charges exactly like it"),
)


class OverrideForm(forms.Form):
    """Whose the charge is, how far that reaches, and why."""

    initiative = LineField(max_length=12)
    reach = forms.ChoiceField(choices=REACH)
    why = LineField(max_length=400)

    def clean_initiative(self) -> Initiative:
        """Accept the key of an initiative."""
        key = str(self.cleaned_data["initiative"]).upper()
        found = Initiative.objects.filter(key=key).first()
        if found is None:
            raise forms.ValidationError(f"There is no initiative {key}. Write its key, such as AI-031.")
        return found


@login_required
@require_POST
def override(request: HttpRequest, delivery: str, line: int) -> HttpResponse:
    """Let the worker try an override of one charge out, and show what it moves."""
    readers_only(request)
    fact = _fact(delivery, line)
    form = OverrideForm(request.POST)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{name.capitalize()}: {errors[0]}")
        return redirect("projects:charge", delivery=delivery, line=line)
    asked = Asked(Act.MAKE, draft=_draft(fact, form))
    _, job = ask_change(asked=asked, by=signed_in(request), at=now())
    return redirect("projects:job", job_id=job.pk)


def _draft(fact: SpendFact, form: OverrideForm) -> RuleDraft:
    told = form.cleaned_data
    key = CostKey.objects.select_related("source").get(pk=fact.cost_key_id)
    if told["reach"] == "resource" and key.resource_id:
        return RuleDraft(RuleKind.RESOURCE, key.resource_id, told["initiative"], source=key.source, note=told["why"])
    is_day = told["reach"] == "day"
    return RuleDraft(
        RuleKind.CHARGE,
        initiative=told["initiative"],
        cost_key=key,
        starts_on=fact.charge_on if is_day else None,
        ends_on=fact.charge_on + timedelta(days=1) if is_day else None,
        note=told["why"],
    )


def _fact(delivery: str, line: int) -> SpendFact:
    parts = list(DeliveryPart.objects.filter(delivery__key=delivery))
    months = {part.billing_period_start.replace(day=1) for part in parts}
    found = SpendFact.objects.filter(billing_month__in=months, part_id__in=[part.pk for part in parts], row_number=line)
    fact = found.order_by("share").first()
    if fact is None:
        raise Http404
    return fact
