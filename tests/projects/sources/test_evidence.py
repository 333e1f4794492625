import polars as pl
import pytest

from projects.sources.evidence import EvidenceWriter, evidence_rows


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rows(*values):
    return pl.DataFrame({"row_number": list(range(1, len(values) + 1)), "EffectiveCost": list(values)})


def test_rows_are_kept_by_their_line_numbers_as_they_stood():
    with EvidenceWriter() as evidence:
        evidence.add(rows("1.10", "2"))
        folder, _ = evidence.keep()

    assert evidence_rows(folder, [1])["EffectiveCost"].to_list() == ["1.10"]


@pytest.mark.parametrize(
    "values",
    [["USD"] * 100, ["USD"] * 99 + ["EUR"], [""] * 100, [None] * 100, ["USD"] * 99 + [None], [None] * 99 + [""]],
    ids=["one text", "another at the end", "empty", "null", "a null at the end", "an empty one after nulls"],
)
def test_a_column_of_one_text_is_read_back_as_it_stood(values):
    frame = pl.DataFrame({"row_number": range(1, 101), "Currency": pl.Series(values, dtype=pl.String)})
    with EvidenceWriter() as evidence:
        evidence.add(frame)
        folder, _ = evidence.keep()

    read = evidence_rows(folder, list(range(1, 101)))

    assert read.schema["Currency"] == pl.String
    assert read["Currency"].to_list() == values


def test_columns_of_one_text_are_ordinary_columns_to_other_readers(tmp_path):
    with EvidenceWriter() as evidence:
        evidence.add(pl.DataFrame({"row_number": range(1, 101), "Currency": ["USD"] * 100}))
        evidence.keep()

    (path,) = tmp_path.glob("evidence/*/*/rows-*.parquet")

    assert pl.scan_parquet(path).select(pl.col("Currency").cast(pl.String).unique()).collect().item() == "USD"


def test_two_writers_of_the_same_rows_at_once_keep_one_folder(tmp_path):
    with EvidenceWriter() as one, EvidenceWriter() as two:
        one.add(rows("1"))
        two.add(rows("1"))

        assert one.keep() == two.keep()

    assert list(tmp_path.glob("evidence/draft-*")) == []
    assert len(list(tmp_path.glob("evidence/*/*/rows-*.parquet"))) == 1


def test_a_folder_that_cannot_be_named_is_an_error(tmp_path, monkeypatch):
    with EvidenceWriter() as evidence:
        evidence.add(rows("1"))
        monkeypatch.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "refused")))

        with pytest.raises(PermissionError):
            evidence.keep()


def test_leaving_without_keeping_leaves_nothing(tmp_path):
    with EvidenceWriter() as evidence:
        evidence.add(rows("1"))

    assert list(tmp_path.glob("evidence/*")) == []
