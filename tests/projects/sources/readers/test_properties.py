"""Files that nobody wrote: FOCUS in any order, encoding and spelling always adds up, and no bytes ever crash a reader."""

import csv
import gzip
import io
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projects.sources.readers.interface import ColumnMapping, Limits, UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from tests.projects.sources.readers.samples import COSTS, FOCUS, read

LIMITS = Limits(max_rows=10_000, block_bytes=300, max_record_bytes=20_000, max_unpacked_bytes=5_000_000)
OPTIONAL = ["ListCost", "Tags", "ServiceCategory", "SubAccountId", "ResourceId", "x_Own", "ChargePeriodEnd", "Id"]
NULLS = ["", "NULL", "null", "N/A", " "]

amounts = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False).filter(
    lambda amount: amount.adjusted() > -60
)
words = st.text(st.characters(codec="windows-1252", exclude_characters="\x00\r\n"), max_size=30)
rows = st.fixed_dictionaries(
    {
        "BilledCost": amounts,
        "EffectiveCost": amounts,
        "BillingCurrency": st.sampled_from(["USD", "EUR", "JPY", "usd "]),
        "ChargePeriodStart": st.datetimes().map(
            lambda at: f"{at.replace(year=2000 + at.year % 100, day=1):%Y-%m-%dT%H:%M:%SZ}"
        ),
        "ServiceName": words,
        "filler": words,
    }
)


@st.composite
def focus_files(draw: st.DrawFn) -> tuple[bytes, list[dict[str, object]]]:
    """Write a file, and say what stands in it."""
    written = draw(st.lists(rows, min_size=1, max_size=25))
    optional = draw(st.lists(st.sampled_from(OPTIONAL), unique=True))
    columns = draw(
        st.permutations(
            ["BilledCost", "EffectiveCost", "BillingCurrency", "ChargePeriodStart", "ServiceName", *optional]
        )
    )
    style = draw(st.sampled_from(["f", "e", "$"]))
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=draw(st.sampled_from(",;\t|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerow(columns)
    for row in written:
        writer.writerow([cell(row, column, style, draw) for column in columns])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "windows-1252", "utf-16"]))
    content = buffer.getvalue().encode(encoding)
    return (gzip.compress(content) if draw(st.booleans()) else content), written


def cell(row: dict[str, object], column: str, style: str, draw: st.DrawFn) -> str:
    """Write one cell as one exporter or another would."""
    value = row.get(column)
    if isinstance(value, Decimal):
        text = format(value, "e" if style == "e" and value.adjusted() > -50 else "f")
        return (
            text.replace("-", "-$", 1)
            if style == "$" and text.startswith("-")
            else ("$" if style == "$" else "") + text
        )
    if column in ("ListCost", "Tags", "ChargePeriodEnd"):
        return draw(st.sampled_from(NULLS))
    return str(row["filler"] if value is None else value)


@contextmanager
def saved(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "costs"
        path.write_bytes(content)
        yield path


@settings(max_examples=150, deadline=None)
@given(focus_files())
def test_whatever_the_columns_encodings_nulls_and_signs_the_sums_reconcile(
    file: tuple[bytes, list[dict[str, object]]],
) -> None:
    content, written = file

    with saved(content) as path:
        frame, reader = read(path, limits=LIMITS)

    totals = reader.totals
    assert totals.rows == len(written)
    assert totals.refused_rows == 0, reader.problems
    for code in ("USD", "EUR", "JPY"):
        mine = [row for row in written if str(row["BillingCurrency"]).strip().upper() == code]
        for column, name in (("BilledCost", "billed_cost"), ("EffectiveCost", "effective_cost")):
            expected = exact(row[column] for row in mine)
            found = frame.filter(pl.col("billing_currency") == code)[name]
            assert exact(map(Decimal, found)) == expected
            if mine:
                assert exact([getattr(totals.accepted[code], name)]) == expected


def exact(values: Iterator[object] | list[Decimal]) -> object:
    return sum((Fraction(str(value)) for value in values), Fraction(0))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(rows, st.sampled_from(["good", "cost", "date", "currency", "short"])), min_size=1, max_size=30)
)
def test_accepted_and_refused_rows_always_make_up_the_file(entries: list[tuple[dict[str, object], str]]) -> None:
    columns = ["BilledCost", "EffectiveCost", "BillingCurrency", "ChargePeriodStart", "ServiceName"]
    spoil = {
        "cost": ("BilledCost", "abc"),
        "date": ("ChargePeriodStart", "soon"),
        "currency": ("BillingCurrency", "ZZZ"),
    }
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row, how in entries:
        spoiled = {**row, **dict([spoil[how]] if how in spoil else [])}
        cells = [
            format(value, "f") if isinstance(value, Decimal) else str(value) for value in map(spoiled.get, columns)
        ]
        writer.writerow(cells[:3] if how == "short" else cells)

    with saved(buffer.getvalue().encode()) as path:
        recognised = recognise(path, limits=LIMITS)
        reader = read_batches(path, recognised, limits=LIMITS)
        batches = list(reader)

    bad = [number for number, (_, how) in enumerate(entries, start=2) if how != "good"]
    assert sorted({problem.line for problem in reader.problems}) == bad
    assert reader.totals.refused_rows == sum(batch.refused_rows for batch in batches) == len(bad)
    assert reader.totals.accepted_rows == sum(batch.frame.height for batch in batches) == len(entries) - len(bad)


