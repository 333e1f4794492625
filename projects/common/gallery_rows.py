"""Made-up rows, states and acts for the component gallery."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from django import forms

from projects.common.gallery import BUDGETS, LONG_NAME


class GalleryForm(forms.Form):
    """One field of each kind, sent without what it needs."""

    amount = forms.CharField(label="Amount approved", required=False)
    condition = forms.CharField(label="Condition", error_messages={"required": "Name who will meet this condition"})
    reason = forms.CharField(label="Reason", widget=forms.Textarea, required=False)
    unit = forms.ChoiceField(label="Business unit", choices=[("", "Choose"), ("fc", "Financial crime")], required=False)
    day = forms.CharField(required=False)
    month = forms.CharField(required=False)
    year = forms.CharField(required=False)


def _thing(**marks: Any) -> SimpleNamespace:
    return SimpleNamespace(**marks)


def _card(key: str, name: str, case: str, status: str, alert: str, **more: Any) -> SimpleNamespace:
    usual: dict[str, Any] = {
        "url": "#main",
        "owner": "Oskar Lind",
        "team": "Financial crime",
        "next_on": date(2026, 12, 4),
    }
    usual |= {"is_late": False, "next_name": "Precision at or above 92% on holdout"}
    return _thing(key=key, name=name, budget=BUDGETS[case], status=status, alert=alert, **{**usual, **more})


def rows() -> dict[str, Any]:
    """Make the rows of the gallery."""
    return {
        "budgets": BUDGETS,
        "over": BUDGETS["Over the limit"],
        "unseen": BUDGETS["No data"],
        "under": BUDGETS["Under approval"],
        "stages": _stages(),
        "cards": _cards(),
        "figures": _figures(),
        "guardrails": _guardrails(),
        "tasks": _tasks(),
        "conditions": _conditions(),
        "filters": _filters(),
        "chips": [{"label": "Escalated", "url": "#main"}, {"label": "No data", "url": "#main"}],
        "alerts": _alerts(),
        "job": _thing(
            label="Making version 2",
            state="running",
            get_state_display="Running",
            step="Item 6, Policy wording Q&A",
            done=8,
            total=12,
            percent=66,
            unit="pages",
            error="",
            is_over=False,
            result={},
            cancel_requested=False,
        ),
        "failed": _thing(
            label="Importing november.csv",
            state="failed",
            get_state_display="Failed",
            step="",
            done=0,
            total=None,
            percent=None,
            unit="rows",
            error="Line 4,112, BilledCost: “12,5” is not a number.",
            is_over=True,
            result={},
            cancel_requested=False,
        ),
        "steps": [
            {"name": "Figures frozen and checked", "note": "12 of 12 add up", "state": "done"},
            {"name": "Portfolio summary", "note": "page 2, 1 gap", "state": "gap"},
            {"name": "Item 6, Policy wording Q&A", "note": "page 8", "state": "now"},
            {"name": "Spend list for signature", "note": "page 12", "state": "later"},
        ],
        "form": GalleryForm({"amount": "120,000", "day": "26", "month": "3", "year": "2026"}),
        "columns_head": [
            {"label": "Initiative", "css": "first", "sort_url": "#main", "sorted": ""},
            {"label": "Spent", "css": "num", "sort_url": "#main", "sorted": ""},
            {"label": "Variance", "css": "num last", "sort_url": "#main", "sorted": "descending"},
        ],
        "nothing": [],
        "crumbs": [{"label": "Portfolio", "url": "#main"}, {"label": "AI-031"}],
        "tabs": [
            {"label": "Overview", "url": "#main"},
            {"label": "Funding", "url": "#main", "is_current": True},
            {"label": "Guardrails", "url": "#main", "count": "5 of 6"},
        ],
        "bulk_acts": [
            {"name": "act", "value": "agenda", "label": "Add to agenda"},
            {"name": "act", "value": "csv", "label": "Export CSV"},
        ],
        "judged": [
            {"id": "gi6", "name": "Tagging schema", "verdict": "ask", "evidence": "98.7% of calls carry all nine tags."}
        ],
        "compared": [
            {
                "label": "Which milestone does this money reach?",
                "name": "milestone",
                "theirs": "Error below 9% in 12 branches",
                "yours": "Error below 8% in 12 branches",
            }
        ],
    }


def _stages() -> list[dict[str, str]]:
    return [
        {"name": "Concept", "state": "done", "note": "Passed G1, 26 Mar"},
        {"name": "MVP", "state": "done", "note": "Passed G2, 25 Jun"},
        {"name": "Pilot", "state": "now", "note": "Since 1 Jul, 139 days"},
        {"name": "Launch", "state": "", "note": "G3 not before Jan 2027"},
        {"name": "Scale", "state": "", "note": "Gate G4"},
        {"name": "Sunset", "state": "", "note": "Gate G5"},
    ]


def _cards() -> list[SimpleNamespace]:
    return [
        _card("AI-031", "Fraud network detection", "Over the limit", "escalated", "Budget"),
        _card(
            "AI-036",
            LONG_NAME,
            "Under approval",
            "escalated",
            "Milestones",
            owner="Alexandra Papadopoulou-Whitcombe",
            next_on=date(2026, 9, 30),
            is_late=True,
        ),
        _card("AI-041", "Branch cash demand forecasting", "No data", "no_data", "No data"),
        _card("AI-027", "Invoice matching and exceptions", "Over, within limit", "warning", "Watch"),
        _card("AI-044", "Contract clause redlining", "No budget yet", "no_spend", "", next_name=""),
        _card("AI-045", "Voice-of-customer theme mining", "Approved, unspent", "no_spend", ""),
    ]


def _figures() -> list[dict[str, str]]:
    return [
        {"label": "Approved to date", "value": "$5.61m", "context": "82.5% of the $6.80m FY26 envelope"},
        {"label": "Spent", "value": "$5.02m", "context": "+$687k since the October council"},
        {"label": "Forecast at next milestones", "value": "$5.59m", "context": "Without AI-041, which has no data"},
        {"label": "Verified value", "value": "$6.63m", "context": "+$1.47m since the October council"},
        {"label": "Value per $1 spent", "value": "$1.32", "context": "Above $1.00 since September"},
    ]


def _guardrails() -> list[dict[str, Any]]:
    on = date(2026, 11, 12)
    return [
        {
            "id": "gi1",
            "name": "Token budget",
            "verdict": "met",
            "evidence": "38m tokens a day, hard stop at 42m.",
            "file_name": "token-budget-v3.pdf",
            "file_url": "#main",
            "reviewer": "Kenji Watanabe",
            "on": on,
            "reason": "Cap reached twice in October; the stop worked.",
        },
        {
            "id": "gi4",
            "name": "Model routing policy",
            "meaning": "Which model for which task, and why",
            "verdict": "not_met",
            "evidence": "Draft only. Reasoning model used for 71% of calls.",
            "reviewer": "Daniel Roth",
            "on": on,
            "reason": "First pass must go to a small model. Needed before G3.",
        },
        {"id": "gi5", "name": "Prompt caching where it applies", "verdict": ""},
    ]


def _tasks() -> list[dict[str, str]]:
    return [
        {
            "id": "t1",
            "name": "Milestone and amount",
            "url": "#main",
            "hint": "$130,000 for “Error below 9% in 12 branches”",
            "state": "in_progress",
        },
        {
            "id": "t2",
            "name": "Spend against approval",
            "url": "#main",
            "hint": "No cost data since 2 Nov. Fix the feed or upload a statement.",
            "state": "problem",
        },
        {"id": "t3", "name": "Cost risks and anomalies", "url": "#main", "state": "not_started"},
        {"id": "t4", "name": "Ownership and fallback", "url": "#main", "state": "finished"},
        {"id": "t5", "name": "Guardrail checklist", "hint": "Name the technical owner first.", "state": "blocked"},
    ]


def _conditions() -> list[dict[str, Any]]:
    return [
        {
            "text": "Document the model routing policy",
            "owner": "Oskar Lind",
            "verifier": "Daniel Roth",
            "due_on": date(2026, 11, 14),
            "days_late": 3,
            "origin": "from council 22 Oct",
        },
        {
            "text": "Retest the fallback to the rules engine",
            "owner": "Ines Duarte",
            "verifier": "Marcus Bell",
            "due_on": date(2026, 7, 31),
            "closed_on": date(2026, 7, 29),
        },
        {
            "text": "Licence renewal reviewed by Procurement",
            "owner": "Amara Nwosu",
            "due_on": date(2027, 1, 15),
            "days_late": 0,
        },
    ]


def _filters() -> list[dict[str, Any]]:
    options = [
        ("escalated", "Escalated", 3, True),
        ("warning", "Forecast to breach", 1, False),
        ("no_data", "No data", 1, True),
        ("on_track", "On track", 4, False),
    ]
    return [
        {
            "name": "status",
            "label": "Status",
            "chosen": "2 chosen",
            "options": [
                {"value": value, "label": label, "count": count, "is_on": on} for value, label, count, on in options
            ],
        }
    ]


def _alerts() -> list[dict[str, Any]]:
    return [
        {
            "id": "b1",
            "headline": "22.4% over approved budget. The limit is 15%.",
            "parts": [
                {"text": "Spent ", "is_figure": False},
                {"text": "$636,480", "is_figure": True},
                {"text": " − approved ", "is_figure": False},
                {"text": "$520,000", "is_figure": True},
                {"text": " = ", "is_figure": False},
                {"text": "$116,480 over", "is_figure": True},
                {"text": ".", "is_figure": False},
            ],
            "rule": "Rule B1, policy version 7",
            "rule_url": "#main",
            "url": "#main",
            "action": "Open escalation ES-0031",
        },
        {
            "id": "b2",
            "headline": "Two milestones missed in a row. The limit is two.",
            "sum": "F1 at or above 0.90 due 30 Sep, 48 days late. Live with three underwriters due 31 Oct, "
            "17 days late.",
            "rule": "Rule M1",
        },
        {
            "id": "b3",
            "headline": "Forecast to breach its limit on 24 November",
            "sum": "Now 12.0% over, forecast 17.8%. Limit 15%.",
            "rule": "Rule F1",
            "tone": "warn",
        },
    ]
