"""Tell what a file is: its container, encoding, separator, kind, version, and the order of day and month."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from projects.sources.readers.blanks import EMPTY, blank_cost_of_parquet, blank_cost_of_records, blank_cost_of_text
from projects.sources.readers.canonical import to_canonical_text
from projects.sources.readers.containers import (
    HEAD_BYTES,
    Opened,
    look_into,
    mend_encoding,
    text_blocks,
    wrong_encoding,
)
from projects.sources.readers.decimals import may_have_commas, proved_mark
from projects.sources.readers.delimited import read_delimited
from projects.sources.readers.documents import (
    Shape,
    flat,
    flat_columns,
    flat_records,
    load_document,
    looks_like_json,
    read_document,
    read_lines,
    shape_of,
)
from projects.sources.readers.foreign import refuse_foreign_document, refuse_foreign_table
from projects.sources.readers.interface import NO_MAPPING, ColumnMapping, Container, Limits, Recognised, UnreadableFile
from projects.sources.readers.kinds import focus, litellm_focus, minimal
from projects.sources.readers.layouts import Layout, find_layout, layouts_below, unique_names
from projects.sources.readers.mapping import require_usable
from projects.sources.readers.observations import plural
from projects.sources.readers.pages import is_empty
from projects.sources.readers.parquet import first_words, parquet_columns
from projects.sources.readers.plans import Clues, Header, Kind, Plan
from projects.sources.readers.raw import RawFrame
from projects.sources.readers.registry import kind_named, kind_of_document, kind_of_table
from projects.sources.readers.schema import NUMBERS
from projects.sources.readers.slashes import day_and_month, has_slashes

_MAYBE_TITLES = ("unknown_columns", "no_header", "turned_table", "missing_column")
_FIGURE_OR_DATE = re.compile(r"\s*[$-]?[0-9][0-9.,:TZ/ -]*\s*")


def recognise(
    path: Path, *, file_name: str = "", mapping: ColumnMapping | None = None, limits: Limits | None = None
) -> Recognised:
    """Say what a file is. Raise UnreadableFile with the sentence it deserves if it is no cost or usage file."""
    mapping, limits = mapping or NO_MAPPING, limits or Limits()
    require_usable(mapping)
    opened = look_into(path, limits)
    name = " ".join(part for part in (file_name or path.name, opened.inside) if part)
    if opened.content == "parquet":
        columns = parquet_columns(path, limits)
        known = _known(columns, "parquet", mapping, Clues(name, _words_of_parquet(path, columns)))
        return _without_blank(known, blank_cost_of_parquet(path, columns))
    opened = replace(opened, encoding=mapping.encoding or opened.encoding)
    if looks_like_json(_head_text(opened)):
        return _recognise_json(path, opened, mapping, limits, name)
    return _recognise_table(path, opened, mapping, limits, name)


def _words_of_parquet(path: Path, columns: tuple[str, ...]) -> str:
    """Give the first tags where they tell a gateway's export from a bill."""
    header = Header(unique_names(columns))
    tags = header.find("Tags") if litellm_focus.version(header) is not None else None
    return first_words(path, tags) if tags in columns else ""


def plan_for(recognised: Recognised) -> Plan:
    """Give the plan of a recognised file."""
    kind = kind_named(recognised.kind)
    if kind is None:
        raise UnreadableFile("unknown_kind", f"There is no kind of file named {recognised.kind}.")
    columns = [name for name in unique_names(recognised.columns) if name not in recognised.blank]
    return kind.plan(Header(tuple(columns)), recognised.mapping)


def _without_blank(known: Recognised, column: str | None) -> Recognised:
    """Let the other cost stand for one that the file has and never fills."""
    if column is None or known.kind not in (focus.KIND.name, litellm_focus.KIND.name):
        return known
    blank = replace(known, blank=(column,))
    return replace(blank, notes=tuple(dict.fromkeys((EMPTY.format(column), *plan_for(blank).notes, *known.notes))))


