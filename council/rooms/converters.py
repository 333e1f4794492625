"""Days in addresses: 2026-11-19."""

from datetime import date


class DayConverter:
    """Turn a day in an address into a date and back; a day that is none is no address."""

    regex = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the date. Raise ValueError, which Django answers with 404."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Return the day as it stands in an address."""
        return value if isinstance(value, str) else value.isoformat()
