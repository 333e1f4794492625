"""Made-up figures of a meeting for the component gallery."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms

from projects.common.marks.bullets import progress


class GalleryDecision(forms.Form):
    """What the chair records."""

    amount = forms.CharField()
    valid_until = forms.CharField()


class GalleryCondition(forms.Form):
    """What a condition needs."""

    text = forms.CharField()
    owner = forms.ChoiceField(choices=[("ol", "Oskar Lind")])
    due_on = forms.CharField()
    verifier = forms.ChoiceField(choices=[("dr", "Daniel Roth")])
    blocks = forms.ChoiceField(choices=[("release", "The release of the money"), ("gate", "The next gate")])


def room() -> dict[str, Any]:
    """Make what the room's components show."""
    return {
        "agenda": _agenda(),
        "votes": _votes(),
        "spend": _spend(),
        "outcomes": [
            {"value": "go", "label": "Go"},
            {"value": "conditions", "label": "Go with conditions"},
            {"value": "recycle", "label": "Recycle"},
            {"value": "hold", "label": "Hold"},
            {"value": "kill", "label": "Kill"},
            {"value": "sunset", "label": "Sunset"},
        ],
        "ask": Decimal(380_000),
        "decision": GalleryDecision(auto_id="decision_%s", initial={"amount": "380,000", "valid_until": "2026-12-17"}),
        "condition_form": GalleryCondition(auto_id="condition_%s"),
        "attached": [
            {
                "text": "Release only once handle time is 8% lower for 30 days",
                "who": "Luis Ortega, by 30 Nov 2026, checked by Kenji Watanabe",
                "edit_url": "#main",
            },
            {
                "text": "Licence renewal reviewed by Procurement",
                "who": "Amara Nwosu, by 15 Jan 2027",
                "edit_url": "#main",
            },
        ],
        "tally": {
            "votes_for": 5,
            "against": 1,
            "abstained": 1,
            "recused": 1,
            "absent": 1,
            "needed": 4,
            "quorum": "8 of 9 present, quorum 6 met",
            "is_carried": True,
        },
    }


def _agenda() -> list[dict[str, Any]]:
    return [
        {
            "number": 1,
            "name": "Fraud network detection",
            "url": "#main",
            "amount": Decimal(148_000),
            "outcome": "$120k, 2 conditions",
            "icon": "ok",
            "tone": "is-ok",
            "is_done": True,
        },
        {
            "number": 5,
            "name": "Contact-centre agent assist",
            "url": "#main",
            "amount": Decimal(380_000),
            "outcome": "Voting",
            "icon": "half",
            "is_current": True,
        },
        {"number": 6, "name": "Policy wording Q&A", "url": "#main", "amount": Decimal(96_000)},
    ]


def _votes() -> list[dict[str, str]]:
    return [
        {
            "initials": "HM",
            "name": "Helena Marsh",
            "seat": "Chair",
            "tone": "mute",
            "icon": "none",
            "word": "Not voted",
        },
        {
            "initials": "RA",
            "name": "Ruth Adeyemi",
            "seat": "Finance Director",
            "tone": "ok",
            "icon": "ok",
            "word": "For",
        },
        {
            "initials": "MB",
            "name": "Marcus Bell",
            "seat": "Security and risk",
            "tone": "",
            "icon": "x",
            "word": "Against",
        },
        {
            "initials": "SL",
            "name": "Sofia Lindqvist",
            "seat": "Manages the owner",
            "tone": "mute",
            "icon": "recuse",
            "word": "Recused",
        },
    ]


def _spend() -> SimpleNamespace:
    approved, this_item, to_come, headroom = Decimal(160_000), Decimal(380_000), Decimal(366_000), Decimal(1_190_000)
    parts = [("ok", approved), ("fg", this_item), ("pend", to_come)]
    label = "Of $1.19m uncommitted: $160k approved, $380k in this item, $366k still to come"
    return SimpleNamespace(
        approved=approved,
        this_item=this_item,
        to_come=to_come,
        headroom=headroom,
        currency="USD",
        left=headroom - approved - this_item - to_come,
        valid="valid 19 Nov to 17 Dec 2026",
        bar=progress(parts, headroom, label, 10),
        decided=4,
        items=9,
        sign_url="#main",
        rows=[
            {
                "name": "Contract clause redlining",
                "amount": Decimal(40_000),
                "note": "AI-044, G1, approved 10:31",
                "is_new": True,
            },
            {
                "name": "Fraud network detection",
                "amount": Decimal(120_000),
                "note": "AI-031, asked $148,000, 2 conditions",
            },
            {
                "name": "Marketing content studio",
                "amount": Decimal(0),
                "note": "AI-038, spend held until 95% accuracy",
                "is_waiting": True,
            },
        ],
    )
