"""What a draft changes, and what it would have done to the year so far."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from council.escalations.selectors import evaluate
from projects.common.months import month_ends
from projects.initiatives.models import Initiative
from projects.limits.models import PolicyVersion
from projects.limits.rules import Policy
from projects.limits.selectors import policy_fields, policy_of, policy_on

MONTHS = 11


@dataclass(frozen=True)
class Row:
    """One value side by side: a field, or one row of a table field."""

    code: str
    row: str
    sentence: str
    unit: str
    kind: str
    group: str
    current: str
    draft: str
    choices: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of its input."""
        return f"{self.code}.{self.row}" if self.row else self.code

    @property
    def is_changed(self) -> bool:
        """Say whether the draft differs."""
        return self.current != self.draft


def rows_of(current: Policy, draft: Policy) -> dict[str, list[Row]]:
    """Return every value of two policies side by side, by group, in the order of fixtures/policy.json."""
    groups: dict[str, list[Row]] = {}
    for code, field in policy_fields().items():
        names = list(field.default) if field.kind == "table" else [""]
        for name in names:
            groups.setdefault(field.group, []).append(
                Row(
                    code=code,
                    row=name,
                    sentence=field.sentence,
                    unit=field.unit,
                    kind=field.kind,
                    group=field.group,
                    current=_shown(current.values[code], name),
                    draft=_shown(draft.values[code], name),
                    choices=field.choices,
                )
            )
    return groups


def _shown(value: Any, row: str) -> str:
    return str(value[row] if row else value)


@dataclass(frozen=True)
class Change:
    """An escalation that the draft would bring or take away on a day."""

    on: date
    initiative: str
    name: str
    rule: str
    is_new: bool


@dataclass(frozen=True)
class Preview:
    """A draft replayed over month ends and today, with today's deliveries."""

    today_before: int
    today_after: int
    months: tuple[tuple[date, int, int], ...]
    changes: tuple[Change, ...]


def preview(draft: PolicyVersion, *, on: date) -> Preview:
    """Judge today and the ends of the last eleven months under the policy in force then and under a draft."""
    days = [*month_ends(on, MONTHS), on]
    names = {pk: (key, name) for pk, key, name in Initiative.objects.values_list("pk", "key", "name")}
    months, changes = [], []
    for day in days:
        before = _hard(day, policy_on(day))
        after = _hard(day, policy_of(draft))
        months.append((day, len(before), len(after)))
        for pk, rule in sorted(before ^ after):
            key, name = names[pk]
            changes.append(Change(day, key, name, rule, (pk, rule) in after))
    return Preview(months[-1][1], months[-1][2], tuple(months), tuple(changes))


def _hard(day: date, policy: Policy) -> set[tuple[int, str]]:
    found = evaluate(on=day, policy=policy).findings
    return {(pk, finding.rule) for pk, findings in found.items() for finding in findings if not finding.is_soft}
