"""A made-up pack in the shape that the pack's templates take."""

from datetime import date
from decimal import Decimal

from projects.common import gallery
from projects.common.marks.bars import Month, spend_by_month
from projects.common.marks.bullets import Budget
from projects.common.marks.ladder import Ladder, ladder_on_paper
from projects.common.marks.lines import course_on_paper

LIMIT = Decimal("1.15")
OUTCOMES = ["Go", "Go with conditions", "Recycle", "Hold", "Kill", "Sunset"]
LONG = "Underwriting document extraction for commercial property and specialty lines (EMEA and APAC shared service)"
RAILS = ["Token budget", "Output cap per call", "Anomaly threshold", "Routing policy", "Prompt caching", "Tagging"]


def figures(*rows, wide=""):
    named = [dict(zip(("label", "value", "context"), row, strict=True)) for row in rows]
    return [row | {"wide": row["label"] == wide} for row in named]


def item(number, name, budget, *, ask=Decimal(148_000), is_long=False, ladder=None):
    months = [
        Month(Decimal(thousand * 1000), Decimal(thousand * 700)) for thousand in (18, 22, 42, 52, 59, 74, 89, 112)
    ]
    return {
        "anchor": f"i{number}",
        "section": f"Item {number}, AI-03{number}",
        "place": f"Item {number} of 3, escalations: Over budget, tranche 5",
        "name": name,
        "is_long": is_long,
        "is_tight": is_long,
        "meta": [("Owner", "Oskar Lind"), ("sponsor", "Chief Risk Officer"), ("cost centre", "CC-3305")],
        "stage": "pilot",
        "ask": ask,
        "currency": "USD",
        "purpose": "to reach “Precision at or above 92% on holdout” by 4 Dec 2026",
        "effect": "Takes approval from $520,000 to $668,000.",
        "figures": figures(
            ("Approved", "$520,000", "4 tranches"),
            ("Spent", "$636,480", "22.4% over approved"),
            ("Forecast", "$694,000", "33.5% over approved"),
            ("Verified value", "$415,000", "$0.65 per $1"),
            ("One confirmed fraud case", "$268.33", "worth $391.51"),
            wide="One confirmed fraud case",
        ),
        "budget": budget,
        "ladder": ladder or ladder_on_paper(gallery._ladder()),
        "months": spend_by_month(name, date(2026, 4, 1), months, is_cut=True),
        "changed": ["Spend passed the 15% limit on 7 Nov. Agent loops ran 6.2 steps on average; the plan was 4."] * 3,
        "risks": ["The reasoning model takes 71% of calls, including first-pass screening."] * 2,
        "optimisation": ["Small model for first-pass screening from 18 Nov: about $42,000 a month less."] * 2,
        "review": {
            "verdict": "Ready with conditions",
            "words": "Document the routing policy before any Launch request.",
            "who": "Kenji Watanabe and Daniel Roth, 13 Nov",
        },
        "guardrails": [{"name": rail, "verdict": "not_met" if rail == "Routing policy" else "met"} for rail in RAILS],
        "question": "approve $148,000, lower it, or hold spend",
        "outcomes": OUTCOMES,
        "frozen": "12 November 2026, 09:00",
        "inputs": [
            {
                "name": name,
                "words": "Computed at submission from cost data to 10 Nov. " * 3,
                "source": "FOCUS import 41",
            }
            for name in ("Cost to date", "Forecast", "Value signals", "Cost risks and anomalies", "Optimisation")
        ],
        "series": [
            {"name": name, "value": "$636k", "context": "12 months", "values": [Decimal(n) for n in (1, 3, 4, 8)]}
            for name in ("Cost", "Usage", "Quality", "Adoption", "Value", "Cost of one outcome")
        ],
        "verdict": "concern",
        "verdict_words": "One guardrail is not met, and spend is above the limit.",
        "spread": [
            {
                "reviewer": "Daniel Roth",
                "topic": "Architecture",
                "verdict": "Not met",
                "reason": "Routing policy is a draft.",
            },
            {"reviewer": "Kenji Watanabe", "topic": "FinOps", "verdict": "Met", "reason": "Budget stop worked twice."},
        ],
        "open_conditions": [{"text": "Document the routing policy", "owner": "Oskar Lind", "due": "14 Nov 2026"}],
        "precedents": [{"key": "AIC-2026-009", "words": "Go with conditions; back inside the limit after two months."}],
    }


def no_money():
    empty = Ladder("Contract clause redlining", date(2026, 1, 1), 12, [], [], Decimal(0))
    return item(3, "Contract clause redlining", gallery.BUDGETS["No budget yet"], ladder=ladder_on_paper(empty)) | {
        "review": None,
        "guardrails": [],
        "changed": [],
        "spread": [],
    }


