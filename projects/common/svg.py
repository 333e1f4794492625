"""Write drawings as SVG: with classes for pages, with colours as attributes for the pack.

The style sheet of a page does not reach inline SVG in the PDF renderer: the pack's drawings carry their ink with them.
"""

from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from projects.common.marks.ink import HATCH, INK
from projects.common.marks.shapes import Dot, Drawing, Line, Path, Rect, Shape, Text, Widths

Ink = Mapping[str, str]


def _number(value: Decimal) -> str:
    """Write a coordinate without idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rect(shape: Rect, ink: str, fluid: bool) -> str:
    x = f"{_number(shape.x)}{'%' if fluid and shape.x else ''}"
    width = f"{_number(max(Decimal(0), shape.width))}{'%' if fluid and not shape.fixed else ''}"
    fill = ' fill="url(#hatch)"' if shape.hatched else ""
    pale = ' fill-opacity=".6"' if shape.pale else ""
    return f'<rect {ink}{fill}{pale} x="{x}" y="{_number(shape.y)}" width="{width}" height="{_number(shape.height)}"/>'


def _line(shape: Line, ink: str, fluid: bool) -> str:
    x1, x2 = (f"{_number(x)}{'%' if fluid and x else ''}" for x in (shape.x1, shape.x2))
    return f'<line {ink} x1="{x1}" x2="{x2}" y1="{_number(shape.y1)}" y2="{_number(shape.y2)}"/>'


def _path(shape: Path, ink: str) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
    return f'<{"polygon" if shape.closed else "polyline"} {ink} points="{points}"/>'


def _dot(shape: Dot, ink: str) -> str:
    x, y, r = _number(shape.x), _number(shape.y), _number(shape.radius)
    if shape.diamond:
        top = _number(shape.y - shape.radius)
        return f'<path {ink} d="M{x} {top} l{r} {r} l-{r} {r} l-{r} -{r} z"/>'
    return f'<circle {ink} cx="{x}" cy="{y}" r="{r}"/>'


def _text(shape: Text, ink: str) -> str:
    place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" text-anchor="{shape.anchor}"'
    return f"<text {ink} {place}>{escape(shape.words)}</text>"


def _shape(shape: Shape, ink: str, fluid: bool) -> str:
    match shape:
        case Rect():
            return _rect(shape, ink, fluid)
        case Line():
            return _line(shape, ink, fluid)
        case Path():
            return _path(shape, ink)
        case Dot():
            return _dot(shape, ink)
        case Text():
            return _text(shape, ink)


def _page_ink(kind: str) -> str:
    """Name the class of a kind: text kinds keep their own, marks stand under c-."""
    plain = kind in ("bg", "fg", "ok", "pend") or kind == "t" or kind.startswith("t-")
    return f'class="{kind if plain else f"c-{kind}"}"'


def on_page(drawing: Drawing, css: str = "") -> str:
    """Write a drawing for a page; its colours come from the style sheet."""
    body = "".join(_shape(shape, _page_ink(shape.kind), drawing.fluid) for shape in drawing.shapes)
    width, height = _number(drawing.width), _number(drawing.height)
    size = (
        f'width="100%" height="{height}"'
        if drawing.fluid
        else f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    )
    seen = f'role="img" aria-label={quoteattr(drawing.label)}' if drawing.label else 'aria-hidden="true"'
    return f'<svg class="{drawing.css}{f" {css}" if css else ""}" {size} {seen}>{body}</svg>'


def widths_on_page(widths: Widths) -> str:
    """Write every width of a drawing; the box it stands in shows one."""
    variants = [("w", widths.wide), ("m", widths.medium), ("s", widths.narrow)]
    drawn = [f'<div class="v v-{name}">{on_page(drawing)}</div>' for name, drawing in variants if drawing]
    return f'<div class="fit {widths.fit}">{"".join(drawn)}</div>'


def on_paper(drawing: Drawing, ink: Ink = INK) -> str:
    """Write a drawing for the pack: a fixed size, a title for readers of the tagged PDF, colours as attributes."""
    if drawing.fluid:
        raise ValueError("give the drawing a width in pixels first")
    body = "".join(_shape(shape, ink[shape.kind], fluid=False) for shape in drawing.shapes)
    width, height = _number(drawing.width), _number(drawing.height)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    hatch = HATCH if "url(#hatch)" in body else ""
    return f'<svg class="{drawing.css}" {size} role="img"><title>{escape(drawing.label)}</title>{hatch}{body}</svg>'
