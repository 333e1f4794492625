"""A mapping: which of their columns is which of ours, their stage labels, how they write dates and money.

Written as TOML (fixtures/portfolio/README.md shows one). Read with tolerance: every part may be missing, a section may
have its other usual name, and a pair may stand either way round. What is not understood is reported, not obeyed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from projects.intake.import_dates import ORDERS
from projects.intake.import_headers import INITIATIVE_FIELDS, MILESTONE_FIELDS, Fields, normal, our_field
from projects.intake.import_stages import Stage, normal_label, stage_named
from projects.intake.spreadsheets.refusals import FileRefused

SECTIONS = {
    "columns": ("columns", "fields", "column", "mapping", "map", "headers", "initiatives"),
    "stages": ("stages", "stage", "stage_map", "stage_labels", "stage_mapping"),
    "dates": ("dates", "date"),
    "money": ("money", "amounts", "amount"),
    "options": ("options", "file", "table", "format", "csv"),
    "milestones": ("milestones", "milestone", "milestone_columns"),
}
ORDER_WORDS = {
    "dayfirst": "dmy",
    "day": "dmy",
    "monthfirst": "mdy",
    "month": "mdy",
    "us": "mdy",
    "uk": "dmy",
    "iso": "ymd",
}
FACTORS = {
    "one": 1, "ones": 1, "units": 1, "unit": 1, "thousand": 10**3, "thousands": 10**3, "k": 10**3,
    "million": 10**6, "millions": 10**6, "m": 10**6, "billion": 10**9, "billions": 10**9, "bn": 10**9,
}  # fmt: skip
BLANK_LABELS = frozenset({"", "(blank)", "blank", "(empty)", "empty"})
OTHER_LABELS = frozenset({"*", "default", "other", "(other)"})
ASK = frozenset({"ask", "refuse", "?"})
Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class PortfolioMap:
    """One mapping; everything empty means: propose."""

    columns: Columns = field(default_factory=dict)
    milestones: Columns = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    blank_stage: Stage | None = None
    other_stage: Stage | None = None
    asked: frozenset[str] = frozenset()
    date_order: str = ""
    factor: Decimal | None = None
    currency: str = ""
    decimal: str = "."
    overrun_is_negative: bool | None = None
    organisation: str = ""
    transposed: bool | None = None
    turn_if_needed: bool = False
    separator: str = ""
    encoding: str = ""
    sheet: str = ""
    header_line: int = 0
    notes: tuple[str, ...] = ()


def parse_mapping(text: str) -> PortfolioMap:
    """Return the mapping that a TOML text says. Raise FileRefused when it is not TOML or a value means nothing."""
    return mapping_from(load_mapping(text.encode()))


def load_mapping(content: bytes) -> dict[str, Any]:
    """Return a TOML file as nested dicts. Raise FileRefused when it is not TOML in UTF-8."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileRefused("mapping_invalid", f"The mapping is not TOML in UTF-8: {error}.") from error


def mapping_from(data: Mapping[str, Any]) -> PortfolioMap:
    """Return the mapping that a nested dict says, as read from TOML or kept in the database."""
    sections = {name: _section(data, names) for name, names in SECTIONS.items()}
    loose = {key: value for key, value in data.items() if not isinstance(value, Mapping)}
    settings = {**loose, **sections["options"], **sections["money"], **sections["dates"]}
    notes: list[str] = []
    asked = frozenset(normal_label(label) for label, stage in sections["stages"].items() if _asks(stage))
    stages, blank, other = _stages({label: stage for label, stage in sections["stages"].items() if not _asks(stage)})
    milestones = sections["milestones"]
    transposed = _first(settings, "transposed", "transpose", "turn")
    return PortfolioMap(
        columns=_columns({**_loose_columns(loose), **sections["columns"]}, INITIATIVE_FIELDS, notes),
        milestones=_columns(_section(milestones, SECTIONS["columns"]) or milestones, MILESTONE_FIELDS, notes),
        stages=stages,
        blank_stage=blank,
        other_stage=other,
        asked=asked,
        date_order=_order(_first(settings, "order", "date_order", "dates", "format", "date_format", "day_first")),
        factor=_factor(_first(settings, "unit", "units", "factor", "multiplier", "scale")),
        currency=_currency(_first(settings, "currency")),
        decimal=_one_of(_first(settings, "decimal", "decimal_mark", "decimal_separator"), (".", ","), ".", "decimal"),
        overrun_is_negative=_overrun(_first(settings, "variance", "variance_sign")),
        organisation=str(_first(settings, "organisation", "organization") or ""),
        transposed=None if transposed == "auto" else _flag(transposed),
        turn_if_needed=transposed == "auto",
        separator=str(_first(settings, "separator", "delimiter", "sep") or ""),
        encoding=str(_first(settings, "encoding") or ""),
        sheet=str(_first(settings, "sheet", "worksheet") or ""),
        header_line=_whole(_first(settings, "header_line", "header_row")),
        notes=tuple(notes),
    )


