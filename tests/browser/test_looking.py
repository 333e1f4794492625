import pytest

from tests.browser.looking import assert_no_overflow, assert_page_is_accessible, keep_picture


def test_page_that_scrolls_sideways_is_found(page):
    page.set_content('<html lang="en"><body><main><p id="wide">x</p></main></body></html>')
    page.evaluate("document.getElementById('wide').style.width = '3000px'")

    with pytest.raises(AssertionError, match="wide"):
        assert_no_overflow(page)


def test_page_that_cannot_be_read_is_found(page):
    page.set_content('<html lang="en"><title>T</title><body><main><h1>T</h1><img src="data:,"></main></body></html>')

    with pytest.raises(AssertionError, match="image-alt"):
        assert_page_is_accessible(page)


def test_picture_is_kept_under_its_name(page, tmp_path, monkeypatch):
    monkeypatch.setenv("PICTURES", str(tmp_path))
    page.set_content("<p>x</p>")

    assert keep_picture(page, "paper") == tmp_path / "paper-1280-light.png"
