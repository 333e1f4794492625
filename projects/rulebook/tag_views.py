"""The page of tags: which keys every charge must carry, how much of the spend does, and the other names of values."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from projects.attribution.aliases import add_alias, retire_alias
from projects.attribution.models import Carrier, TagAlias, TaggingKey
from projects.attribution.schema import KeyDraft, retire_key, set_key
from projects.common.clock import now
from projects.common.form_fields import LineField
from projects.common.worded_forms import WordedForm
from projects.jobs.services import request_job
from projects.limits.selectors import policy_on
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.people.views import signed_in
from projects.sources.eyes import NOBODY_SEEN, eyes_of
from projects.sources.models import Source
from projects.spend.kept_coverage import kept_coverage
from projects.spend.views import readers_only


class KeyForm(WordedForm):
    """One mandatory key."""

    entity = "A mandatory key"
    title = LineField(
        max_length=80,
        label="Key",
        help_text="As people call it; its tag may be spelt in any way.",
        error_messages={"required": "Name it as people call it, such as Cost centre."},
    )
    other_keys = LineField(max_length=400, required=False, label="Other tags that carry it", help_text="With commas.")
    carrier = forms.ChoiceField(
        choices=Carrier.choices,
        label="Carried by",
        error_messages={"required": "Choose the tag, or the column that carries it."},
    )
    allowed = LineField(
        max_length=1000, required=False, label="Allowed values", help_text="With commas; empty means any."
    )
    exempt = forms.ModelMultipleChoiceField(queryset=Source.objects.all(), required=False, label="Exempt sources")


class AliasForm(WordedForm):
    """Another name of a value."""

    entity = "An alias"
    alias = LineField(
        max_length=500,
        label="The tag says",
        error_messages={"required": "Write the name as charges or logs carry it."},
    )
    value = LineField(max_length=500, label="It means", error_messages={"required": "Write the name that counts."})
    tag_key = LineField(
        max_length=200,
        required=False,
        label="Under the key",
        help_text="Empty means any. Provider, model and account hold for logs.",
    )


@login_required
@require_GET
def tags(request: HttpRequest) -> HttpResponse:
    """Show the tagging schema with coverage, and the other names of values."""
    return _page(request, KeyForm(), AliasForm())


@login_required
@require_POST
def keep_key(request: HttpRequest) -> HttpResponse:
    """Make a key mandatory, or change what it asks."""
    readers_only(request)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, AliasForm())
    told = form.cleaned_data
    draft = KeyDraft(
        told["title"], told["carrier"], _listed(told["allowed"]), list(told["exempt"]), _listed(told["other_keys"])
    )
    key = set_key(draft=draft, by=signed_in(request), at=now())
    messages.success(request, f"{key.title} is mandatory.")
    return redirect("projects:tags")


@login_required
@require_POST
def end_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """Ask for a key no longer."""
    readers_only(request)
    get_object_or_404(TaggingKey, pk=key_id)
    key = retire_key(key_id=key_id, by=signed_in(request), at=now())
    messages.success(request, f"{key.title} is not mandatory any more.")
    return redirect("projects:tags")


@login_required
@require_POST
def keep_alias(request: HttpRequest) -> HttpResponse:
    """Add another name, and give charges out again."""
    readers_only(request)
    form = AliasForm(request.POST)
    if not form.is_valid():
        return _page(request, KeyForm(), form)
    alias = add_alias(**form.cleaned_data, by=signed_in(request), at=now())
    return _give_out(request, alias, "Give out charges: {} means {}")


@login_required
@require_POST
def end_alias(request: HttpRequest, alias_id: int) -> HttpResponse:
    """Let a value mean itself again, and give charges out again."""
    readers_only(request)
    get_object_or_404(TagAlias, pk=alias_id)
    alias = retire_alias(alias_id=alias_id, by=signed_in(request), at=now())
    return _give_out(request, alias, "Give out charges: {} means {} no longer")


def _give_out(request: HttpRequest, alias: TagAlias, words: str) -> HttpResponse:
    named = (NOBODY_SEEN.cell(alias.tag_key or "tag", word) for word in (alias.alias, alias.value))
    label = words.format(*named)
    job = request_job(kind="reattribute", label=label, arguments={}, by=signed_in(request), at=now())
    return redirect("projects:job", job_id=job.pk)


def _page(request: HttpRequest, key_form: KeyForm, alias_form: AliasForm) -> HttpResponse:
    readers_only(request)
    today, eyes = now().date(), eyes_of(signed_in(request))
    context: dict[str, Any] = {
        "keys": TaggingKey.objects.filter(retired_at__isnull=True).prefetch_related("exempt").select_related("set_by"),
        "aliases": [
            (row, *(eyes.cell(row.tag_key or "tag", word) for word in (row.alias, row.value)))
            for row in TagAlias.objects.filter(retired_at__isnull=True).select_related("made_by")
        ],
        "coverage": kept_coverage(on=today),
        "target": policy_on(today).decimal("coverage_percent") / 100,
        "key_form": key_form,
        "alias_form": alias_form,
        "wrong": key_form if key_form.errors else alias_form,
        "may_keep": may(signed_in(request), Permission.APPROVE_ATTRIBUTION),
    }
    status = 422 if key_form.errors or alias_form.errors else 200
    return render(request, "projects/rulebook/tags.html", context, status=status)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
