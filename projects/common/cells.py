"""Cells of a spreadsheet: text that a program would run as a formula is made harmless."""

STARTERS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Return a value as text; what begins like a formula, also behind spaces or a quote, gets an apostrophe in front."""
    text = "" if value is None else str(value)
    if text.lstrip(" '\"").startswith(STARTERS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
