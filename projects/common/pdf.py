"""Pages as PDF: one way to do it, without the network, from our own files only.

Imported in worker children only: the renderer loads system libraries and much memory.
"""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STYLES = ("css/pack.css",)


class NotOurs(FatalURLFetchingError):  # type: ignore[misc]
    """A page asks for something that is neither inline nor one of our static files."""


class OwnFiles(URLFetcher):  # type: ignore[misc]
    """Fetch inline data and our static files; anything else stops the page."""

    def __init__(self) -> None:
        """Allow two protocols and no redirects."""
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Fetch what is ours. Raise NotOurs for anything else."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if not path.is_relative_to(static_folder()):
                raise NotOurs(f"{url} is not one of our files")
        elif parts.scheme != "data":
            raise NotOurs(f"{url} is not inline")
        return super().fetch(url, headers)


def static_folder() -> Path:
    """Return the folder of our own static files."""
    return (Path(settings.BASE_DIR) / "static").resolve()


@cache
def _prepared() -> tuple[FontConfiguration, list[CSS]]:
    """Read fonts and styles once a process."""
    fonts = FontConfiguration()
    styles = [CSS(filename=str(static_folder() / name), url_fetcher=OwnFiles(), font_config=fonts) for name in STYLES]
    return fonts, styles


def render_pdf(html: str) -> bytes:
    """Render a page as a tagged PDF with its fonts inside. Raise NotOurs if it asks for what is not ours."""
    fonts, styles = _prepared()
    document = HTML(string=html, base_url=static_folder().as_uri() + "/", url_fetcher=OwnFiles())
    pdf: bytes = document.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf
