import gzip
from pathlib import Path

import pytest

from projects.sources.readers.containers import look_into, mend_encoding, text_blocks
from projects.sources.readers.interface import Limits, UnreadableFile

LIMITS = Limits(block_bytes=10)


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("windows-1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_the_encoding_is_told_from_the_bytes_and_the_text_comes_back(
    tmp_path: Path, encoding: str, detected: str
) -> None:
    path = write(tmp_path, "Größe,Preis\n".encode(encoding))

    opened = look_into(path, LIMITS)
    text = b"".join(text_blocks(path, opened.encoding, opened.compression, LIMITS))

    assert opened.encoding == detected
    assert mend_encoding(text)[0].decode() == "Größe,Preis\n"


def test_a_character_cut_at_the_end_of_the_head_is_no_other_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, b"x" * (1024 * 1024 - 1) + "é".encode() + b"\n")

    assert look_into(path, Limits()).encoding == "utf-8"


@pytest.mark.parametrize("packed", [False, True])
def test_the_place_in_the_file_moves_to_its_end(tmp_path: Path, packed: bool) -> None:
    text = b"a,b\n" * 100
    path = write(tmp_path, gzip.compress(text) if packed else text)
    place = [0]

    read = b"".join(text_blocks(path, "utf-8", "gzip" if packed else None, LIMITS, place))

    assert read == text
    assert place[0] == path.stat().st_size


@pytest.mark.parametrize("size", [99, 100])
def test_unpacked_bytes_are_counted_to_the_byte(tmp_path: Path, size: int) -> None:
    path = write(tmp_path, gzip.compress(b"x" * 100))
    blocks = text_blocks(path, "utf-8", "gzip", Limits(max_unpacked_bytes=size, block_bytes=10))

    if size == 100:
        assert len(b"".join(blocks)) == 100
    else:
        with pytest.raises(UnreadableFile) as refused:
            list(blocks)
        assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    "cut",
    [lambda data: data[:-1], lambda data: data[:-8], lambda data: data[: len(data) // 2], lambda data: data + b"junk"],
)
def test_a_gzip_that_is_cut_or_followed_by_junk_is_damaged(tmp_path: Path, cut: object) -> None:
    path = write(tmp_path, cut(gzip.compress(bytes(range(256)) * 50)))  # type: ignore[operator]

    with pytest.raises(UnreadableFile) as refused:
        list(text_blocks(path, "utf-8", "gzip", LIMITS))

    assert refused.value.code == "damaged_file"


def test_lines_are_mended_one_by_one_and_counted() -> None:
    data = "é\n".encode() + b"\xe9\n" + b"\x81\n" + b"a\n"

    mended, lines = mend_encoding(data)

    assert mended.decode() == "é\né\n\ufffd\na\n"
    assert lines == 2
    assert mend_encoding(b"plain\n") == (b"plain\n", 0)


@pytest.mark.parametrize("width", [1, 7, 30_000, 200_000])
def test_blocks_of_a_plain_file_end_with_a_line_where_one_ends_near(tmp_path, width):
    path, line = tmp_path / "a.csv", b"x" * (width - 1) + b"\n"
    path.write_bytes(line * (500_000 // width) + b"the last one")

    blocks = list(text_blocks(path, "utf-8", None, Limits(block_bytes=150_000)))

    assert b"".join(blocks) == path.read_bytes()
    assert all(len(block) <= 150_000 for block in blocks)
    assert all(block.endswith(b"\n") for block in blocks[:-1]) == (width <= 65_536)
