"""Read JSON documents and JSON lines as frames of text, numbers exactly as they are written."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import polars as pl

from projects.sources.readers.containers import mend_encoding
from projects.sources.readers.interface import Limits, RowProblem, UnreadableFile
from projects.sources.readers.pages import is_empty
from projects.sources.readers.plans import Kind
from projects.sources.readers.raw import LINE, RawFrame

_ROWS_AT_ONCE = 20_000
_SHOWN = 80
Shape = Literal["json", "jsonl"]


def looks_like_json(head: str) -> bool:
    """Say whether text begins as a JSON document or a line of one does."""
    return head.lstrip()[:1] in ("{", "[")


def parse(text: str | bytes) -> Any:
    """Parse JSON with every number kept as its text. Raise ValueError for what is no JSON, however deep."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def text_of(value: Any) -> str | None:
    """Give one value of a document as text: words as they are, structures as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def shape_of(head: str) -> tuple[Shape, Any]:
    """Tell JSON lines from one document, and give the document of the first line that is not empty for JSON lines."""
    first, newline, rest = head.lstrip().partition("\n")
    if not (newline and rest.strip() and first.startswith("{")):
        return "json", None
    try:
        document = parse(first)
    except ValueError:
        return "json", None
    while is_empty(document) and rest:
        line, _, rest = rest.partition("\n")
        document = _parsed(line) or document
    return "jsonl", document


def _parsed(line: str) -> Any:
    try:
        return parse(line)
    except ValueError:
        return None


def unwrapped(document: Any) -> Any:
    """Give the records of an interface's answer, or of a list of its answers, without the envelope they came in."""
    answers = document if isinstance(document, list) else [document]
    held = [answer.get("data") if isinstance(answer, dict) else None for answer in answers]
    records = [record for data in held if isinstance(data, list) for record in data]
    if not records or not all(isinstance(data, list) for data in held):
        return document
    is_plain = all(isinstance(record, dict) and not {"results", "result"} & record.keys() for record in records)
    return records if is_plain else document


def flat_records(document: Any, head: str = "") -> list[dict[str, Any]]:
    """Give the flat records of a list, or of the first of JSON lines; none of any other document."""
    records = document if isinstance(document, list) else [document]
    if isinstance(document, dict):
        lines = (_parsed(line) for line in head.lstrip().split("\n") if line.startswith("{"))
        records += [line for line in lines if line is not None]
    return records if all(isinstance(record, dict) for record in records) else []


def flat_columns(records: list[dict[str, Any]]) -> tuple[str, ...]:
    """Give every name that stands in the records, in the order in which they come."""
    return tuple(dict.fromkeys(str(name) for record in records for name in record))


def flat(kind: Kind, columns: tuple[str, ...]) -> Kind:
    """Give a kind of table that takes its rows from flat records with these columns."""

    def records(document: Any) -> Iterator[dict[str, str | None]]:
        for record in document if isinstance(document, list) else [document]:
            yield {name: text_of(record.get(name)) for name in columns}

    return replace(kind, fields=columns, records=records, claims=lambda document: isinstance(document, dict))


def load_document(blocks: Iterator[bytes], limits: Limits) -> Any:
    """Parse a whole document. Raise UnreadableFile if it is too large or cut off."""
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        size += len(block)
        if size > limits.max_document_bytes:
            raise UnreadableFile(
                "too_large",
                f"A JSON document may have {limits.max_document_bytes:,} bytes. Export shorter periods, or JSON lines.",
            )
        parts.append(block)
    try:
        return unwrapped(parse(mend_encoding(b"".join(parts))[0].decode("utf-8").lstrip("\ufeff")))
    except ValueError as error:
        raise UnreadableFile("damaged_file", f"The JSON document is cut off or damaged ({error}).") from error


def read_document(document: Any, kind: Kind) -> Iterator[RawFrame]:
    """Give the records of a document in frames; rows are numbered in the order they stand."""
    rows: list[list[str | int | None]] = []
    for number, record in enumerate(kind.records(document), start=1):
        rows.append([number, *(record.get(name) for name in kind.fields)])
        if len(rows) >= _ROWS_AT_ONCE:
            yield _raw(rows, [], kind)
            rows = []
    if rows:
        yield _raw(rows, [], kind)


def read_lines(blocks: Iterator[bytes], kind: Kind, limits: Limits) -> Iterator[RawFrame]:
    """Give the records of JSON lines in frames; a line that is no JSON is a problem of its own."""
    rows: list[list[str | int | None]] = []
    problems: list[RowProblem] = []
    for line, text in _numbered_lines(blocks, limits):
        try:
            document = parse(text)
            records = [*kind.records(document)] if kind.claims(document) else [] if is_empty(document) else None
        except ValueError:
            records = None
        if records is None:
            problems.append(RowProblem(line, None, text[:_SHOWN], f"is not a line of {kind.title}"))
        else:
            rows.extend([line, *(record.get(name) for name in kind.fields)] for record in records)
        if len(rows) + len(problems) >= _ROWS_AT_ONCE:
            yield _raw(rows, problems, kind)
            rows, problems = [], []
    if rows or problems:
        yield _raw(rows, problems, kind)


def _numbered_lines(blocks: Iterator[bytes], limits: Limits) -> Iterator[tuple[int, str]]:
    pending, number = b"", 0
    for block in blocks:
        *lines, pending = (pending + block).split(b"\n")
        if len(pending) > limits.max_record_bytes:
            raise UnreadableFile("too_large", f"A line is longer than {limits.max_record_bytes:,} bytes.")
        for line in lines:
            number += 1
            if line.strip():
                yield number, mend_encoding(line)[0].decode("utf-8")
    if pending.strip():
        yield number + 1, mend_encoding(pending)[0].decode("utf-8")


def _raw(rows: list[list[str | int | None]], problems: list[RowProblem], kind: Kind) -> RawFrame:
    schema = {LINE: pl.Int64, **dict.fromkeys(kind.fields, pl.String)}
    clean = [[_without_surrogates(cell) for cell in row] for row in rows]
    return RawFrame(pl.DataFrame(clean, schema=schema, orient="row"), tuple(problems), 0, True)


def _without_surrogates(cell: str | int | None) -> str | int | None:
    """Replace half characters, which JSON can spell and no database can store."""
    if isinstance(cell, str) and not cell.isascii():
        return cell.encode("utf-8", "replace").decode("utf-8")
    return cell
