"""Pages of time buckets, as the model providers' usage and cost interfaces answer them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

MORE_PAGES = "The last page says that more pages follow: the file is not the whole period."


def pages_of(document: Any) -> list[dict[str, Any]]:
    """Give the pages of a document that is one page or bucket, or a list of them; nothing for any other document."""
    parts = document if isinstance(document, list) else [document]
    if all(isinstance(part, dict) and isinstance(part.get("data"), list) for part in parts):
        return parts
    if parts and all(isinstance(part, dict) and isinstance(part.get("results"), list) for part in parts):
        return [{"data": parts}]
    return []


def is_empty(document: Any) -> bool:
    """Say whether a document is of pages in which nothing was used."""
    return bool(pages_of(document)) and not any(results_of(document))


def buckets_of(document: Any) -> Iterator[dict[str, Any]]:
    """Give every time bucket of every page."""
    for page in pages_of(document):
        yield from (bucket for bucket in page["data"] if isinstance(bucket, dict))


def results_of(document: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give every result with its bucket."""
    for bucket in buckets_of(document):
        results = bucket.get("results", bucket.get("result"))
        if isinstance(results, list):
            yield from ((bucket, result) for result in results if isinstance(result, dict))


def first_result(document: Any) -> dict[str, Any]:
    """Give the first result, or nothing."""
    return next((result for _, result in results_of(document)), {})


def remarks(document: Any) -> tuple[str, ...]:
    """Say if the last page is not the last of its period."""
    pages = pages_of(document)
    return (MORE_PAGES,) if pages and pages[-1].get("has_more") is True else ()


def moment_of(seconds: Any) -> str | None:
    """Turn seconds since 1970, as text, into an ISO time; other text is left to be refused as it stands."""
    if seconds is None or not re.fullmatch(r"[0-9]{1,11}", str(seconds)):
        return None if seconds is None else str(seconds)
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(value: Any) -> int:
    """Give a count as a number, 0 where there is none."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def apart(total: Any, *parts: Any) -> str | None:
    """Take parts out of a total that includes them; text that is no count is left to be refused."""
    if total is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", str(total)):
        return str(total)
    return str(max(0, whole(total) - sum(map(whole, parts))))
