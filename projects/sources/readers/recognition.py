"""Tell what a file is: its container, encoding, separator, kind, version, and the order of day and month."""

import re
from dataclasses import replace
from itertools import chain
from pathlib import Path

from projects.sources.readers.canonical import to_canonical_text
from projects.sources.readers.containers import Opened, look_into, mend_encoding, text_blocks, wrong_encoding
from projects.sources.readers.decimals import may_have_commas, proved_mark
from projects.sources.readers.delimited import read_delimited
from projects.sources.readers.documents import load_document, looks_like_json, shape_of
from projects.sources.readers.foreign import refuse_foreign_document, refuse_foreign_table
from projects.sources.readers.interface import NO_MAPPING, ColumnMapping, Container, Limits, Recognised, UnreadableFile
from projects.sources.readers.kinds import focus, minimal
from projects.sources.readers.layouts import Layout, find_layout, unique_names
from projects.sources.readers.mapping import require_usable
from projects.sources.readers.pages import is_empty
from projects.sources.readers.parquet import parquet_columns
from projects.sources.readers.plans import Clues, Header, Kind, Plan
from projects.sources.readers.registry import kind_named, kind_of_document, kind_of_table
from projects.sources.readers.schema import NUMBERS
from projects.sources.readers.slashes import day_and_month, has_slashes

_FIGURE_OR_DATE = re.compile(r"\s*[$-]?[0-9][0-9.,:TZ/ -]*\s*")


def recognise(
    path: Path, *, file_name: str = "", mapping: ColumnMapping | None = None, limits: Limits | None = None
) -> Recognised:
    """Say what a file is. Raise UnreadableFile with the sentence it deserves if it is no cost or usage file."""
    mapping, limits = mapping or NO_MAPPING, limits or Limits()
    require_usable(mapping)
    opened = look_into(path, limits)
    if opened.content == "parquet":
        columns = parquet_columns(path, limits)
        return _known(columns, "parquet", mapping, Clues(file_name or path.name))
    opened = replace(opened, encoding=mapping.encoding or opened.encoding)
    if looks_like_json(_head_text(opened)):
        return _recognise_json(path, opened, mapping, limits)
    return _recognise_table(path, opened, mapping, limits, file_name or path.name)


def plan_for(recognised: Recognised) -> Plan:
    """Give the plan of a recognised file."""
    kind = kind_named(recognised.kind)
    if kind is None:
        raise UnreadableFile("unknown_kind", f"There is no kind of file named {recognised.kind}.")
    return kind.plan(Header(unique_names(recognised.columns)), recognised.mapping)


def _recognise_json(path: Path, opened: Opened, mapping: ColumnMapping, limits: Limits) -> Recognised:
    shape, document = shape_of(_head_text(opened))
    if shape == "json":
        document = load_document(text_blocks(path, opened.encoding, opened.compression, limits), limits)
    kind = kind_of_document(document, shape)
    if kind is None:
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


def _recognise_table(path: Path, opened: Opened, mapping: ColumnMapping, limits: Limits, file_name: str) -> Recognised:
    head = _head_text(opened)
    layout = find_layout(head, mapping.separator)
    if not layout.columns:
        raise UnreadableFile("no_header", "The file has no line of column names that can be read. Export it again.")
    if len(layout.columns) > limits.max_columns:
        raise UnreadableFile(
            "too_large", f"The table has {len(layout.columns):,} columns; at most {limits.max_columns:,}."
        )
    known = _known(layout.columns, "table", mapping, Clues(file_name, head))
    known = replace(
        known,
        compression=opened.compression,
        encoding=opened.encoding,
        separator=layout.separator,
        header_lines=layout.header_lines,
    )
    known = _with_decimal_mark(head, known, limits)
    return _with_date_order(path, opened, known, limits)


def _with_decimal_mark(head: str, known: Recognised, limits: Limits) -> Recognised:
    """Read figures with a decimal comma where the beginning of the file proves that they have one."""
    if known.mapping.decimal_mark or not may_have_commas(head, known.separator or ","):
        return known
    layout = Layout(unique_names(known.columns), known.separator or ",", known.header_lines)
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
        raise _unknown(header)
    return found


def _unknown(header: Header) -> UnreadableFile:
    cells = [column for column in header.columns if not column.startswith("column ")]
    if len(focus.OWN_NAMES & {cell.strip().lower() for cell in cells[:1]}) and len(cells) > 1:
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
    layout = Layout(unique_names(known.columns), known.separator or ",", known.header_lines)
    plan = plan_for(known)
    blocks = text_blocks(path, opened.encoding, opened.compression, limits)
    frames = (to_canonical_text(raw.frame, plan) for raw in read_delimited(blocks, layout, limits))
    first = next(frames, None)
    if first is None or not has_slashes(first):
        return known
    order, note = day_and_month(first, frames, plan)
    return replace(known, date_order=order, notes=(*known.notes, *([note] if note else [])))
