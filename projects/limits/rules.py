"""Policy values as figures: each field has code, unit, range, sentence and default."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from projects.common.outcomes import Blocker


@dataclass(frozen=True)
class Field:
    """One threshold. ``kind`` is decimal, integer, choice or table; a table maps a row's name to a decimal."""

    code: str
    kind: str
    unit: str
    sentence: str
    group: str
    default: Any
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The values of one version, read by code. Raise KeyError for a field that does not exist."""

    number: int
    values: Mapping[str, Any]

    def decimal(self, code: str, row: str = "") -> Decimal:
        """Return a field, or one row of a table field, as an exact decimal."""
        value = self.values[code]
        return Decimal(str(value[row] if row else value))

    def integer(self, code: str, row: str = "") -> int:
        """Return a whole number such as a count of days."""
        return int(self.decimal(code, row))

    def text(self, code: str) -> str:
        """Return a choice."""
        return str(self.values[code])

    @property
    def counts_tax(self) -> bool:
        """Say whether tax counts against budgets."""
        return self.text("tax_in_budget") == "yes"


def with_defaults(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a version's values with the default of every field that it does not name."""
    return {code: values.get(code, field.default) for code, field in fields.items()}


def value_blockers(fields: Mapping[str, Field], values: Mapping[str, Any]) -> list[Blocker]:
    """Say which values are unknown, of the wrong kind or outside their range."""
    problems = [Blocker("unknown_field", f"There is no policy field {code}.") for code in values if code not in fields]
    for code, field in fields.items():
        if code in values:
            problems += _field_blockers(field, values[code])
    return problems


def _field_blockers(field: Field, value: Any) -> list[Blocker]:
    if field.kind == "choice":
        if value in field.choices:
            return []
        return [Blocker("not_a_choice", f"{field.code} must be one of {', '.join(field.choices)}, not {value}.")]
    if field.kind == "table":
        if not isinstance(value, dict) or set(value) != set(field.default):
            return [Blocker("wrong_rows", f"{field.code} must give a value for {', '.join(field.default)}.")]
        return [
            problem for row, cell in value.items() for problem in _number_blockers(field, f"{field.code} {row}", cell)
        ]
    return _number_blockers(field, field.code, value)


def _number_blockers(field: Field, name: str, value: Any) -> list[Blocker]:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return [Blocker("not_a_number", f"{name} must be a number in {field.unit}, not {value}.")]
    if not number.is_finite() or (field.kind == "integer" and number != number.to_integral_value()):
        return [Blocker("not_a_number", f"{name} must be a whole number of {field.unit}, not {value}.")]
    low, high = field.minimum, field.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return [Blocker("out_of_range", f"{name} must lie between {low} and {high} {field.unit}, not {value}.")]
    return []