def swallow(content: bytes, mapping: ColumnMapping | None = None) -> None:
    """Read as the product would; only UnreadableFile may come out, with a code and a sentence."""
    with saved(content) as path:
        refused = None
        try:
            reader = read_batches(path, recognise(path, mapping=mapping, limits=LIMITS), limits=LIMITS)
            heights = [batch.frame.height + batch.refused_rows for batch in reader]
            reader.raise_for_problems()
        except UnreadableFile as error:
            refused = error
    assert (refused.code and refused.message) if refused else min(heights) > 0


HEAD = b"BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,Tags\n"


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", HEAD, b"{", b"[{", b"PAR1", b"\x1f\x8b", b"\xff\xfe", b"\xef\xbb\xbf" + HEAD]),
)
@example(b'"', HEAD)
@example(b"\r\r\r", HEAD)
@example(b'1,1,USD,2025-05-01,"a\r\nb",\r', HEAD)
@example(b"\0" * 50, HEAD)
def test_no_bytes_ever_raise_anything_but_unreadable_file(noise: bytes, start: bytes) -> None:
    swallow(start + noise)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('0123456789.,-+eE$"\n\r;USD{}[]:/ TZ\\NaN'), max_size=300))
def test_no_text_of_figures_and_marks_ever_raises_anything_but_unreadable_file(noise: str) -> None:
    swallow(HEAD + noise.encode())


@pytest.mark.parametrize(
    "file",
    [
        FOCUS / "synthetic_1_3_azure_25_credits.csv",
        FOCUS / "focus_1_0_aws_map_tags.snappy.parquet",
        FOCUS / "synthetic_1_3_azure_1500.parquet",
        COSTS / "langfuse_traces_trimmed.json",
        COSTS / "azure_ea_actual_small.csv",
        COSTS / "aws_cur_legacy_anonymised.csv.gz",
    ],
    ids=lambda path: path.name,
)
def test_real_files_with_flipped_cut_and_doubled_bytes_never_raise_anything_but_unreadable_file(file: Path) -> None:
    original = file.read_bytes()
    chance = random.Random(11)

    for _ in range(12):
        spoiled = bytearray(original)
        for _ in range(chance.randint(1, 20)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        start = chance.randrange(len(spoiled))
        cut = chance.choice(
            [bytes(spoiled), bytes(spoiled[:start]), bytes(spoiled[start:]), bytes(spoiled + spoiled[start:])]
        )
        swallow(cut)


PAGE = {
    "object": "page",
    "data": [{"object": "bucket", "start_time": 1730419200, "end_time": 1730505600, "results": []}],
}
RESULTS = [
    {"object": "organization.costs.result", "amount": {"value": 0.06, "currency": "usd"}, "line_item": None},
    {
        "object": "organization.usage.completions.result",
        "input_tokens": 10,
        "input_cached_tokens": 4,
        "output_tokens": 5,
    },
    {"amount": "123.78912", "currency": "USD", "workspace_id": None},
    {"uncached_input_tokens": 5, "cache_creation": {"ephemeral_5m_input_tokens": 1}, "output_tokens": 3},
]
TRACE = {
    "trace": {"tags": ["a:b"]},
    "observations": [{"type": "GENERATION", "usageDetails": {"input": 3}, "totalCost": 1}],
}
LOG = {"request_id": "r", "spend": 0.1, "startTime": "2025-05-01T00:00:00Z", "api_key": "k", "prompt_tokens": 3,
       "request_tags": ["a:b"], "metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": 1}}}}  # fmt: skip
DOCUMENTS = [
    *({**PAGE, "data": [{**PAGE["data"][0], "results": [result]}]} for result in RESULTS),
    [TRACE],
    LOG,
    [LOG, LOG],
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([]) | st.just({})


def spoil(document: object, chance: random.Random, value: object) -> object:
    """Put a value somewhere into a document."""
    if isinstance(document, dict) and document and chance.random() < 0.9:
        key = chance.choice(sorted(document))
        return {**document, key: spoil(document[key], chance, value)}
    if isinstance(document, list) and document and chance.random() < 0.9:
        place = chance.randrange(len(document))
        return [spoil(item, chance, value) if at == place else item for at, item in enumerate(document)]
    return value


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(DOCUMENTS),
    st.randoms(use_true_random=False),
    scalars | st.lists(scalars, max_size=3),
    st.booleans(),
)
def test_no_document_of_an_unheard_of_shape_ever_raises_anything_but_unreadable_file(
    document: object, chance: random.Random, value: object, lines: bool
) -> None:
    spoiled = spoil(spoil(document, chance, value), chance, value)

    text = json.dumps(spoiled, indent=None if lines else 1)

    swallow((f"{text}\n{text}\n" if lines else text).encode())


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["utf-16", "utf-16-le", "utf-32", "utf-7", "punycode", "shift_jis", "big5", "cp1250", "unicode_escape"]
    ),
    st.binary(max_size=60),
    st.sampled_from(",;|\t\x01 x'"),
)
def test_no_mapping_makes_a_file_raise_anything_but_unreadable_file(
    encoding: str, noise: bytes, separator: str
) -> None:
    swallow(HEAD + noise, ColumnMapping(encoding=encoding, separator=separator, decimal_mark=",", date_order="dmy"))
