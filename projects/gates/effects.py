"""Finish a section: save it, and change what its answers belong to: fields, guardrails, estimate, proofs."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from projects.estimates.services import save_estimate
from projects.gates.decision_sheets import bring_sheets
from projects.gates.forms import EstimateForm, GuardrailsForm, OwnershipForm, ProofsForm, ValueForm
from projects.gates.models import GateRequest
from projects.gates.proofs import prove_by_text
from projects.gates.section_form import SectionForm
from projects.gates.section_services import Saved, save_section
from projects.guardrails.models import Guardrail
from projects.guardrails.services import set_guardrail
from projects.initiatives.models import Initiative
from projects.initiatives.services import edit_initiative
from projects.people.models import User
from projects.prices.selectors import sheets


@transaction.atomic
def finish_section(gate: GateRequest, code: str, form: SectionForm, *, revision: int, by: User, at: datetime) -> Saved:
    """Save a valid section as finished and carry its answers to where they belong; all of it or nothing.

    Raise NotPermitted, WrongState, or what the services behind it raise. A conflict is answered, not raised.
    """
    saved = save_section(
        gate_request_id=gate.pk,
        code=code,
        answers=form.answers(),
        columns=form.columns(),
        problems={},
        revision=revision,
        finish=True,
        by=by,
        at=at,
    )
    if saved.is_conflict:
        return saved
    if effect := EFFECTS.get(code):
        effect(gate, form, by, at)
    bring_sheets(GateRequest.objects.select_related("initiative", "template").get(pk=gate.pk), by=by, at=at)
    return saved


def _value(gate: GateRequest, form: SectionForm, by: User, at: datetime) -> None:
    assert isinstance(form, ValueForm)
    if gate.proofs.filter(criterion__code="value_proposition").exists():
        text = form.cleaned_data["statement"]
        prove_by_text(gate_request_id=gate.pk, code="value_proposition", text=text, by=by, at=at)


def _estimate(gate: GateRequest, form: SectionForm, by: User, at: datetime) -> None:
    assert isinstance(form, EstimateForm)
    data = form.cleaned_data
    _edit(gate, {"shortlist": data["shortlist"], "model_tier": data["model_tier"]}, by, at)
    in_force = sheets(at.date())
    version = f"{in_force[0].source} {in_force[0].taken_on}" if in_force else "no price sheet"
    save_estimate(initiative_id=gate.initiative_id, lines=form.lines(), price_sheet_version=version[:60], by=by, at=at)


def _ownership(gate: GateRequest, form: SectionForm, by: User, at: datetime) -> None:
    assert isinstance(form, OwnershipForm)
    _edit(gate, dict(form.cleaned_data), by, at)


def _edit(gate: GateRequest, wanted: dict[str, object], by: User, at: datetime) -> None:
    initiative = Initiative.objects.get(pk=gate.initiative_id)
    changes = {name: value for name, value in wanted.items() if getattr(initiative, name) != value}
    if changes:
        edit_initiative(initiative_id=initiative.pk, changes=changes, revision=initiative.revision, by=by, at=at)


def _guardrails(gate: GateRequest, form: SectionForm, by: User, at: datetime) -> None:
    assert isinstance(form, GuardrailsForm)
    known = {row.code: row for row in Guardrail.objects.filter(initiative_id=gate.initiative_id)}
    for code in form.codes:
        value, reason = form.cleaned_data[f"{code}_value"], form.cleaned_data.get(f"{code}_reason", "")
        source = form.cleaned_data[f"{code}_source"]
        row = known.get(code)
        if (value or reason) and (
            row is None or (row.value, row.not_applicable, row.source) != (value, reason, source)
        ):
            set_guardrail(
                initiative_id=gate.initiative_id,
                code=code,
                value=value,
                source=source,
                not_applicable=reason,
                by=by,
                at=at,
            )


def _proofs(gate: GateRequest, form: SectionForm, by: User, at: datetime) -> None:
    assert isinstance(form, ProofsForm)
    for proof in form.proofs:
        text = form.cleaned_data[proof.criterion.code]
        if text and text != proof.text:
            prove_by_text(gate_request_id=gate.pk, code=proof.criterion.code, text=text, by=by, at=at)


EFFECTS: dict[str, Callable[[GateRequest, SectionForm, User, datetime], None]] = {
    "value": _value,
    "estimate": _estimate,
    "ownership": _ownership,
    "guardrails": _guardrails,
    "proofs": _proofs,
    "sheets": _proofs,
}
