import gzip

import pytest

from projects.intake.spreadsheets.refusals import FileRefused
from projects.intake.spreadsheets.text import decode, unpack


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"name\nCaf\xc3\xa9\n", "utf-8"),
        (b"\xef\xbb\xbfname\nCaf\xc3\xa9\n", "utf-8"),
        (b"name\nCaf\xe9\n", "cp1252"),
        ("name\nCafé\n".encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + "name\nCafé\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_text_is_read_by_its_mark_then_utf_8_then_windows_1252(content, encoding):
    text = decode(content)

    assert (text.value, text.encoding) == ("name\nCafé\n", encoding)


def test_a_declared_encoding_is_obeyed():
    assert decode(b"name\n\xc1\n", encoding="iso8859-7").value == "name\nΑ\n"


@pytest.mark.parametrize("encoding", ["", "windows-1252"])
def test_bytes_invalid_in_both_encodings_stand_as_the_sign_for_unknown_and_are_counted(encoding):
    text = decode(b"name\nfine \x93\nbroken \x81\xff \x9d\n", encoding=encoding)

    assert (text.value, text.encoding) == ("name\nfine “\nbroken \ufffdÿ \ufffd\n", "cp1252")
    assert text.note.startswith("Line 3 holds byte 0x81")
    assert "2 bytes in all" in text.note


def test_bytes_that_a_declared_encoding_does_not_know_are_refused_with_their_line():
    with pytest.raises(FileRefused) as refused:
        decode(b"name\nfine\nbroken \x81\xff\n", encoding="utf-8")

    assert refused.value.code == "encoding_unreadable"
    assert refused.value.rows[0].line == 3


def test_a_file_of_zeros_is_no_table_whatever_else_it_holds():
    with pytest.raises(FileRefused, match="NUL"):
        decode(b"name\x81\n\x00\n")


def test_an_unknown_encoding_is_refused():
    with pytest.raises(FileRefused, match="is not an encoding"):
        decode(b"name\n", encoding="klingon")


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 ...",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"PAR1....",
        b"\x89PNG\r\n",
        b"  <!DOCTYPE html><html>",
        b"\xef\xbb\xbf<HTML>",
        b"<?xml version='1.0'?>",
        b"name,\x00id\n",
    ],
)
def test_what_is_no_table_is_refused_by_its_content(content):
    with pytest.raises(FileRefused) as refused:
        decode(content)

    assert refused.value.code == "not_a_table"


def test_a_gzip_file_is_unpacked_and_other_bytes_are_left_alone():
    assert unpack(gzip.compress(b"name\n")) == b"name\n"
    assert unpack(b"name\n") == b"name\n"


def test_a_gzip_file_above_its_cap_is_refused_and_one_at_the_cap_is_read():
    packed = gzip.compress(b"x" * 1000)

    assert len(unpack(packed, limit=1000)) == 1000
    with pytest.raises(FileRefused) as refused:
        unpack(packed, limit=999)
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize("cut", [-1, -9, 15])
def test_a_gzip_file_that_ends_too_early_is_refused(cut):
    with pytest.raises(FileRefused) as refused:
        unpack(gzip.compress(b"name\nand more of it\n")[:cut])

    assert refused.value.code == "file_damaged"


def test_damaged_gzip_bytes_are_refused():
    with pytest.raises(FileRefused) as refused:
        unpack(b"\x1f\x8b\x08\x00garbage-garbage-garbage")

    assert refused.value.code == "file_damaged"
