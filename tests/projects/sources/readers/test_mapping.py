import json
from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping, UnreadableFile
from projects.sources.readers.mapping import load_mapping, mapping_of
from projects.sources.readers.reading import recognise


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    said = {
        "kind": "minimal",
        "separator": ";",
        "columns": {"date": "Datum"},
        "values": {"currency": "EUR"},
        "role": "fact",
    }
    first, second = tmp_path / "mapping.json", tmp_path / "mapping.toml"
    first.write_text(json.dumps(said))
    second.write_text(
        'kind = "minimal"\nseparator = ";"\nrole = "fact"\n[columns]\ndate = "Datum"\n[values]\ncurrency = "EUR"\n'
    )

    assert load_mapping(first) == load_mapping(second)
    assert load_mapping(first) == ColumnMapping(
        kind="minimal", separator=";", columns={"date": "Datum"}, values={"currency": "EUR"}, role="fact"
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"colour": 1}, "'colour' is not one of"),
        ({"date_order": "ymd"}, "date_order must be one of mdy, dmy"),
        ({"decimal_mark": ";"}, "decimal_mark must be one of ., ,"),
        ({"role": "both"}, "role must be one of fact, detail"),
        ({"separator": ";;"}, "the separator must be one character"),
        ({"separator": '"'}, "the separator must be one character"),
        ({"separator": 5}, "separator must be text"),
        ({"separator": "§"}, "the separator must be one character"),
        ({"separator": "\0"}, "the separator must be one character"),
        ({"columns": ["a"]}, "columns must pair names with text"),
        ({"values": {"currency": 5}}, "values must pair names with text"),
        ({"kind": 5}, "kind must be text"),
        ({"encoding": "klingon"}, "the encoding 'klingon' does not exist"),
        *(
            ({"encoding": name}, "does not exist")
            for name in (
                "idna",
                "unicode_escape",
                "raw_unicode_escape",
                "undefined",
                "hex",
                "rot13",
                "zlib",
                "a\0b",
                "",
            )
        ),
        ([1], "it is not a table"),
    ],
)
def test_what_a_mapping_may_not_say_is_named(said: object, words: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        mapping_of(said)

    assert refused.value.code == "bad_mapping"
    assert words in refused.value.message


@pytest.mark.parametrize("content", [b"{", b"a = = b", b"\xff\xfe\x00", b"{" * 100_000])
def test_a_mapping_that_is_neither_toml_nor_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mapping"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        load_mapping(path)

    assert refused.value.code == "bad_mapping"


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "cp1250", "utf-16", "utf-7", "shift_jis", "koi8-r", "mac_roman"]
)
def test_an_encoding_that_reads_text_may_be_named(encoding: str) -> None:
    assert mapping_of({"encoding": encoding}).encoding == encoding


@pytest.mark.parametrize(
    "mapping", [ColumnMapping(separator=";;"), ColumnMapping(encoding="klingon"), ColumnMapping(encoding="idna")]
)
def test_a_mapping_made_elsewhere_is_checked_before_a_file_is_read_with_it(
    tmp_path: Path, mapping: ColumnMapping
) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(UnreadableFile) as refused:
        recognise(path, mapping=mapping)

    assert refused.value.code == "bad_mapping"
