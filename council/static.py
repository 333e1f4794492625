"""Static files under names that change with their content, compressed once."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compress with gzip only: brotli comes in with a font library and would take over a minute."""

    def create_compressor(self, **options: Any) -> Compressor:
        """Build the compressor without brotli."""
        return Compressor(**{**options, "use_brotli": False})
