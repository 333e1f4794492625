"""What holds for every template: nothing inline that the content policy refuses, nothing remote, components documented and shown."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
FRAME = {"fragment"}  # used by extends


def words(path):
    return re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(), flags=re.S)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_nothing_inline_and_nothing_remote(path):
    text = words(path)

    assert not re.search(r"\sstyle=|<style|javascript:|\son[a-z]+=[\"']|hx-on", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=[\"']application/json)", text)
    assert not re.search(r"(?:src|<link[^>]*href)=[\"'](?:https?:)?//", text)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_says_what_it_takes(path):
    text = re.sub(r"^({% load [^%]+ %})", "", path.read_text())

    assert re.match(r"{% comment %}|{#", text)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_is_shown_in_the_gallery_or_is_part_of_the_frame(path):
    shown = [TEMPLATES / "base.html", *(TEMPLATES / "projects/common").glob("*.html"), *COMPONENTS]

    assert path.stem in FRAME or any(f'"components/{path.name}"' in words(page) for page in shown if page != path)


def test_marks_use_only_colours_of_the_style_sheets():
    css = "".join(
        (Path(settings.BASE_DIR) / "static/css" / name).read_text() for name in ("charts.css", "components.css")
    )
    drawn = set(re.findall(r'class="(c-[a-z0-9]+|t-?[a-z]*)"', "".join(words(page) for page in PAGES)))

    assert {kind for kind in drawn if kind.startswith("c-")} - set(re.findall(r"\.(c-[a-z0-9]+)", css)) == set()
