import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.conf import settings

from projects.common.marks.ink import INK
from projects.common.marks.shapes import Dot, Drawing, Line, Path, Rect, Text, Widths, sized
from projects.common.svg import on_page, on_paper, widths_on_page

ONE, TEN = Decimal(1), Decimal(10)


def sheet(*shapes, **more):
    return Drawing(Decimal(100), Decimal(20), more.pop("label", "Spent & approved"), shapes, **more)


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        (Rect("spend", ONE, ONE, TEN, TEN), '<rect class="c-spend" x="1" y="1" width="10" height="10"/>'),
        (
            Rect("gap", ONE, ONE, TEN, TEN, hatched=True),
            '<rect class="c-gap" fill="url(#hatch)" x="1" y="1" width="10" height="10"/>',
        ),
        (
            Rect("l1", ONE, ONE, TEN, TEN, pale=True),
            '<rect class="c-l1" fill-opacity=".6" x="1" y="1" width="10" height="10"/>',
        ),
        (Rect("ok", ONE, ONE, TEN, TEN), '<rect class="ok" x="1" y="1" width="10" height="10"/>'),
        (Line("grid", ONE, ONE, TEN, TEN), '<line class="c-grid" x1="1" x2="10" y1="1" y2="10"/>'),
        (Path("sline", ((ONE, ONE), (TEN, Decimal("2.50")))), '<polyline class="c-sline" points="1,1 10,2.5"/>'),
        (Path("gain", ((ONE, ONE), (TEN, ONE)), closed=True), '<polygon class="c-gain" points="1,1 10,1"/>'),
        (Dot("sdot", ONE, ONE, Decimal(3)), '<circle class="c-sdot" cx="1" cy="1" r="3"/>'),
        (Dot("plan", TEN, TEN, Decimal(5), diamond=True), '<path class="c-plan" d="M10 5 l5 5 l-5 5 l-5 -5 z"/>'),
        (
            Text("t-ax", ONE, ONE, "A & <B>", "end"),
            '<text class="t-ax" x="1" y="1" text-anchor="end">A &amp; &lt;B&gt;</text>',
        ),
    ],
)
def test_shape_is_written_with_the_class_of_its_kind(shape, drawn):
    assert drawn in on_page(sheet(shape))


def test_fluid_drawing_measures_across_in_percent_but_for_ticks():
    drawn = on_page(
        sheet(Rect("tick", TEN, ONE, ONE, TEN, fixed=True), Rect("spend", Decimal(0), ONE, TEN, TEN), fluid=True)
    )

    assert 'x="10%" y="1" width="1"' in drawn
    assert 'x="0" y="1" width="10%"' in drawn
    assert 'width="100%" height="20"' in drawn


def test_finding_is_the_name_of_the_image():
    root = ElementTree.fromstring(on_page(sheet()))

    assert root.attrib["aria-label"] == "Spent & approved"
    assert root.attrib["role"] == "img"


def test_drawing_without_a_finding_is_decoration():
    assert 'aria-hidden="true"' in on_page(sheet(label=""))


def test_quotes_in_a_name_do_not_end_the_label():
    root = ElementTree.fromstring(on_page(sheet(label='The "best" one')))

    assert root.attrib["aria-label"] == 'The "best" one'


def test_negative_width_is_drawn_as_nothing():
    assert 'width="0"' in on_page(sheet(Rect("spend", ONE, ONE, -TEN, TEN)))


def test_every_width_stands_in_its_own_box():
    drawn = widths_on_page(Widths("c", wide=sheet(), narrow=sheet()))

    assert drawn.startswith('<div class="fit c"><div class="v v-w">')
    assert "v-m" not in drawn
    assert "v-s" in drawn


def test_paper_carries_ink_and_title():
    root = ElementTree.fromstring(on_paper(sheet(Rect("spend", ONE, ONE, TEN, TEN))))

    assert root[0].text == "Spent & approved"
    assert root[1].attrib["fill"] == "#1f55a5"
    assert "class" not in root[1].attrib


def test_paper_defines_the_hatch_only_where_it_is_used():
    assert "<defs" in on_paper(sheet(Rect("gap", ONE, ONE, TEN, TEN, hatched=True)))
    assert "<defs" not in on_paper(sheet(Rect("spend", ONE, ONE, TEN, TEN)))


def test_paper_refuses_a_drawing_without_a_width():
    with pytest.raises(ValueError, match="width"):
        on_paper(sheet(fluid=True))


def test_fluid_drawing_is_measured_for_paper():
    shapes = (Rect("spend", TEN, ONE, Decimal(50), TEN), Rect("tick", Decimal(50), ONE, Decimal(2), TEN, fixed=True))
    drawn = sized(Drawing(Decimal(100), Decimal(14), "Spent", shapes, fluid=True), 104)

    assert [(shape.x, shape.width) for shape in drawn.shapes] == [(Decimal("10.4"), 52), (52, 2)]
    assert drawn.width == 104
    assert not drawn.fluid


def test_every_kind_of_the_style_sheet_has_ink():
    css = (settings.BASE_DIR / "static/css/charts.css").read_text()
    kinds = set(re.findall(r"\.c-([a-z0-9]+)", css)) - {"mark", "step", "check", "hatch"}

    assert kinds - set(INK) == set()
