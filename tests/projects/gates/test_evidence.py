import io
import zipfile

import pytest

from projects.gates.evidence import LARGEST, EvidenceRefused, content_type_of, safe_name


def archive(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"a,b\n1,2\n", "text/plain"),
        ("Größe 🚀".encode(), "text/plain"),
        (
            archive("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_kind_is_told_by_content(content, kind):
    assert content_type_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"\xef\xbb\xbf  <svg onload=x>",
        b"<?xml version='1.0'?>",
        b"MZ\x90\x00\xff",
        b"text\x00text",
        b"PK\x03\x04",
        archive("a.exe"),
        archive("[Content_Types].xml", "xl/vbaProject.bin", "xl/workbook.xml"),
        b"x" * (LARGEST + 1),
    ],
)
def test_empty_active_and_unknown_files_are_refused(content):
    with pytest.raises(EvidenceRefused):
        content_type_of(content)


def test_largest_file_is_kept():
    assert content_type_of(b"x" * LARGEST) == "text/plain"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\plans\\plan.pdf", "plan.pdf"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt"),
        ("plan\u202egpj.exe", "plangpj.exe"),
        ("...", "evidence"),
        ("", "evidence"),
        ('x";y.pdf', "xy.pdf"),
        ("é" * 300 + ".pdf", "é" * 110 + ".pdf"),
    ],
)
def test_names_lose_folders_controls_and_length(name, safe):
    assert safe_name(name) == safe