def portfolio():
    rows = [
        {
            "name": case if case != "No data" else LONG,
            "status": "Escalated: budget" if case == "Over the limit" else "",
            "tone": "bad",
            "stage": "Pilot",
            "budget": budget,
            "value": Decimal(415_000) if budget.spent else None,
            "per_unit": Decimal("0.65") if budget.spent else None,
            "monthly": [Decimal(n) for n in (1, 4, 5, 7)] if budget.spent else [],
        }
        for case, budget in gallery.BUDGETS.items()
    ]
    return {
        "headline": "$6.63m of verified value on $5.02m spent.",
        "summary": "Value has been ahead of spend since September. Three of 12 initiatives are escalated.",
        "figures": figures(
            ("Approved", "$5.61m", "82.5% of $6.80m"),
            ("Spent", "$5.02m", ""),
            ("Unclaimed", "$392k", "not in the figures"),
        ),
        "course": course_on_paper(gallery._course()),
        "rows": rows,
        "totals": {
            "label": "7 initiatives",
            "spent": Decimal(5_024_930),
            "approved": Decimal(5_610_000),
            "variance": Decimal("-0.104"),
            "value": Decimal(6_631_000),
            "per_unit": Decimal("1.32"),
        },
        "currency": "USD",
        "limit": "115%",
    }


def spend_list(items):
    rows = [
        {
            "number": number,
            "name": each["name"],
            "key": each["section"].split(", ")[1],
            "milestone": "Precision at or above 92% on holdout",
            "asked": each["ask"],
            "review": "Ready with conditions",
            "approved": None,
        }
        for number, each in enumerate(items, 1)
    ]
    return {
        "valid": "Valid from 19 November to 17 December 2026. Spend not started by then lapses.",
        "currency": "USD",
        "rows": rows,
        "asked": sum(row["asked"] for row in rows),
        "approved": None,
        "headroom": Decimal(1_190_000),
        "signatories": [
            {"name": "Helena Marsh", "seat": "Chair"},
            {"name": "Ruth Adeyemi", "seat": "Finance Director"},
        ],
    }


def sample_pack(*, items=None):
    items = items or [
        item(1, "Fraud network detection", gallery.BUDGETS["Over the limit"]),
        item(2, LONG, Budget(LONG, Decimal(470_000), Decimal(301_700), LIMIT, Decimal(455_000)), is_long=True),
        no_money(),
    ]
    decisions = [
        {"number": n, "anchor": each["anchor"], "name": each["name"], "decision": "Go to Launch", "asked": each["ask"]}
        for n, each in enumerate(items, 1)
    ]
    condition = {"initiative": "Fraud network detection", "text": "Document the routing policy", "owner": "Oskar Lind"}
    return {
        "title": "AI Investment Council review pack, 19 November 2026",
        "author": "Northmark Group, AI Investment Council",
        "description": "Figures frozen 17 November 2026, 18:00. Policy version 7.",
        "meeting": "AI Investment Council, November 2026",
        "foot": "Confidential. Version 2, figures frozen 17 Nov 2026, 18:00",
        "cover": {
            "organisation": "Northmark Group",
            "council": "AI Investment Council",
            "when": "Thursday 19 November 2026, 10:00 to 11:30",
            "where": "Board room 2 and by video. Members attend themselves; no proxies.",
            "figures": figures(
                ("Asked", "$1,019,000", "9 items, next milestones only"),
                ("Uncommitted in FY26", "$1,190,000", "of $6,800,000"),
                ("Escalations", "3", "items 1 to 3"),
            ),
            "decisions": decisions,
            "asked": sum(each["ask"] for each in items),
            "currency": "USD",
            "notes": "Policy version 7 is in force.",
            "members": [{"name": f"Member {n}", "seat": "FinOps lead"} for n in range(1, 10)],
            "quorum": "quorum 6 of 9",
        },
        "contents": [
            {"title": "Items", "is_group": True},
            *({"anchor": each["anchor"], "title": each["name"], "note": each["section"]} for each in items),
            {"anchor": "spend-list", "title": "Spend list for signature"},
        ],
        "portfolio": portfolio(),
        "changes": {"since": "22 October 2026", "groups": [{"title": "Decided", "lines": ["Claims triage: Go."]}]},
        "dossiers": items,
        "escalations": [
            {
                "key": "ES-0031",
                "initiative": "Fraud network detection",
                "headline": "22.4% over approved budget. The limit is 15%.",
                "sum": "Spent $636,480 − approved $520,000 = $116,480 over.",
                "rule": "Rule B1, policy version 7.",
                "raised": "7 Nov 2026",
                "state": "On the agenda",
                "item": 1,
            }
        ],
        "conditions": [
            condition | {"due": "14 Nov 2026", "state": "3 days late", "is_late": True, "decision": "AIC-2026-009"}
        ],
        "unclaimed": {
            "headline": "$392,300 has no owner.",
            "rows": [{"cause": "Missing tag", "amount": Decimal(392_300), "share": Decimal(1), "mostly": "Bedrock"}],
            "total": Decimal(392_300),
            "currency": "USD",
        },
        "spend_list": spend_list(items),
        "appendix": {
            "policy": "Version 7, in force since 1 September 2026.",
            "sources": [{"name": "Gateway", "to": "16 Nov 2026", "state": "On time"}],
            "heads": [{"stream": "meeting 2026-11-19", "hash": "9f" * 32}],
            "notes": ["Amounts exclude tax."],
        },
    }