def _section(data: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    return next((data[name] for name in names if isinstance(data.get(name), Mapping)), {})


def _loose_columns(loose: Mapping[str, Any]) -> dict[str, Any]:
    reserved = {"organisation", "organization", "currency"}
    return {key: value for key, value in loose.items() if our_field(key, INITIATIVE_FIELDS) and key not in reserved}


def _columns(pairs: Mapping[str, Any], fields: Fields, notes: list[str]) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for key, value in pairs.items():
        headers = _headers(value)
        single = headers[0] if len(headers) == 1 else ""
        ours, theirs = our_field(key, fields, exact=True), our_field(single, fields, exact=True)
        ours = ours or ("" if theirs else our_field(key, fields))
        if ours:
            columns[ours] = (*columns.get(ours, ()), *headers)
        elif theirs := theirs or our_field(single, fields):
            columns[theirs] = (*columns.get(theirs, ()), key)
        else:
            notes.append(f'The mapping names "{key}", which is not a field. Fields: {", ".join(fields)}.')
    return columns


def _headers(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = _first(value, "column", "columns", "header", "headers", "from", "name")
    if value is None or value is False:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else ((str(value),) if value != "" else ())


def _asks(stage: Any) -> bool:
    return isinstance(stage, str) and stage.lower() in ASK


def _stages(pairs: Mapping[str, Any]) -> tuple[dict[str, Stage], Stage | None, Stage | None]:
    stages: dict[str, Stage] = {}
    for key, value in pairs.items():
        if not isinstance(value, list) and (stage := stage_named(str(value))):
            stages[normal_label(key)] = stage
        elif stage := stage_named(key):
            stages |= {normal_label(str(label)): stage for label in (value if isinstance(value, list) else [value])}
        else:
            raise FileRefused(
                "mapping_invalid", f'"{value}" is not a stage. Stages: {", ".join(stage.value for stage in Stage)}.'
            )
    blank = next((stages.pop(label) for label in list(stages) if label in BLANK_LABELS), None)
    other = next((stages.pop(label) for label in list(stages) if label in OTHER_LABELS), None)
    return stages, blank, other


def _first(settings: Mapping[str, Any], *names: str) -> Any:
    return next((settings[name] for name in names if settings.get(name) not in (None, "")), None)


def _order(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "dmy", False: "mdy"}[value]
    text = normal(str(value)).replace(" ", "")
    letters = "".join(dict.fromkeys(letter for letter in text.replace("%", "") if letter in "dmy"))
    order = ORDER_WORDS.get(text) or (letters if text.strip("dmy%") == "" else "")
    if order not in ORDERS:
        raise FileRefused("mapping_invalid", f'"{value}" is not an order of dates: write "dmy", "mdy" or "ymd".')
    return order


def _factor(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, int) and value in FACTORS.values():
        return Decimal(value)
    words = normal(str(value)).strip("£$€ ")
    if words not in FACTORS:
        raise FileRefused(
            "mapping_invalid", f'"{value}" is not a unit of money: write "ones", "thousands" or "millions".'
        )
    return Decimal(FACTORS[words])


def _currency(value: Any) -> str:
    code = str(value or "").upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise FileRefused("mapping_invalid", f'"{value}" is not a currency: write its code, such as "USD".')
    return code


def _overrun(value: Any) -> bool | None:
    if value is None:
        return None
    forms = ("planned-minus-actual", "actual-minus-planned")
    return _one_of(value, forms, "", "variance") == forms[0]


def _one_of(value: Any, allowed: tuple[str, ...], default: str, name: str) -> str:
    if value is None:
        return default
    if str(value) not in allowed:
        options = " or ".join(f'"{option}"' for option in allowed)
        raise FileRefused("mapping_invalid", f'{name} = "{value}" means nothing: write {options}.')
    return str(value)


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    return str(value).lower() in {"true", "yes", "1", "on"}


def _whole(value: Any) -> int:
    try:
        return max(0, int(value or 0))
    except ValueError as error:
        raise FileRefused("mapping_invalid", f'"{value}" is not a line number.') from error
