import pytest

from projects.intake.import_values import is_blank, many_lines, one_line, read_days


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), ("  ", True), ("N/A", True), ("None", True), ("0", False), ("no", False)]
)
def test_blank_is_what_says_nothing(text, blank):
    assert is_blank(text) is blank


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a\r\n b\t c ", "a b c"),
        ("pay\u202emoc.exe", "paymoc.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("bell\x07", "bell"),
        ("non\xa0breaking", "non breaking"),
        ("emoji 🚀 stays", "emoji 🚀 stays"),
        ("<script>", "<script>"),
    ],
)
def test_one_line_drops_what_cannot_be_seen(text, expected):
    assert one_line(text) == expected


def test_many_lines_keep_their_breaks():
    assert many_lines("\r\na \r\nb\rc\x07\n\n") == "a\nb\nc"


@pytest.mark.parametrize(("text", "days"), [("0", 0), ("-29", -29), ("182", 182), ("12.0", 12), ("−3", -3)])
def test_whole_days_are_read(text, days):
    assert read_days(text).value == days


@pytest.mark.parametrize("text", ["1.5", "1,5", "99999999"])
def test_other_numbers_are_no_days(text):
    assert read_days(text).problem


def test_words_for_days_are_a_note_and_blank_is_nothing():
    assert read_days("about a week").note == "about a week"
    assert read_days("") == read_days("N/A")
    assert read_days("").value is None
