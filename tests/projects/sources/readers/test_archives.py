"""A zip that holds one file of costs is that file; any other archive is refused with what it is and what to do."""

import gzip
import io
import struct
import zipfile

import polars as pl
import pytest

from projects.sources.readers import archives
from projects.sources.readers.containers import look_into, text_blocks
from projects.sources.readers.interface import Limits, UnreadableFile
from projects.sources.readers.reading import read_batches, recognise
from tests.projects.sources.readers.test_bad_inputs import HEAD, ROW

TABLE = f"{HEAD}\n{ROW}\n"


@pytest.fixture
def pack(tmp_path):
    def packed(*members, method=zipfile.ZIP_DEFLATED, **more):
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, content in {**dict(members), **more}.items():
                archive.writestr(name, content)
        return path

    return packed


def refusal(path, limits=None):
    with pytest.raises(UnreadableFile) as refused:
        for _ in read_batches(path, recognise(path, limits=limits), limits=limits):
            pass
    return refused.value.code, refused.value.message


def rows(path):
    return pl.concat(batch.frame for batch in read_batches(path, recognise(path)))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("name", ["costs.csv", "2026/05/costs.csv", "costs"])
def test_one_file_in_a_zip_is_read_as_if_it_were_unpacked(pack, tmp_path, method, name):
    (tmp_path / "plain.csv").write_text(TABLE)

    found = rows(pack((name, TABLE), method=method))

    assert found.equals(rows(tmp_path / "plain.csv"))


def test_json_lines_in_a_zip_are_read_too(pack):
    path = pack(("costs.jsonl", '{"BilledCost": 1, "BillingCurrency": "USD"}\n'))

    assert look_into(path, Limits()).head.startswith(b'{"BilledCost"')


def test_what_a_desktop_puts_beside_the_file_is_passed_over(pack):
    beside = {"costs/": "", "__MACOSX/costs/._costs.csv": "x", "costs/.DS_Store": "x"}

    assert rows(pack(("costs/costs.csv", TABLE), **beside)).height == 1


def test_the_place_in_the_file_moves_to_its_end(pack):
    path, place = pack(("a.csv", "a,b\n" * 1000)), [0]

    read = b"".join(text_blocks(path, "utf-8", "zip", Limits(block_bytes=100), place))

    assert read == b"a,b\n" * 1000
    assert place == [path.stat().st_size]


@pytest.mark.parametrize("size", [99, 100])
def test_unpacked_bytes_are_counted_to_the_byte(pack, size):
    blocks = text_blocks(pack(("a.csv", b"x" * 100)), "utf-8", "zip", Limits(max_unpacked_bytes=size, block_bytes=10))

    if size == 100:
        assert len(b"".join(blocks)) == 100
    else:
        with pytest.raises(UnreadableFile, match="unpacks to more than 99 bytes"):
            list(blocks)


def test_a_bomb_is_refused_at_the_limit_and_not_unpacked(pack):
    path = pack(("bomb.csv", HEAD.encode() + b"\n" + b" " * 50_000_000))

    assert path.stat().st_size < 100_000
    assert refusal(path, Limits(max_unpacked_bytes=10_000_000, max_record_bytes=20_000_000))[0] == "too_large"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"xl/workbook.xml": "x", "[Content_Types].xml": "x"}, "a workbook (XLSX). Save the sheet as CSV"),
        ({"folder/": "", "folder/a.csv": TABLE, "manifest.json": "{}"}, "2 files, such as manifest.json. Unpack it"),
        ({"folder/": ""}, "without a file in it"),
        ({"a.csv.gz": gzip.compress(TABLE.encode())}, "packed twice (gzip in zip)"),
        ({"a.parquet": b"PAR1" + bytes(100)}, "a zip of a Parquet file. Unpack it"),
        ({"bill.pdf": "%PDF-1.7"}, "a PDF"),
        ({"../a.csv": TABLE}, "leads to another place (../a.csv)"),
        ({"/etc/a.csv": TABLE}, "leads to another place"),
        ({"C:\\a.csv": TABLE}, "leads to another place"),
        ({"a\\..\\b.csv": TABLE}, "leads to another place"),
    ],
)
def test_any_other_archive_is_refused_with_what_it_is(pack, members, words):
    code, message = refusal(pack(**members))

    assert code == "not_a_cost_file"
    assert words in message


def test_a_zip_in_a_zip_is_packed_twice(pack):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", TABLE)

    assert "packed twice (zip in zip)" in refusal(pack(("b.zip", inner.getvalue())))[1]


def test_an_empty_file_in_a_zip_is_empty(pack):
    assert refusal(pack(("a.csv", "")))[0] == "empty_file"


def test_a_link_and_a_name_that_cannot_be_shown_are_no_files(pack, tmp_path):
    link = zipfile.ZipInfo("a\x1b[31m.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    assert "leads to another place (a?[31m.csv)" in refusal(tmp_path / "link.zip")[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flag": 0x1}, "a zip archive with a password. Unpack it and import a.csv"),
        ({"method": 9}, "packed in a way that is not read here. Unpack it and import a.csv"),
        ({"method": 14}, "packed in a way that is not read here"),
    ],
)
def test_a_password_and_a_rare_way_to_pack_are_named(pack, change, words):
    path = pack(("a.csv", TABLE))
    data = bytearray(path.read_bytes())
    listed = data.find(b"PK\x01\x02")
    for place, name in ((8, "flag"), (10, "method")):
        if name in change:
            struct.pack_into("<H", data, listed + place, change[name])
            struct.pack_into("<H", data, place - 2, change[name])
    path.write_bytes(data)

    assert words in refusal(path)[1]


def test_a_long_list_of_files_is_not_read(pack, monkeypatch):
    path = pack(("a.csv", TABLE), ("b" * 500, TABLE))
    monkeypatch.setattr(archives, "MOST_LISTED_BYTES", 500)

    assert "very many files" in refusal(path)[1]


@pytest.mark.parametrize("cut", [slice(0, 200), slice(0, -1), slice(0, -30)], ids=["far", "one", "list"])
def test_a_zip_that_is_cut_off_is_damaged(pack, cut):
    path = pack(("a.csv", TABLE * 200))
    path.write_bytes(path.read_bytes()[cut])

    assert refusal(path)[0] == "damaged_file"


def test_a_flipped_byte_is_found_by_the_checksum(pack):
    path = pack(("a.csv", TABLE), method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"\n", b" ", 1).replace(ROW[:4].encode(), b"9999", 1))

    assert refusal(path)[0] == "damaged_file"