def _recognise_json(path: Path, opened: Opened, mapping: ColumnMapping, limits: Limits, file_name: str) -> Recognised:
    head = _head_text(opened)
    shape, document = shape_of(head)
    if shape == "json":
        document = load_document(text_blocks(path, opened.encoding, opened.compression, limits), limits)
    kind = kind_of_document(document, shape)
    if kind is None:
        records = flat_records(document, head if shape == "jsonl" else "")
        if records and kind_of_table(Header(unique_names(flat_columns(records))), "table", Clues(file_name, head)):
            return _recognise_flat(path, opened, shape, records, mapping, limits, Clues(file_name, head))
        if is_empty(document):
            raise UnreadableFile("no_rows", "The report has no results. Ask for a period in which something was used.")
        refuse_foreign_document(document)
        raise UnreadableFile(
            "unknown_document",
            "This JSON is of no known export. Export the costs as CSV, or as one of the known reports.",
        )
    plan = kind.plan(Header(kind.fields), mapping)
    return Recognised(
        kind=kind.name,
        version=None,
        title=kind.title,
        role=mapping.role or kind.role,
        container=shape,
        columns=kind.fields,
        notes=(*plan.notes, *kind.remarks(document)),
        compression=opened.compression,
        encoding=opened.encoding,
        header_lines=0,
        decimal_mark=".",
        has_money=plan.has_money,
        mapping=mapping,
    )


def _recognise_flat(
    path: Path,
    opened: Opened,
    shape: Shape,
    records: list[dict[str, Any]],
    mapping: ColumnMapping,
    limits: Limits,
    clues: Clues,
) -> Recognised:
    """Know a table that is written as JSON, one flat record a row."""
    known = _known(flat_columns(records), "table", mapping, clues)
    known = _without_blank(known, blank_cost_of_records(records, known.columns))
    known = replace(known, container=shape, compression=opened.compression, encoding=opened.encoding, header_lines=0)
    return _with_date_order(path, opened, known, limits)


def read_flat(blocks: Iterator[bytes], known: Recognised, limits: Limits) -> Iterator[RawFrame]:
    """Give the rows of a table that is written as JSON."""
    kind = kind_named(known.kind)
    if kind is None:
        raise UnreadableFile("unknown_kind", f"There is no kind of file named {known.kind}.")
    kind = flat(kind, unique_names(known.columns))
    if known.container == "jsonl":
        return read_lines(blocks, kind, limits)
    return read_document(load_document(blocks, limits), kind)


def _recognise_table(path: Path, opened: Opened, mapping: ColumnMapping, limits: Limits, file_name: str) -> Recognised:
    head = _head_text(opened)
    layout = find_layout(head, mapping.separator)
    if not layout.columns:
        raise UnreadableFile("no_header", "The file has no line of column names that can be read. Export it again.")
    if len(layout.columns) > limits.max_columns:
        raise UnreadableFile(
            "too_large", f"The table has {len(layout.columns):,} columns; at most {limits.max_columns:,}."
        )
    known, layout = _below_titles(head, layout, mapping, file_name)
    known = replace(
        known,
        compression=opened.compression,
        encoding=opened.encoding,
        separator=layout.separator,
        header_lines=layout.header_lines,
        wrapped=layout.wrapped,
    )
    known = _without_blank(known, blank_cost_of_text(head, layout_of(known), limits))
    known = _with_decimal_mark(head, known, limits)
    return _with_date_order(path, opened, known, limits)


def _below_titles(head: str, layout: Layout, mapping: ColumnMapping, file_name: str) -> tuple[Recognised, Layout]:
    """Know the table by its first line, or by the first one below that is a header. Raise UnreadableFile."""
    clues = Clues(file_name, head)
    try:
        return _known(layout.columns, "table", mapping, clues), layout
    except UnreadableFile as unknown:
        if unknown.code not in _MAYBE_TITLES:
            raise
        for below in layouts_below(head, layout, mapping.separator):
            try:
                known = _known(below.columns, "table", mapping, clues)
            except UnreadableFile as found:
                if found.code == "missing_column" and not mapping.columns:
                    raise
                continue
            above = plural(below.header_lines - 1, "line")
            note = (
                f"The header is in line {below.header_lines}; the {above} above it, such as titles, were passed over."
            )
            return replace(known, notes=(*known.notes, note)), below
        raise


def layout_of(known: Recognised) -> Layout:
    """Give the layout of a recognised table."""
    return Layout(unique_names(known.columns), known.separator or ",", known.header_lines, known.wrapped)


def _with_decimal_mark(head: str, known: Recognised, limits: Limits) -> Recognised:
    """Read figures with a decimal comma where the beginning of the file proves that they have one."""
    if known.mapping.decimal_mark or not may_have_commas(head, known.separator or ","):
        return known
    layout = layout_of(known)
    plan = plan_for(known)
    whole = head[: head.rfind("\n") + 1] or head
    try:
        frames = [to_canonical_text(raw.frame, plan) for raw in read_delimited(iter([whole.encode()]), layout, limits)]
    except UnreadableFile:
        return known  # the reading of the whole file says what is wrong with it
    figures = (frame[name].unique().drop_nulls() for frame in frames for name in NUMBERS if name in frame.columns)
    if proved_mark(chain.from_iterable(figures)) != ",":
        return known
    return replace(
        known, decimal_mark=",", notes=(*known.notes, "Figures have a decimal comma: 1,5 is one and a half.")
    )


