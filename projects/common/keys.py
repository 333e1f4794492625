"""Short keys that are spoken aloud: AI-031, GR-0127, ES-0031, AIC-2026-014. Never reused, gaps allowed."""

from django.db import connection

WIDTHS = {"AI": 3, "GR": 4, "ES": 4, "EW": 4, "DL": 4, "JB": 5}


def next_key(prefix: str) -> str:
    """Return the next key under a prefix, padded to the prefix's width; must run inside a transaction."""
    return next_keys(prefix, 1)[0]


def next_keys(prefix: str, count: int) -> list[str]:
    """Return the next ``count`` keys under a prefix, in order; must run inside a transaction."""
    if count < 1:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_keycounter (prefix, last) VALUES (%s, %s) "
            "ON CONFLICT (prefix) DO UPDATE SET last = projects_keycounter.last + excluded.last RETURNING last",
            [prefix, count],
        )
        last: int = cursor.fetchone()[0]
    width = WIDTHS.get(prefix, 3)
    return [f"{prefix}-{number:0{width}d}" for number in range(last - count + 1, last + 1)]


def reserve_key(key: str) -> None:
    """Mark a key as given out, so that the counter never reaches it again (seed and portfolio imports)."""
    prefix, _, number = key.rpartition("-")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_keycounter (prefix, last) VALUES (%s, %s) "
            "ON CONFLICT (prefix) DO UPDATE SET last = greatest(projects_keycounter.last, excluded.last)",
            [prefix, int(number)],
        )
