"""Look at a page as a reader would: accessible, inside its width, and kept as a picture."""

import os
import tempfile
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
WIDTHS = (1280, 390)
THEMES = (False, True)  # dark


def assert_page_is_accessible(page):
    """Fail with each rule that axe finds broken and the elements that break it."""
    found = AXE.run(page).response["violations"]
    broken = {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found}
    assert not broken, broken


def assert_no_overflow(page):
    """Fail with the elements that reach beyond the page when the page scrolls sideways."""
    wide = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return Array.from(document.body.querySelectorAll("*"))
                .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(0, 8)
                .map((element) => element.outerHTML.slice(0, 160));
        }"""
    )
    assert not wide, wide


def keep_picture(page, name):
    """Write a picture of the whole page to $PICTURES or a folder for temporary files; return its path."""
    folder = Path(os.environ.get("PICTURES") or Path(tempfile.gettempdir()) / "tollgate-pictures")
    folder.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size["width"]
    theme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    path = folder / f"{name}-{size}-{theme}.png"
    page.screenshot(path=str(path), full_page=True)
    return path


def look_at(page, name):
    """Check a page in the state it is in, and keep its picture."""
    assert_no_overflow(page)
    assert_page_is_accessible(page)
    return keep_picture(page, name)
