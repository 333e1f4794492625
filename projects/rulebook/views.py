"""Pages of attribution rules: the list in order, one rule, and a change with what it moves."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.attribution.models import AttributionRule, Purpose, RuleKind
from projects.attribution.purposes import shipped_rules
from projects.common.clock import now
from projects.common.outcomes import Refused, WrongState
from projects.people.permissions import Permission
from projects.people.selectors import may, require
from projects.people.views import signed_in
from projects.rulebook.detail_forms import detail_initial
from projects.rulebook.drafts import draft_of
from projects.rulebook.forms import ChangeForm, EndForm, PurposeForm, RuleForm
from projects.rulebook.models import Act, RuleChange
from projects.rulebook.selectors import Line, change_seen, dry_runs_of, open_changes, receivers, rule_lines, takes_seen
from projects.rulebook.services import Asked, ask_change, ask_to_keep, withdraw_change
from projects.rulebook.words import columns_words, days_words, purpose_words
from projects.sources.eyes import eyes_of
from projects.spend.selectors import last_charge_day
from projects.spend.shared_before import sharing_already
from projects.spend.unmatched_logs import providers_in_logs, unmatched_logs
from projects.spend.views import readers_only


@login_required
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules in force in their order, with what each took in the last 30 days, and changes not yet kept."""
    readers_only(request)
    user, at = signed_in(request), now()
    on = last_charge_day() or at.date()
    eyes = eyes_of(user)
    every = rule_lines(on=on, eyes=eyes)
    lines, purposes = ([line for line in every if line.rule.is_of_purpose is wanted] for wanted in (False, True))
    context = {
        "lines": list(zip(lines, _neighbours(lines), strict=True)),
        "purposes": list(zip(purposes, _neighbours(purposes), strict=True)),
        "shipped": [(rule, columns_words(rule["columns"]), Purpose(rule["purpose"]).label) for rule in shipped_rules()],
        "changes": [(change, change_seen(change, eyes), has_stopped) for change, has_stopped in _open_changes()],
        "on": on,
        "may_keep": may(user, Permission.APPROVE_ATTRIBUTION),
    }
    return render(request, "projects/rulebook/rules.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a rule, and show what it would move."""
    return _new(request, RuleForm)


@login_required
@require_http_methods(["GET", "POST"])
def new_purpose(request: HttpRequest) -> HttpResponse:
    """Ask for a rule that says what charges are for, and show of how much money it would say so."""
    return _new(request, PurposeForm)


@login_required
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, number: int) -> HttpResponse:
    """Show a rule with all its versions, and the form to change it from a day on."""
    readers_only(request)
    versions = AttributionRule.objects.filter(number=number).order_by("-version")
    found = list(
        versions.select_related(
            "initiative", "source", "detail", "made_by", "retired_by", "cost_key__group"
        ).prefetch_related("shares__initiative")
    )
    eyes = eyes_of(signed_in(request))
    if not found:
        raise Http404
    in_force = next((row for row in found if row.retired_at is None), None)
    may_keep = may(signed_in(request), Permission.APPROVE_ATTRIBUTION) and in_force and not in_force.is_standing
    of_purpose, of_charge = found[0].is_of_purpose, found[0].kind == RuleKind.CHARGE
    sort: type[ChangeForm | PurposeForm] = PurposeForm if of_purpose else ChangeForm
    form = sort(request.POST or None, initial=_initial(in_force) if in_force else None)
    if request.method == "POST":
        require(signed_in(request), Permission.APPROVE_ATTRIBUTION)
        if of_charge:
            raise WrongState("An override of a charge is undone and made anew on the charge's page, not changed.")
        if in_force and form.is_valid():
            asked = Asked(Act.CHANGE, in_force.pk, form.draft(), form.cleaned_data.get("from_on"))
            return _proposed(request, form, asked)
    context = {
        "rule": found[0],
        "takes": takes_seen(found[0], eyes),
        "versions": [(row, receivers(row), days_words(row.starts_on, row.ends_on)) for row in found],
        "eyes": eyes,
        "in_force": in_force,
        "may_keep": may_keep,
        "may_change": may_keep and not of_charge,
        "form": form,
        "end_form": EndForm(),
        "of_purpose": of_purpose,
        "sharing": [] if of_purpose else sharing_already(but=number),
        "logs": [] if of_purpose else providers_in_logs(),
        "unmatched": [] if of_purpose else unmatched_logs([number]),
    }
    return render(request, "projects/rulebook/rule.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Ask to end, undo or move a rule, and show what that would move."""
    readers_only(request)
    in_force = AttributionRule.objects.in_force().filter(number=number).order_by("-version").first()
    if in_force is None:
        raise Http404
    if act == Act.END:
        form = EndForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Give the day from which the rule takes nothing as year, month, day: 2026-12-01.")
            return redirect("projects:rule", number=number)
        asked = Asked(Act.END, in_force.pk, from_on=form.cleaned_data["ends_on"])
    elif act == Act.MOVE:
        before = request.POST.get("before", "")
        asked = Asked(Act.MOVE, in_force.pk, before_id=int(before) if before.isdecimal() else None)
    elif act == Act.RETIRE:
        asked = Asked(Act.RETIRE, in_force.pk)
    else:
        raise Http404
    _, job = ask_change(asked=asked, by=signed_in(request), at=now())
    return redirect("projects:job", job_id=job.pk)


@login_required
@require_GET
def change(request: HttpRequest, change_id: int) -> HttpResponse:
    """Show what a change moves, and who may keep it; while it is tried out, the way to its job."""
    readers_only(request)
    user = signed_in(request)
    row = get_object_or_404(RuleChange.objects.select_related("asked_by", "kept_by", "made_rule", "rule"), pk=change_id)
    may_keep = may(user, Permission.APPROVE_ATTRIBUTION)
    job = dry_runs_of([row]).get(row.pk)
    context = {
        "change": row,
        "purposes": [(purpose_words(line["from"]), purpose_words(line["to"]), line) for line in row.purposes],
        "words": change_seen(row, eyes_of(user)),
        "may_keep": may_keep and row.state == "proposed",
        "may_withdraw": may_keep and row.state in {"trying", "proposed"},
        "job": job,
        "has_stopped": job is not None and job.is_over,
        "may_try": job is not None and job.requested_by_id == user.pk,
        "waits_for_another": row.needs_second and row.asked_by_id == user.pk,
    }
    return render(request, "projects/rulebook/change.html", context)


@login_required
@require_POST
def keep(request: HttpRequest, change_id: int) -> HttpResponse:
    """Let the worker keep a change and give charges out again."""
    readers_only(request)
    get_object_or_404(RuleChange, pk=change_id)
    job = ask_to_keep(change_id=change_id, by=signed_in(request), at=now())
    return redirect("projects:job", job_id=job.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, change_id: int) -> HttpResponse:
    """Withdraw a change that nobody kept."""
    readers_only(request)
    get_object_or_404(RuleChange, pk=change_id)
    row = withdraw_change(change_id=change_id, by=signed_in(request), at=now())
    messages.success(request, f"Withdrawn. {change_seen(row, eyes_of(signed_in(request)))}.")
    return redirect("projects:rules")


def _open_changes() -> list[tuple[RuleChange, bool]]:
    """Return changes that nobody has kept or withdrawn, with whether their dry run stopped before it was done."""
    found = open_changes()
    jobs = dry_runs_of(found)
    return [(change, change.pk in jobs and jobs[change.pk].is_over) for change in found]


def _new(request: HttpRequest, sort: type[RuleForm | PurposeForm]) -> HttpResponse:
    readers_only(request)
    require(signed_in(request), Permission.APPROVE_ATTRIBUTION)
    form = sort(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _proposed(request, form, Asked(Act.MAKE, draft=form.draft()))
    return _form(request, form, Act.MAKE)


def _proposed(request: HttpRequest, form: RuleForm | PurposeForm, asked: Asked) -> HttpResponse:
    try:
        _, job = ask_change(asked=asked, by=signed_in(request), at=now())
    except Refused as refused:
        if refused.status != 422:
            raise
        for blocker in refused.blockers:
            form.add_error(None, blocker.message)
        return _form(request, form, asked.act)
    return redirect("projects:job", job_id=job.pk)


def _form(request: HttpRequest, form: RuleForm | PurposeForm, act: str) -> HttpResponse:
    of_purpose = isinstance(form, PurposeForm)
    made = "New rule of purpose" if of_purpose else "New rule"
    context = {
        "form": form,
        "title": made if act == Act.MAKE else "Change",
        "of_purpose": of_purpose,
        "sharing": [] if of_purpose else sharing_already(),
        "logs": [] if of_purpose else providers_in_logs(),
    }
    return render(request, "projects/rulebook/form.html", context, status=422 if form.errors else 200)


def _initial(row: AttributionRule) -> dict[str, Any]:
    draft = draft_of(row)
    lines = [f"{key} {percent:f}" if percent is not None else key for key, _, percent in receivers(row)]
    names = ("kind", "tag_key", "value", "basis", "source", "starts_on", "ends_on", "note", "purpose")
    return {
        **{name: getattr(draft, name) for name in names},
        "receivers": "\n".join(lines),
        **detail_initial(draft.detail),
    }


def _neighbours(lines: list[Line]) -> list[tuple[int | None, int | None]]:
    """Return, for each rule, the rule to go before so as to move up, and to move down; None where it cannot."""
    places = [place for place, line in enumerate(lines) if not line.rule.is_override]
    found: list[tuple[int | None, int | None]] = [(None, None)] * len(lines)
    for here, place in enumerate(places):
        up = lines[places[here - 1]].rule.pk if here else None
        down = lines[places[here + 2]].rule.pk if here + 2 < len(places) else (0 if here + 1 < len(places) else None)
        found[place] = (None, None) if lines[place].rule.is_standing else (up, down)
    return found