def _head_text(opened: Opened) -> str:
    if opened.encoding in ("utf-8", "windows-1252"):
        return mend_encoding(opened.head)[0].decode("utf-8", "replace")
    try:
        return opened.head.decode(opened.encoding, "replace").lstrip("\ufeff")
    except UnicodeError as error:
        raise wrong_encoding(opened.encoding) from error


def _known(columns: tuple[str, ...], container: Container, mapping: ColumnMapping, clues: Clues) -> Recognised:
    header = Header(unique_names(columns))
    kind, version = _kind(header, container, mapping, clues)
    plan = kind.plan(header, mapping)
    _refuse_repeated(columns, plan)
    return Recognised(
        kind=kind.name,
        version=version or None,
        title=f"{kind.title} {version}".strip(),
        role=mapping.role or kind.role,
        container=container,
        columns=columns,
        notes=plan.notes,
        decimal_mark=mapping.decimal_mark or ".",
        has_money=plan.has_money,
        mapping=mapping,
    )


def _kind(header: Header, container: Container, mapping: ColumnMapping, clues: Clues) -> tuple[Kind, str]:
    if mapping.kind:
        named = kind_named(mapping.kind)
        if named is None:
            raise UnreadableFile("unknown_kind", f"The mapping names the kind '{mapping.kind}', which does not exist.")
        return named, named.version(header) or ""
    if mapping.columns:  # only the minimal profile lets its columns be named
        return minimal.KIND, ""
    refuse_foreign_table(header)
    found = kind_of_table(header, container, clues)
    if found is None:
        raise _unknown(header, container, clues.head)
    return found


def _unknown(header: Header, container: Container, head: str) -> UnreadableFile:
    cells = [column for column in header.columns if not column.startswith("column ")]
    own = [cell.strip().lower() in focus.OWN_NAMES for cell in cells]
    below = [re.split(r"\W+", line.lstrip(' "'))[0].lower() in focus.OWN_NAMES for line in head.split("\n")[1:3]]
    if container == "table" and len(own) > 1 and own[0] and not any(own[1:]) and any(below):
        return UnreadableFile(
            "turned_table", "The table is turned: its columns stand in rows. Transpose it and import again."
        )
    if sum(bool(_FIGURE_OR_DATE.fullmatch(cell)) for cell in cells) >= max(1, len(cells) // 5):
        return UnreadableFile("no_header", "The first line holds figures, not column names. Export with a header.")
    shown = ", ".join(cells[:6])
    return UnreadableFile(
        "unknown_columns",
        f"These columns are of no known export ({shown}). "
        "Give a mapping that names date, service, amount and currency.",
        columns=tuple(cells),
    )


def _refuse_repeated(columns: tuple[str, ...], plan: Plan) -> None:
    folded = [column.strip().lower() for column in columns]
    for source in plan.columns.values():
        if folded.count(source.strip().lower()) > 1:
            raise UnreadableFile(
                "duplicate_column",
                f"The column {source} stands twice in the header. Remove the one that does not count.",
            )


def _with_date_order(path: Path, opened: Opened, known: Recognised, limits: Limits) -> Recognised:
    """Settle day and month where dates are written with slashes, from the whole file if need be."""
    if known.mapping.date_order:
        return replace(known, date_order=known.mapping.date_order)
    if b"/" not in opened.head:
        return known
    plan = plan_for(known)
    glance = next(_dated(path, opened, known, plan, replace(limits, block_bytes=HEAD_BYTES)), None)
    if glance is None or not has_slashes(glance):
        return known
    frames = _dated(path, opened, known, plan, limits)
    order, note = day_and_month(next(frames), frames, plan)
    return replace(known, date_order=order, notes=(*known.notes, *([note] if note else [])))


def _dated(path: Path, opened: Opened, known: Recognised, plan: Plan, limits: Limits) -> Iterator[pl.DataFrame]:
    """Give the file's rows as canonical text, block by block."""
    blocks = text_blocks(path, opened.encoding, opened.compression, limits)
    if known.container == "table":
        raws = read_delimited(blocks, layout_of(known), limits)
    else:
        raws = read_flat(blocks, known, limits)
    return (to_canonical_text(raw.frame, plan) for raw in raws)
