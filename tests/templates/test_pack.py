import re
from io import BytesIO

import pikepdf
import pytest
from django.conf import settings
from django.template.loader import render_to_string

from projects.common.marks.ink import INK
from projects.common.pdf import NotOurs, render_pdf
from tests.templates.pack_sample import sample_pack

AROUND = [
    "cover",
    "contents",
    "portfolio",
    "changes",
    "escalations",
    "conditions",
    "unclaimed",
    "spend list",
    "appendix",
]


def page_of(pack):
    return render_to_string("pack/pack.html", {"pack": pack})


@pytest.fixture(scope="module")
def pdf():
    return pikepdf.open(BytesIO(render_pdf(page_of(sample_pack()))))


def tagged(pdf, tag):
    found = []

    def walk(node):
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if node.get("/S") == tag:
                found.append(node)
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    return found


def test_each_item_fits_its_two_pages(pdf):
    assert len(pdf.pages) == len(AROUND) + 2 * 3


def test_every_figure_says_what_it_shows(pdf):
    figures = tagged(pdf, "/Figure")

    assert len(figures) > 20
    assert [figure for figure in figures if not str(figure.get("/Alt", "")).strip()] == []


def test_pack_has_language_title_and_author(pdf):
    assert str(pdf.Root.Lang) == "en-GB"
    assert str(pdf.docinfo.Title) == "AI Investment Council review pack, 19 November 2026"
    assert str(pdf.docinfo.Author) == "Northmark Group, AI Investment Council"


def test_tables_keep_their_head_cells(pdf):
    assert len(tagged(pdf, "/Table")) >= 6
    assert tagged(pdf, "/TH")


def test_fonts_are_inside_and_ours(pdf):
    fonts = {}
    for page in pdf.pages:
        for font in (page.Resources.get("/Font") or {}).values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            fonts[str(font.BaseFont)] = any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))

    assert all(fonts.values())
    assert any("Inter-Display" in name for name in fonts)


def test_pack_carries_bookmarks(pdf):
    with pdf.open_outline() as outline:
        titles = [entry.title for entry in outline.root]

    assert any("Portfolio summary" in title for title in titles)


def test_same_page_gives_the_same_bytes():
    page = page_of({**sample_pack(), "dossiers": [], "portfolio": None})

    assert render_pdf(page) == render_pdf(page)


def test_pack_without_items_still_has_a_cover():
    pack = {"title": "Pack", "cover": sample_pack()["cover"] | {"decisions": []}}
    opened = pikepdf.open(BytesIO(render_pdf(page_of(pack))))

    assert len(opened.pages) == 1
    assert "No decision is sought" in page_of(pack)


@pytest.mark.parametrize("source", ["https://example.org/x.png", "file:///etc/passwd", "http://127.0.0.1/x.css"])
def test_pack_fetches_nothing_but_our_own_files(source):
    with pytest.raises(NotOurs):
        render_pdf(f'<html lang="en"><title>T</title><body><img alt="x" src="{source}"></body></html>')


def test_path_out_of_our_folder_is_refused():
    with pytest.raises(NotOurs):
        render_pdf('<html lang="en"><title>T</title><body><img alt="x" src="../manage.py"></body></html>')


def test_no_words_are_smaller_than_seven_points():
    css = (settings.BASE_DIR / "static/css/pack.css").read_text()
    sizes = [float(size) for size in re.findall(r"(?:font-size:\s*|\b\d00 )([\d.]+)pt", css)]
    pixels = [float(size) for ink in INK.values() for size in re.findall(r'font-size="([\d.]+)"', ink)]

    assert len(sizes) > 20
    assert min(sizes) >= 7
    assert min(pixels) * 0.75 >= 7


def test_text_of_people_is_escaped():
    pack = sample_pack()
    pack["dossiers"][0]["name"] = "<script>x</script>"

    assert "<script>" not in page_of(pack)


def test_pack_on_screen_brings_its_styles():
    page = render_to_string("pack/screen.html", {"pack": sample_pack()})

    assert "css/pack-screen.css" in page
    assert page.count("<section") == len(AROUND) + 2 * 3
